"""Settings as text for other processes, and back: of a file that is no longer as it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

from service.config.model import Config
from service.config.provenance import Provenance
from service.config.showing import effective
from service.config.sourcing import ListedSource

if TYPE_CHECKING:
    from pathlib import Path

    from service.config.model import Server, Storage

_OF_A_PROCESS = ("storage", "server")  # settled when a process starts


class Start(Protocol):
    """What a process starts with and keeps."""

    @property
    def storage(self) -> Storage:
        """Where everything is kept."""

    @property
    def server(self) -> Server:
        """How pages and feeds are served."""


def kept(config: Config) -> str:
    """The settings as JSON, without those that a process starts with: they hold the password."""
    shown = effective(config)
    told = {name: it for name, it in shown.items() if name not in _OF_A_PROCESS}
    if config.listed:
        told["listed"] = [it.model_dump(mode="json", exclude_none=True) for it in config.listed]
    return json.dumps(told)


def begun_with(config: Config) -> str:
    """What counts from the start of the service, as JSON; passwords are hidden."""
    shown = effective(config)
    told = {name: shown[name] for name in _OF_A_PROCESS}
    return json.dumps(told | {"fetch": {"hosts_at_once": config.fetch.hosts_at_once}})


def revived(text: str, *, file: Path, digest: str, process: Start) -> Config:
    """What `kept` made of a file's settings, with those that this process started with.

    Raises:
        ValueError: Another release has kept them, and they mean nothing to this one.
    """
    told = json.loads(text)
    listed = tuple(map(ListedSource.model_validate, told.pop("listed", ())))
    config = Config.model_validate(told, context=Provenance(file, digest, listed))
    return config.model_copy(update={name: getattr(process, name) for name in _OF_A_PROCESS})
