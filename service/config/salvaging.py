"""What a process starts with, out of a file that cannot be used: enough to find the settings in force."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from pydantic import ValidationError

from service.config.model import Server, Storage
from service.config.provenance import Provenance

if TYPE_CHECKING:
    from pathlib import Path

    from service.config.table import Table

    AnyTable = TypeVar("AnyTable", bound=Table)

_HEADER = re.compile(r"^\s*\[", re.MULTILINE)
_STORAGE = re.compile(r"^\s*\[\s*storage\s*\]", re.MULTILINE)


class Salvaged(Struct, frozen=True):
    """The tables that a process starts with, of a file that has errors elsewhere."""

    file: Path  # absolute
    storage: Storage
    server: Server  # the defaults, if that table is what cannot be used


def salvaged(path: Path) -> Salvaged | None:
    """What can still be read of a file: None when it does not tell surely where the database is."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    file = path.absolute()
    raw = _tables(text)
    storage = None if raw is None else _table(Storage, raw.get("storage", {}), file)
    if raw is None or storage is None:
        return None
    return Salvaged(file, storage, _table(Server, raw.get("server", {}), file) or Server())


def _tables(text: str) -> dict[str, Any] | None:
    """The tables of the text; where it is not TOML, [storage] alone, which has to be there."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        begun = _STORAGE.search(text)
    if begun is None:
        return None
    end = _HEADER.search(text, begun.end())
    try:
        return tomllib.loads(text[begun.start() : end.start() if end else None])
    except (ValueError, RecursionError):
        return None


def _table(model: type[AnyTable], raw: Any, file: Path) -> AnyTable | None:
    try:
        return model.model_validate(raw, context=Provenance(file, ""))
    except ValidationError:
        return None
