"""feedwright doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service import config as configuration
from service.care.doctor import examine
from service.care.findings import Health
from service.cli import output

if TYPE_CHECKING:
    from pathlib import Path

_MARKS = {
    Health.GOOD: ("ok", "green"),
    Health.WARNING: ("warning", "yellow"),
    Health.BAD: ("bad", "red"),
}


@click.command(epilog="Example: feedwright doctor --deep --json")
@click.option("--deep", is_flag=True, help="Look at every page of an SQLite file: takes minutes.")
@output.as_json
@click.pass_obj
def doctor(file: Path | None, deep: bool, as_json: bool) -> None:
    """Check settings, machine, database and sources, and tell how to mend what is wrong.

    The exit code is 1 when something is bad.
    """
    findings = examine(configuration.find(file), deep=deep)
    if as_json:
        output.show(findings)
    else:
        for finding in findings:
            mark, color = _MARKS[finding.health]
            click.echo(f"{click.style(f'{mark:<8}', fg=color)} {finding.about}: {finding.told}")
            if finding.remedy:
                click.echo(f"{'':<8} -> {finding.remedy}")
    if any(finding.health is Health.BAD for finding in findings):
        raise SystemExit(1)
