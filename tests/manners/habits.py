"""How partners' servers behave: what they publish, what they say to a poller, and what they expect of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.fakes import Reply

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 11, 1, tzinfo=UTC)
_SHOWN = 5  # items in a document
ARCHIVES = 4  # documents behind the newest

Says = Callable[["Habit", int, datetime], Reply | None]


@dataclass(frozen=True)
class Habit:
    """One way of a server; times are what a polite reader keeps to."""

    name: str
    news: timedelta = 2 * DAY  # between two entries
    validators: Callable[[int, int], Mapping[str, str]] = lambda version, _asked: {
        "ETag": f'"v{version}"',
        "Last-Modified": f"on the day {version}, at noon",
    }
    headers: Mapping[str, str] = field(default_factory=dict)
    head: str = ""  # elements of the channel
    least: timedelta = HOUR  # between two polls
    skips: Callable[[datetime], bool] = lambda _at: False
    interval: timedelta = HOUR  # in config.toml
    agreed: bool = False
    says: Says = lambda _habit, _asked, _at: None  # instead of the feed, at the n-th request
    moves: tuple[int, str] | None = None  # status and target of the feed's address
    settles: bool = False  # the target is asked instead once that has held
    ends: bool = False  # after 401 or 410 nothing may be asked any more
    is_lost: bool = False  # what it publishes later cannot be had
    fails: bool = False  # in the end all polls fail, and grow rarer
    instance: bool = False  # knows A-IM
    archives: bool = False

    def version(self, at: datetime) -> int:
        """The number of its newest entry."""
        return int((at - START) / self.news) + _SHOWN

    def document(self, url: str, newest: int, oldest: int, archive: int | None = None) -> bytes:
        """An RSS document with these entries; `url` is what the addresses of the feed begin with."""
        slug = url.rpartition("/")[2]
        items = "".join(
            f"<item><guid>urn:{slug}:{n}</guid><title>{slug} {n}</title>"
            f"<link>{url}/{n}</link>"
            f"<pubDate>{format_datetime(START + (n - _SHOWN) * self.news)}</pubDate></item>"
            for n in range(newest, oldest - 1, -1)
        )
        link = ""
        if self.archives and (archive is None or archive > 1):
            number = ARCHIVES if archive is None else archive - 1
            link = f'<a:link rel="prev-archive" href="{url}/archive/{number}"/>'
        return (
            '<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom" '
            'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>'
            f"<title>{slug}</title><link>{url}/</link>{link}{self.head}{items}"
            "</channel></rss>"
        ).encode()


def _weak(version: int, _asked: int) -> dict[str, str]:
    return {"ETag": f'W/"v{version}; é"'}


def _bare(version: int, _asked: int) -> dict[str, str]:
    return {"ETag": f"unquoted {version}"}


def _dated(version: int, _asked: int) -> dict[str, str]:
    return {"Last-Modified": f"2026-11-{version:02} 00:00 somewhere"}


def _fresh(_version: int, asked: int) -> dict[str, str]:
    return {"ETag": f'"asked {asked}"'}


def _none(_version: int, _asked: int) -> dict[str, str]:
    return {}


def _skips(at: datetime) -> bool:
    return at.hour in (2, 3, 4) or at.weekday() == 6


def _gone(status: int, after: int) -> Says:
    return lambda _habit, asked, _at: Reply(status) if asked > after else None


def _sometimes(every: int, status: int, headers: Mapping[str, str] | None = None) -> Says:
    return lambda _habit, asked, _at: (
        Reply(status, headers or {}) if asked % every == every - 1 else None
    )


def _until(hours: int) -> Says:
    """503 with a date, for whoever asks in the hours from a day's noon on."""

    def says(_habit: Habit, _asked: int, at: datetime) -> Reply | None:
        noon = at.replace(hour=12, minute=0, second=0, microsecond=0)
        end = noon + timedelta(hours=hours)
        if not noon <= at < end:
            return None
        return Reply(503, {"Retry-After": format_datetime(end, usegmt=True)})

    return says


def _down(first: float, last: float) -> Says:
    """Nothing but errors from one day of the month to another."""
    return lambda _habit, _asked, at: Reply(500) if first * DAY <= at - START < last * DAY else None


SKIPPED = (
    "<skipHours><hour>2</hour><hour>3</hour><hour>4</hour></skipHours>"
    "<skipDays><day>Sunday</day></skipDays>"
)
SLOW = "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"

# What stands first is met most often: 200 sources take turns through this list.
HABITS = (
    Habit("plain"),
    Habit("weak", validators=_weak),
    Habit("bare", validators=_bare),
    Habit("dated", validators=_dated),
    Habit("fresh", validators=_fresh),
    Habit("unconditional", validators=_none, least=DAY),
    Habit("agreed", validators=_none, interval=4 * HOUR, agreed=True, least=4 * HOUR),
    Habit("max-age", headers={"Cache-Control": "public, max-age=28800"}, least=8 * HOUR),
    Habit("expires", headers={"Expires": "Sun, 01 Jan 2040 00:00:00 GMT"}, least=DAY),
    Habit("ttl", head="<ttl>600</ttl>", least=10 * HOUR),
    Habit("sy", head=SLOW, least=12 * HOUR),
    Habit("skips", head=SKIPPED, skips=_skips),
    Habit("too many", says=_sometimes(9, 429, {"Retry-After": "40000"})),
    Habit("too many, silent", says=_sometimes(9, 429)),
    Habit("maintained", says=_until(5), interval=3 * HOUR, least=3 * HOUR),
    Habit("down for days", says=_down(10, 13)),
    Habit("dead", says=_down(4, 99), fails=True, is_lost=True),
    Habit("nowhere", says=_down(0, 99), fails=True, is_lost=True),
    Habit("gone", says=_gone(410, 9), ends=True, is_lost=True),
    Habit("closed", says=_gone(401, 9), ends=True, is_lost=True),
    Habit("forbidden", says=_gone(403, 9), fails=True, is_lost=True),
    Habit("moved", moves=(301, "/new"), settles=True),
    Habit("moved again", moves=(308, "/new"), settles=True),
    Habit("lent", moves=(302, "/new")),
    Habit("sold", moves=(301, "http://sold.other")),
    Habit("partial", instance=True),
    Habit("archived", archives=True),
    Habit("rare", news=9 * DAY),
    Habit("busy", news=2 * HOUR, interval=2 * HOUR, least=2 * HOUR),
    Habit("lapsed", news=400 * DAY),
)
