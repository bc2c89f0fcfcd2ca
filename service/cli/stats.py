"""feedwright stats."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from service.cli import output, plot
from service.errors import NotFound, Refused
from service.store import audience

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from service.config import Config
    from service.runtime import Runtime
    from service.store.audience import Aggregator, Day

_FEEDS = "/feeds/"
_BARS = "▁▂▃▄▅▆▇█"
_BEYOND = "(others)"
_KIBI = 1024


class Reach(Struct, frozen=True):
    """A feed over some days: the latest day's numbers, and what was sent in all of them."""

    feed: str
    subscribers: int  # as told on the latest day on which any were
    readers: int  # of their own, on average of the days on which it was asked for
    requests: int
    unchanged: int  # of these, answered by 304
    bytes: int
    daily: tuple[int, ...]  # subscribers and readers of each day


@click.command(
    epilog="Examples: feedwright stats; feedwright stats theme/energy.atom --days 7;"
    " feedwright stats --plot readers.svg"
)
@click.argument("feed", required=False)
@click.option(
    "--days", default=30, show_default=True, type=click.IntRange(1, 3660), help="So many days."
)
@click.option(
    "--plot",
    "drawn",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw the days into this SVG file.",
)
@output.as_json
@click.pass_obj
def stats(
    file: Path | None, feed: str | None, days: int, drawn: Path | None, as_json: bool
) -> None:
    """Show who reads the feeds, or one FEED day by day.

    Subscribers are what aggregators tell; readers are those who ask for themselves, within about 3 %. FEED is
    an address such as theme/energy.atom. Days are of UTC; the last minute may not be counted yet.
    """
    with output.runtime(file, makes=False) as held:
        today = held.clock.now().date()
        since = today - timedelta(days=days - 1)
        path = _path(held.config, feed) if feed else None
        found, told = _looked_up(held, since, path)
        title = f"{held.config.site.title}: {path or 'all feeds'}"
    span = [since + timedelta(days=number) for number in range(days)]
    if drawn is not None:
        _write(drawn, plot.drawn(title, span, *_series(found, span)))
        click.echo(f"drawn: {drawn}", err=True)
    elif path is None:
        _show(_reaches(found, span), as_json)
    elif as_json:
        output.show({"feed": path, "days": [_day(it) for it in found], "aggregators": told})
    else:
        _show_days(found, told)


def _path(config: Config, feed: str) -> str:
    """The address of a feed on the site, out of what people write for it."""
    path = feed.removeprefix(config.site.public_url).removeprefix("/").removeprefix("feeds/")
    return f"{_FEEDS}{path}"


def _looked_up(held: Runtime, since: date, path: str | None) -> tuple[list[Day], list[Aggregator]]:
    with held.store.reading() as tx:
        found = audience.days(tx, since, path)
        told = audience.aggregators(tx, since, path) if path else []
    if path and not found:
        raise NotFound(
            f"nobody asked for {path} since {since}; `feedwright stats` lists what was asked for"
        )
    return found, told


def _series(found: Iterable[Day], span: Sequence[date]) -> tuple[list[int], list[int]]:
    """Subscribers and readers of each day, of all these feeds."""
    subscribers, readers = dict.fromkeys(span, 0), dict.fromkeys(span, 0)
    for it in found:
        if it.day in subscribers:
            subscribers[it.day] += it.subscribers
            readers[it.day] += it.readers
    return list(subscribers.values()), list(readers.values())


def _reaches(found: Sequence[Day], span: Sequence[date]) -> list[Reach]:
    by_feed: dict[str, list[Day]] = {}
    for it in found:
        by_feed.setdefault(it.feed, []).append(it)
    reaches = [_reach(feed, days, span) for feed, days in by_feed.items()]
    return sorted(reaches, key=lambda it: (-it.subscribers - it.readers, it.feed))


def _reach(feed: str, days: Sequence[Day], span: Sequence[date]) -> Reach:
    told = [it.subscribers for it in days if it.subscribers]
    subscribers, readers = _series(days, span)
    return Reach(
        feed=feed or _BEYOND,
        subscribers=told[-1] if told else 0,
        readers=round(sum(it.readers for it in days) / len(days)),
        requests=sum(it.requests for it in days),
        unchanged=sum(it.unchanged for it in days),
        bytes=sum(it.bytes for it in days),
        daily=tuple(map(sum, zip(subscribers, readers, strict=True))),
    )


def _show(reaches: Sequence[Reach], as_json: bool) -> None:
    if as_json:
        output.show({"feeds": reaches})
        return
    if not reaches:
        click.echo("nobody has asked for a feed in these days")
        return
    output.table(
        ("feed", "subscribers", "readers a day", "requests", "unchanged", "sent", "day by day (UTC)"),
        [
            (it.feed, _number(it.subscribers), _number(it.readers), _number(it.requests),
             _share(it.unchanged, it.requests), _size(it.bytes), sparkline(it.daily))
            for it in reaches
        ],
    )  # fmt: skip


def _show_days(found: Sequence[Day], told: Sequence[Aggregator]) -> None:
    most = max(it.subscribers + it.readers for it in found)
    output.table(
        ("day (UTC)", "subscribers", "readers", "requests", "unchanged", "sent", ""),
        [
            (it.day, _number(it.subscribers), _number(it.readers), _number(it.requests),
             _share(it.unchanged, it.requests), _size(it.bytes), bar(it.subscribers + it.readers, most))
            for it in found
        ],
    )  # fmt: skip
    if told:
        click.echo()
        output.table(
            ("aggregator", "subscribers", "told last (UTC)"),
            [(it.name, _number(it.subscribers), it.day) for it in told],
        )


def _day(it: Day) -> dict[str, object]:
    return {
        "day": it.day.isoformat(),
        "subscribers": it.subscribers,
        "readers": it.readers,
        "requests": it.requests,
        "unchanged": it.unchanged,
        "bytes": it.bytes,
    }


def sparkline(numbers: Sequence[int]) -> str:
    """The numbers as a row of bars, the highest of full height; a space for none."""
    most = max(numbers, default=0)
    return "".join(_BARS[-(-it * len(_BARS) // most) - 1] if it else " " for it in numbers).rstrip()


def bar(number: int, most: int, *, width: int = 24) -> str:
    """The number as a bar beside others, of which the highest has that width."""
    return "█" * -(-number * width // most) if most else ""


def _number(number: int) -> str:
    return f"{number:,}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else ""


def _size(size: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < _KIBI:
            return f"{size:,.0f} {unit}" if unit == "B" else f"{size:,.1f} {unit}"
        size /= _KIBI
    return f"{size:,.1f} TiB"


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"cannot write {file} ({error.strerror}); name another file") from error
