"""Commands that are loaded when they are called: a start of all of them takes most of a second."""

from __future__ import annotations

from importlib import import_module

import click

from service import processes


class Later(click.Command):
    """What is known of a command before it is loaded: its name, where it stands, and what it does."""

    def __init__(self, name: str, place: str, summary: str) -> None:
        """`place` is "module:function" in service.cli, `summary` the first sentence of the command's help."""
        super().__init__(name, short_help=summary)
        self._place = place

    def loaded(self) -> click.Command:
        """The command itself."""
        module, _, function = self._place.partition(":")
        with processes.loading():
            command: click.Command = getattr(import_module(f"service.cli.{module}"), function)
        return command


class Group(click.Group):
    """A group that loads those of its commands that are to come later when they are called."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The name of the command that is called, the command, and what it is called with."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.loaded() if isinstance(command, Later) else command, rest
