"""What all tables of config.toml have in common."""

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table of the file: unknown keys are errors, nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
