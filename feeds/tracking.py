"""What follows readers around: parameters of links, and pictures that are there to be counted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

PARAMETER = re.compile(
    r"(?:utm_[^=]*|mtm_[^=]*|pk_[^=]*|fbclid|gclid|gbraid|wbraid|dclid|msclkid|twclid|yclid|igshid"
    r"|mc_cid|mc_eid|_hsenc|_hsmi|mkt_tok|at_medium|at_campaign)(?:=.*)?",
    re.IGNORECASE,
)  # of a query, with its value
NO_SIZE = frozenset({"0", "0px", "1", "1px"})  # of a picture that nobody sees
_HOSTS = """ad.doubleclick.net b.scorecardresearch.com bat.bing.com counter.theconversation.com
    feedads.g.doubleclick.net feedsportal.com google-analytics.com pixel.propublica.org pixel.quantserve.com
    pixel.wp.com px.ads.linkedin.com rss.buysellads.com sb.scorecardresearch.com stats.g.doubleclick.net
    stats.wordpress.com tracking.feedpress.it"""
_BEACONS = frozenset(_HOSTS.split())  # and what is below them
_PLACES = re.compile(r"https?://(?:www\.facebook\.com/tr\b|feeds\.feedburner\.com/~r/)")
_HIDDEN = re.compile(
    r"(?:^|;)\s*(?:display:\s*none|visibility:\s*hidden|(?:width|height):\s*[01]px)", re.IGNORECASE
)
_PICTURE = re.compile(r"<img\b([^>]*)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'\s([a-z]+)="([^"]*)"')


def untracked(url: str) -> str:
    """The URL without the parameters that tell who sent the reader; all else stays as it is written."""
    address, mark, rest = url.partition("?")
    if not mark:
        return url
    query, hash_, fragment = rest.partition("#")
    given = query.split("&")
    kept = [it for it in given if not PARAMETER.fullmatch(it)]
    if len(kept) == len(given):
        return url
    return address + ("?" + "&".join(kept) if kept else "") + hash_ + fragment


def is_beacon(attributes: Mapping[str, str], url: str | None, spared: Collection[str] = ()) -> bool:
    """Whether a picture at that URL is there to count who sees it; never one of the hosts `spared`."""
    host = _host(url)
    if host in spared:
        return False
    unseen = {attributes.get("width"), attributes.get("height")} <= NO_SIZE
    hidden = _HIDDEN.search(attributes.get("style", "")) is not None
    return unseen or hidden or _is_known(host) or bool(url and _PLACES.match(url))


def may_have_beacons(html: str) -> bool:
    """Whether tidy HTML has a picture that looks like one."""
    return any(
        is_beacon(given, given.get("src"))
        for it in _PICTURE.findall(html)
        if (given := dict(_ATTRIBUTE.findall(it)))
    )


def _is_known(host: str) -> bool:
    while host:
        if host in _BEACONS:
            return True
        host = host.partition(".")[2]
    return False


def _host(url: str | None) -> str:
    try:
        return urlsplit(url or "").hostname or ""
    except ValueError:
        return ""
