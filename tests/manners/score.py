"""The reader score: a server that knows every rule of polite polling and writes down each that is broken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from tests.fakes import Reply, Request
from tests.manners.habits import ARCHIVES, START, Habit

GAP = timedelta(seconds=1)
_FORBIDDEN = ("Cookie", "Referer", "Authorization", "From")
_LEEWAY = timedelta(seconds=1)
_QUIET = timedelta(hours=4)  # after a 429 that does not say how long
_OF_ARCHIVE = 5  # entries
_HELD = timedelta(days=7)
_SIGHTINGS = 20

Blame = Callable[[bool, str], None]


@dataclass
class Site:
    """One feed as its server sees it."""

    slug: str
    host: str
    habit: Habit
    told: dict[str, dict[str, str]] = field(default_factory=dict)  # the latest validators, by path
    asked: Counter[str] = field(default_factory=Counter)  # by path
    versions: dict[str, int] = field(default_factory=dict)  # the latest shown, by path
    polls: list[datetime] = field(default_factory=list)
    not_before: datetime = START
    why: str = ""
    ended: bool = False

    @property
    def url(self) -> str:
        """What its addresses begin with."""
        return f"http://{self.host}/{self.slug}"


class ScoreServer:
    """All partners' servers in one: `violations` tells the broken rules, `statuses` what was answered."""

    def __init__(self, now: Callable[[], datetime], shared: frozenset[str]) -> None:
        self.sites: dict[str, Site] = {}
        self.violations: list[str] = []
        self.statuses: Counter[int] = Counter()
        self._now = now
        self._shared = shared
        self._last: dict[str, datetime] = {}  # request, by host
        self._paused: dict[str, datetime] = defaultdict(lambda: START)

    def answer(self, host: str, request: Request) -> Reply:
        """Judge the request, then say what the site's habit is."""
        now = self._now()
        path, _, query = request.path.partition("?")
        _, slug, kind = path.split("/", 2)
        site = self.sites[slug]
        blame = self._blame(site, now)
        blame(query != "", "a query was added")
        self._judge_headers(site, kind, request, blame)
        is_hop = kind == "new" and site.polls[-1:] == [now] and self._last.get(site.host) == now
        if kind.startswith("archive"):
            blame(site.asked[kind] > 0, "an archive asked for twice")
        elif not is_hop:
            self._judge_time(site, kind, now, blame)
            site.polls.append(now)
        if not is_hop:
            since = self._last.get(host)
            blame(since is not None and now - since < GAP, "no gap between requests to the host")
        reply = self._reply(site, kind, request, now)
        self._remember(site, host, kind, reply, now)
        self.statuses[reply.status] += 1
        return reply

    def _blame(self, site: Site, now: datetime) -> Blame:
        def blame(is_broken: bool, rule: str) -> None:
            if is_broken:
                self.violations.append(f"{site.slug}, {now:%d %H:%M:%S}: {rule}")

        return blame

    def _judge_headers(self, site: Site, kind: str, request: Request, blame: Blame) -> None:
        headers = request.headers
        blame(any(name in headers for name in _FORBIDDEN), "more was told than is asked for")
        agent = headers.get("User-Agent", "")
        blame(not agent.startswith("feedwright/") or "(+http" not in agent, "no name, no contact")
        blame("application/rss+xml" not in headers.get("Accept", ""), "no feed types in Accept")
        blame("gzip" not in headers.get("Accept-Encoding", ""), "no gzip")
        told = site.told.get(kind, {})
        sent = {"ETag": headers["If-None-Match"], "Last-Modified": headers["If-Modified-Since"]}
        expected = {name: told.get(name) for name in sent}
        blame(sent != expected, f"validators {sent} instead of {expected}")
        blame(("A-IM" in headers) != bool(sent["ETag"]), "A-IM and an ETag go together")

    def _judge_time(self, site: Site, kind: str, now: datetime, blame: Blame) -> None:
        blame(site.ended, "asked after the feed had ended")
        blame(now < self._paused[site.host], "asked while the host was to be left alone")
        blame(now + _LEEWAY < site.not_before, f"too early: {site.why} until {site.not_before}")
        blame(bool(site.polls) and site.habit.skips(now), "in an hour that the feed skips")
        held = bool(site.polls) and site.polls[-1] - site.polls[0] >= _HELD
        settled = site.habit.settles and held and site.asked["feed"] >= _SIGHTINGS
        blame(kind == "feed" and settled, "the old address of a feed that has moved")
        blame(kind == "new" and not settled, "a new address that has not held yet")

    def _reply(self, site: Site, kind: str, request: Request, now: datetime) -> Reply:
        habit, told = site.habit, site.told.get(kind, {})
        if kind.startswith("archive/"):
            return self._archived(site, int(kind.rpartition("/")[2]))
        if habit.moves and kind == "feed":
            status, to = habit.moves
            target = f"{to}/{site.slug}/new" if ":" in to else f"/{site.slug}{to}"
            return Reply(status, {"Location": target})
        if trouble := habit.says(habit, site.asked[kind], now):
            return trouble
        version = habit.version(now)
        headers = {**habit.headers, **habit.validators(version, site.asked[kind])}
        if told and site.versions.get(kind) == version:
            return Reply(304, headers)
        known = site.versions.get(kind)
        site.versions[kind] = version
        if habit.instance and known and "A-IM" in request.headers:
            return Reply(
                226, {**headers, "IM": "feed"}, habit.document(site.url, version, known + 1)
            )
        return Reply(200, headers, habit.document(site.url, version, version - 4))

    def _archived(self, site: Site, number: int) -> Reply:
        newest = -_OF_ARCHIVE * (ARCHIVES - number)
        oldest = newest - _OF_ARCHIVE + 1
        return Reply(200, {}, site.habit.document(site.url, newest, oldest, number))

    def _remember(self, site: Site, host: str, kind: str, reply: Reply, now: datetime) -> None:
        site.asked[kind] += 1
        self._last[host] = now
        if kind.startswith("archive"):
            return
        if reply.status in (200, 226, 304):
            names = ("ETag", "Last-Modified")
            site.told[kind] = {name: reply.headers[name] for name in names if name in reply.headers}
        site.not_before, site.why = now + site.habit.least, f"every {site.habit.least}"
        if retry := reply.headers.get("Retry-After"):
            is_date = not retry.isdecimal()
            until = parsedate_to_datetime(retry) if is_date else now + timedelta(seconds=int(retry))
            site.not_before, site.why = max(until, site.not_before), "Retry-After"
        elif reply.status == 429:
            site.not_before, site.why = now + _QUIET, "429"
        if reply.status == 429 and host not in self._shared:
            self._paused[host] = site.not_before
        site.ended = site.habit.ends and reply.status in (401, 410)
