"""Where a configuration was read; the models are handed it as pydantic's context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from pathlib import Path

    from service.config.sourcing import ListedSource


class Provenance(Struct, frozen=True):
    """A file as it was read, and what lists have brought that it names."""

    file: Path  # absolute
    digest: str  # SHA-256 of its bytes, in hexadecimal; a "+" and more where lists have brought something
    listed: tuple[ListedSource, ...] = ()
