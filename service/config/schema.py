"""The JSON Schema of config.toml (draft 2020-12), with which editors complete and check it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from pydantic.json_schema import GenerateJsonSchema

from service.config.describing import describe
from service.config.durations import duration_text
from service.config.model import Config
from service.config.table import Table

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core.core_schema import NullableSchema, WithDefaultSchema


def schema() -> dict[str, Any]:
    """The JSON Schema of the whole file, with descriptions and defaults."""
    describe()
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **Config.model_json_schema(schema_generator=_TomlSchema),
        "title": "feedwright's config.toml",
    }


class _TomlSchema(GenerateJsonSchema):
    """TOML has no null, and values stand as they are written in the file."""

    def nullable_schema(self, schema: NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default") is None or isinstance(schema["default"], Table):
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, timedelta):
            return duration_text(dft)
        return dft.get_secret_value() if isinstance(dft, SecretStr) else super().encode_default(dft)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False  # a title says what kind of value it is
