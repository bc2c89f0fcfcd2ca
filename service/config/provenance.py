"""Where a configuration was read; the models are handed it as pydantic's context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Provenance:
    """A file as it was read."""

    file: Path  # absolute
    digest: str  # SHA-256 of its bytes, in hexadecimal
