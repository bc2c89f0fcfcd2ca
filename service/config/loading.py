"""From a file to a Config, or to everything that is wrong with it at once."""

from __future__ import annotations

import os
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from pydantic import ValidationError

from service.config.crosschecks import crosschecks
from service.config.explaining import explained
from service.config.lines import key_lines, line_of
from service.config.model import Config
from service.config.provenance import Provenance
from service.config.syntax import syntax_fault
from service.config.wording import dotted
from service.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.config.lines import Key

ENVIRONMENT = "FEEDWRIGHT_CONFIG"
NAME = "config.toml"


class Problem(Struct, frozen=True):
    """One thing to mend in a config file."""

    file: Path
    line: int  # the first is 1; 0 when it concerns the whole file
    key: str  # "sources[1].interval"; empty when it concerns no key
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return ": ".join(filter(None, (place, self.key, self.message)))


def find(explicit: Path | None = None) -> Path:
    """The config file to use: the one named, else by environment, else here, else in the user's folder.

    Raises:
        ConfigError: There is none, or a folder in its place; names the places looked in.
    """
    places = list(_places(explicit))
    for place in places:
        if place.is_file():
            return place
        if place.is_dir():
            raise ConfigError(f"{place} is a folder; name the file in it: {place / NAME}")
    looked = ", ".join(map(str, places))
    raise ConfigError(f"no config file at {looked}; make one with: feedwright init FOLDER")


def _places(explicit: Path | None) -> Iterator[Path]:
    if named := explicit or os.environ.get(ENVIRONMENT):
        yield Path(named)
        return
    yield Path(NAME)
    home = os.environ.get("HOME")
    if folder := os.environ.get("XDG_CONFIG_HOME") or (home and f"{home}/.config"):
        yield Path(folder, "feedwright", NAME)


def load(path: Path) -> Config:
    """Read and check a config file.

    Raises:
        ConfigError: It cannot be used; its text lists every problem, one a line.
    """
    return _config_or_error(_examine_file(path))


def parse(text: str, file: Path = Path(NAME)) -> Config:
    """Read and check the text of a config file as if it stood in `file`.

    Raises:
        ConfigError: It cannot be used; its text lists every problem, one a line.
    """
    return _config_or_error(_examine(text.encode(errors="surrogatepass"), file))


def check(path: Path) -> list[Problem]:
    """Every problem of a config file in the order of its lines; none when it can be used."""
    outcome = _examine_file(path)
    return [] if isinstance(outcome, Config) else outcome


def _config_or_error(outcome: Config | list[Problem]) -> Config:
    if isinstance(outcome, Config):
        return outcome
    raise ConfigError("\n".join(map(str, outcome)))


def _examine_file(path: Path) -> Config | list[Problem]:
    try:
        data = path.read_bytes()
    except OSError as error:
        return [Problem(path, 0, "", f"cannot be read: {error.strerror}")]
    return _examine(data, path)


def _examine(data: bytes, file: Path) -> Config | list[Problem]:
    try:
        text = data.decode("utf-8-sig")
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        line, message = syntax_fault(error, data)
        return [Problem(file, line, "", message)]
    provenance = Provenance(file.absolute(), sha256(data).hexdigest())
    faults = list(crosschecks(raw, provenance.file.parent))
    try:
        config = Config.model_validate(raw, context=provenance)
    except ValidationError as error:
        faults += explained(error)
    else:
        if not faults:
            return config
    return _located(faults, text, file)


def _located(faults: list[tuple[Key, str]], text: str, file: Path) -> list[Problem]:
    lines = key_lines(text)
    problems = [Problem(file, line_of(key, lines), dotted(key), words) for key, words in faults]
    return sorted(problems, key=lambda problem: problem.line)
