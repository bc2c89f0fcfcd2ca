"""Values as rows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

if TYPE_CHECKING:
    from msgspec import Struct


def flat(it: Struct) -> dict[str, Any]:
    """The fields by their names, and so those of structs in it; moments stay, members of enums are values."""
    found: dict[str, Any] = to_builtins(it, builtin_types=(datetime,))
    return found
