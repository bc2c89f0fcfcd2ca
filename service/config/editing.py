"""Changes that commands make in config.toml: checked before they are written, and written whole or not.

They are made in the text, so that comments and order stay, and compared with what they are to mean: tomlkit
moves keys and tables where [[sources]] does not stand in one piece.
"""

from __future__ import annotations

import fcntl
import os
import re
import tempfile
import tomllib
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit

from service.config.lines import key_lines
from service.config.loading import parse
from service.errors import NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from service.config.model import Config

_PAUSED = re.compile(r"(\s*paused\s*=\s*)(?:true|false)\b")
_TEXT = "utf-8"
_MARK = b"\xef\xbb\xbf"  # that some editors put before UTF-8


def edit(file: Path, change: Callable[[str], str]) -> Config:
    """Change a config file, if it can be used afterwards. Of several that do so at once, each waits.

    Raises:
        ConfigError: It could not be used afterwards; nothing was written.
        Refused: It cannot be written, or was changed by others meanwhile.
    """
    path = file.resolve()
    try:
        with _alone(path.parent):
            before = path.read_bytes()
            mark = _MARK if before.startswith(_MARK) else b""
            after = change(before.removeprefix(_MARK).decode(_TEXT))
            config = parse(after, file)
            data = mark + after.encode(_TEXT)
            if data != before:
                _replace(path, before, data)
    except OSError as error:
        raise Refused(f"{file} cannot be changed: {error.strerror}") from error
    return config


def source_toml(tables: Sequence[Mapping[str, Any]]) -> str:
    """Sources as they stand in config.toml."""
    return "\n".join(tomlkit.dumps({"sources": [dict(it)]}) for it in tables)


def with_sources(text: str, tables: Sequence[Mapping[str, Any]]) -> str:
    """The text of a config file with these sources at its end.

    Raises:
        Refused: Its sources are written in a way that takes no more at the end of the file.
    """
    if not tables:
        return text
    line = "\r\n" if "\r\n" in text else "\n"
    added = source_toml(tables).replace("\n", line)
    changed = f"{text.rstrip()}{line}{line}{added}"
    wanted = tomllib.loads(text)
    wanted["sources"] = [*wanted.get("sources", ()), *map(dict, tables)]
    _require(changed, wanted, "the sources stand in a list; write each as a table [[sources]]")
    return changed


def with_pause(text: str, slug: str, paused: bool) -> str:
    """The text of a config file in which a source is paused, or not.

    Raises:
        NotFound: It has no such source.
        Refused: The source is written in a way that no line can be added to.
    """
    wanted = tomllib.loads(text)
    named = [n for n, it in enumerate(wanted.get("sources", ())) if it.get("slug") == slug]
    if not named:
        remedy = (
            "one that a list has brought needs a table [[sources]] first, with its slug and url"
        )
        raise NotFound(f"config.toml names no source {slug!r}; {remedy}")
    table = wanted["sources"][named[0]]
    if table.get("paused", False) == paused:
        return text
    known, lines = key_lines(text), text.splitlines(keepends=True)
    at = ("sources", named[0])
    said = "true" if paused else "false"
    if "paused" in table:
        number = known[*at, "paused"] - 1
        lines[number] = _PAUSED.sub(rf"\g<1>{said}", lines[number])
    else:
        number = known[*at, "slug"]
        indent = re.match(r"\s*", lines[number - 1])
        end = "\r\n" if lines[number - 1].endswith("\r\n") else "\n"
        lines.insert(number, f"{indent[0] if indent else ''}paused = {said}{end}")
    table["paused"] = paused
    changed = "".join(lines)
    _require(changed, wanted, f"write paused = {said} in the table of source {slug!r}")
    return changed


def _require(text: str, wanted: dict[str, Any], remedy: str) -> None:
    """Whether a text means that, and nothing else."""
    with suppress(tomllib.TOMLDecodeError):
        if tomllib.loads(text) == wanted:
            return
    raise Refused(f"config.toml cannot be changed by a command as it is written; {remedy}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
        os.fsync(handle)
    finally:
        os.close(handle)


def _replace(path: Path, before: bytes, data: bytes) -> None:
    """Put a file in the place of another, with its owner and mode, once it is on the disk."""
    stands = path.stat()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(data)
            written.flush()
            os.fchmod(written.fileno(), stands.st_mode & 0o7777)
            if os.geteuid() == 0:
                os.fchown(written.fileno(), stands.st_uid, stands.st_gid)
            os.fsync(written.fileno())
        if path.read_bytes() != before:
            raise Refused(f"{path} was changed meanwhile; nothing was written, try again")
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
