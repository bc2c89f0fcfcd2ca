"""Pictures that the newsroom keeps: files named after their own bytes, written once and never changed."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

import imagesize
from msgspec import Struct

from service import addresses
from service.errors import Refused
from service.store import partial

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 20_000_000  # bytes

_NAME = re.compile(r"([0-9a-f]{64})\.([a-z]{3,4})")
_TURNED = range(5, 9)  # of Exif's orientations: width and height change places


class Kind(NamedTuple):
    """A kind of picture that browsers show, and that can hold no script."""

    beginning: re.Pattern[bytes]  # of its bytes
    extension: str
    type: str


_KINDS = (
    Kind(re.compile(rb"\xff\xd8\xff"), "jpg", "image/jpeg"),
    Kind(re.compile(rb"\x89PNG\r\n\x1a\n"), "png", "image/png"),
    Kind(re.compile(rb"GIF8[79]a"), "gif", "image/gif"),
    Kind(re.compile(rb"RIFF....WEBP", re.DOTALL), "webp", "image/webp"),
    Kind(re.compile(rb"....ftypavi[fs]", re.DOTALL), "avif", "image/avif"),
)
_BY_EXTENSION = {kind.extension: kind for kind in _KINDS}


class Picture(Struct, frozen=True):
    """A picture that is kept."""

    digest: str  # SHA-256 of its bytes, in hexadecimal
    kind: Kind
    length: int  # bytes
    width: int | None = None  # pixels, as it is shown
    height: int | None = None

    @property
    def name(self) -> str:
        """The name of its file and the end of its address."""
        return f"{self.digest}.{self.kind.extension}"

    @property
    def address(self) -> str:
        """Its address as stored texts hold it (addresses.OWN)."""
        return f"{addresses.OWN}media/{self.name}"


def keep(folder: Path, data: bytes) -> Picture:
    """Have the disk hold the picture when this returns; one that is there already is left alone.

    Raises:
        Refused: It is no picture, is too large, or cannot be written.
    """
    picture = _examined(data)
    file = place(folder, picture.name)
    if file.is_file() and file.stat().st_size == picture.length:
        with suppress(OSError):  # of another owner
            os.utime(file)  # so that it is not taken for one that nobody needs
    else:
        _write(file, data)
    return picture


def is_name(name: str) -> bool:
    """Whether a file of that name is a picture that is kept."""
    found = _NAME.fullmatch(name)
    return found is not None and found[2] in _BY_EXTENSION


def _examined(data: bytes) -> Picture:
    """Go by the bytes: what a name says proves nothing."""
    if len(data) > LARGEST:
        raise Refused(f"is over {LARGEST:,} bytes; make it smaller")
    kind = next((it for it in _KINDS if it.beginning.match(data)), None)
    if kind is None:
        raise Refused("is no JPEG, PNG, GIF, WebP or AVIF picture; save it as one of these")
    return Picture(hashlib.sha256(data).hexdigest(), kind, len(data), *_size(data))


def _size(data: bytes) -> tuple[int | None, int | None]:
    """Width and height as a browser shows it, where its head tells them."""
    try:
        found = imagesize.get_info(BytesIO(data))
    except Exception as error:  # there is no end of what damaged files make it raise
        raise Refused(f"is damaged ({error}); save it anew") from error
    if min(found.width, found.height) <= 0:
        return None, None
    size = found.width, found.height
    return size[::-1] if found.rotation in _TURNED else size


def place(folder: Path, name: str) -> Path:
    """Where the file of that name lies: they are spread over 256 folders."""
    return folder / name[:2] / name


def _write(file: Path, data: bytes) -> None:
    try:
        for folder in (file.parent.parent, file.parent):
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                partial.sync(folder.parent)
        with partial.whole(file, replace=True) as path, path.open("wb") as written:
            written.write(data)
            written.flush()
            os.fsync(written.fileno())
    except OSError as error:
        raise Refused(f"cannot be kept in {file.parent}: {error.strerror}") from error


def find(folder: Path, name: str) -> tuple[Path, Picture] | None:
    """The file and the picture of that name, if there is one."""
    found = _NAME.fullmatch(name)
    kind = _BY_EXTENSION.get(found[2]) if found else None
    file = place(folder, name)
    if found is None or kind is None or not file.is_file():
        return None
    return file, Picture(found[1], kind, file.stat().st_size)
