"""The pictures that lie beside an article's file: each is kept, and its reference leads to our copy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from msgspec import Struct, field

from service import pictures
from service.config import media_folder
from service.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from service.config import Config
    from service.pictures import Picture

_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|[/#?]|\Z", re.IGNORECASE)


class Album(Struct, frozen=True):
    """Takes pictures along; what cannot be taken is noted, to be told with the other problems."""

    kept_in: Path  # [storage] media
    root: Path  # no picture is taken from outside of it
    beside: Path  # the folder that relative references start from
    problems: list[str] = field(default_factory=list)

    def take(self, reference: str, *, needed: bool = True) -> Picture | None:
        """Keep the picture that a relative reference leads to. None where it leads elsewhere.

        What is not there is a problem only if it is `needed`.
        """
        if _ELSEWHERE.match(reference):
            return None
        try:
            file = self._file(reference)
            if file is None and not needed:
                return None
            return pictures.keep(self.kept_in, _read(file))
        except (
            OSError,
            ValueError,
            RuntimeError,
        ) as error:  # of resolve(): a link to itself, a null
            self.problems.append(f"picture {reference}: cannot be read: {error}")
        except Refused as error:
            self.problems.append(f"picture {reference}: {error}")
        return None

    def _file(self, reference: str) -> Path | None:
        """The file, by its true path; None when there is none."""
        path = (self.beside / unquote(urlsplit(reference).path)).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise Refused(
                f"lies outside of {self.root.name or self.root}; put it beside the article"
            )
        return path if path.is_file() else None


def _read(file: Path | None) -> bytes:
    if file is None:
        raise Refused("there is no such file; put it there, or correct the reference")
    with file.open("rb") as opened:
        return opened.read(pictures.LARGEST + 1)


def album_of(config: Config, file: Path, root: Path | None = None) -> Album:
    """The pictures beside an article's file, from the folder `root`, or else its own."""
    return Album(media_folder(config), root or file.parent, file.parent)
