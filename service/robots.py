"""robots.txt (RFC 9309), asked before pages are fetched; feeds are fetched as was agreed with the partner."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from msgspec import Struct
from protego import Protego

from service.errors import AddressRefused, FetchError

if TYPE_CHECKING:
    from service.clock import Clock
    from service.fetch import Fetcher

AGENT = "feedwright"  # what rules call us
_BYTES = 500 * 1024  # of a file that are heeded (section 2.5)
_SITES = 500  # whose rules are kept
_KEPT = 24 * 3600.0  # seconds for which rules hold (section 2.4)
_TROUBLE = 3600.0  # seconds until a site that could not tell its rules is asked again
_ALL, _NOTHING = "", f"User-agent: {AGENT}\nDisallow: /"


class _Rules(Struct, frozen=True):
    text: Protego
    until: float  # monotonic seconds


class Robots:
    """The rules of sites, each looked up once a day at most."""

    def __init__(self, fetcher: Fetcher, clock: Clock) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Rules] = OrderedDict()

    def allow(self, url: str) -> bool:
        """Whether a page may be fetched: not while its site cannot tell its rules (section 2.3.1.4).

        Raises:
            AddressRefused: The guard does not dial the site.
        """
        site = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        with self._lock:
            kept = self._kept.get(site)
        if kept is None or kept.until <= self._clock.monotonic():
            kept = self._looked_up(site)
        return bool(kept.text.can_fetch(url, AGENT))

    def _looked_up(self, site: str) -> _Rules:
        text, seconds = self._ask(site)
        rules = _Rules(Protego.parse(text), self._clock.monotonic() + seconds)
        with self._lock:
            self._kept[site] = rules
            self._kept.move_to_end(site)
            while len(self._kept) > _SITES:
                self._kept.popitem(last=False)
        return rules

    def _ask(self, site: str) -> tuple[str, float]:
        """The site's rules and for how many seconds they hold."""
        try:
            answer = self._fetcher.get(urljoin(site, "/robots.txt"))
        except AddressRefused:
            raise
        except FetchError:
            return _NOTHING, _TROUBLE
        if answer.status // 100 == 2:
            return answer.body[:_BYTES].decode("utf-8", "replace"), _KEPT
        return (_ALL, _KEPT) if answer.status // 100 == 4 else (_NOTHING, _TROUBLE)
