"""The settings in force, for people and programs to see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from service.config.database import without_secrets
from service.config.model import database_url

if TYPE_CHECKING:
    from service.config.model import Config


def effective(config: Config) -> dict[str, Any]:
    """Every setting as plain data: defaults filled in, paths absolute, passwords hidden."""
    shown = config.model_dump(mode="json", exclude_none=True)
    shown["storage"]["database"] = without_secrets(database_url(config))
    return shown


def effective_toml(config: Config) -> str:
    """The same as TOML; it can be loaded again, but for the passwords."""
    import tomlkit  # which a start does not need

    return tomlkit.dumps(effective(config))
