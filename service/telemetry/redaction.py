"""Taking secrets out of what is told: by the place they stand in, and by what they are.

By place: user names and passwords in URLs, what follows /partner/ in a path, headers that identify, and
values under a name that smells of a secret (`token=...`, `"api_key": "..."`, libpq's `password='...'`). By
what they are: tokens of partners, and those that conceal() was told.
"""

from __future__ import annotations

import json
import re
import string
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

HIDDEN = "***"
MOST_TEXT = 65_536  # characters looked through; what comes after them is cut off
_DEEPEST = 8  # levels of nesting
_MOST_ITEMS = 200  # of a list or table
_SHORTEST = 4  # a secret of fewer characters would be found in every other word

_WORDS = frozenset(
    [
        "token",
        "key",
        "secret",
        "password",
        "passwd",
        "passphrase",
        "pass",
        "pwd",
        "auth",
        "authorization",
        "authentication",
        "signature",
        "sig",
        "session",
        "sessionid",
        "sid",
        "cookie",
        "credential",
        "credentials",
        "bearer",
        "jwt",
        "otp",
        "csrf",
        "pin",
    ]
)
_ENDS = ("token", "secret", "password", "passwd", "apikey", "signature", "sessionid")
_HUMPS = re.compile("(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_RUN = re.compile(r"[^\s\"'<>]+")  # what an address, with all that belongs to it, lies within
# After "//", or "\/\/" as JSON may have it: what ends before a path begins, else a password with / ? #
_USERINFO = re.compile(r"(?:(?<=//)|(?<=/\\/))(?:[^/?#]*@|[^/?#@:]*:.*@)")
_HEADER = re.compile(
    r"(?i)((?:proxy-)?authorization|set-cookie2?|cookie)([\"']?\s{0,3}[:=]\s{0,3}[\"']?)[^\r\n\"']+"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)(\s+)[A-Za-z0-9._~+/-]{16,}=*")
_PARTNER = re.compile(r"(/partner(?:/|%2[Ff])+)[^\s\"'<>/?#]+")  # the secret of a partner's feed
_TOKEN = re.compile(r"\bfwp_[A-Za-z0-9_-]{16,}")  # the same, wherever it stands
_MARK = re.compile(r"[\"']?\s{0,3}(?:[=:]|%3[AaDd])\s{0,3}")
_NAME = string.ascii_letters + string.digits + "_.-[]%"
_LONGEST_NAME = 64
_BEFORE_NAME = re.compile("[?&/;:#]")
_VALUE = re.compile(
    r"\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|(?:(?!%26)[^\s&;,\"'<>)}\]])+", re.DOTALL
)

_lock = threading.Lock()
_concealed: dict[str, None] = {}


def conceal(secret: str) -> None:
    """Hide this text from now on, wherever it would be told; a text of under 4 characters is let be."""
    if len(secret) < _SHORTEST:
        return
    forms = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    global _concealed
    with _lock:
        longest_first = sorted({*_concealed, *forms}, key=len, reverse=True)
        _concealed = dict.fromkeys(longest_first)


def redact(value: Any) -> Any:
    """The value without secrets, however deeply nested; what is no plain data becomes text."""
    return _redacted(value, _DEEPEST)


def _redacted(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (bytes, bytearray)):
        return _text(value.decode("utf-8", "replace"))
    if isinstance(value, (Mapping, list, tuple, set, frozenset)):
        return _opened(value, depth) if depth else "..."
    return _text(str(value))


def _opened(value: Any, depth: int) -> Any:
    """A table or list with what it holds redacted."""
    if isinstance(value, Mapping):
        pairs = list(value.items())[:_MOST_ITEMS]
        return {_text(str(name)): _under(name, it, depth - 1) for name, it in pairs}
    if isinstance(value, tuple) and _is_pair(value):
        return [_text(value[0]), _under(value[0], value[1], depth - 1)]
    return [_redacted(it, depth - 1) for it in list(value)[:_MOST_ITEMS]]


def _is_pair(value: tuple[Any, ...]) -> bool:
    """Whether it is a name with a value, as lists of headers have them."""
    return len(value) == 2 and isinstance(value[0], str)


def _under(name: object, value: Any, depth: int) -> Any:
    if value is not None and not isinstance(value, bool) and smells(str(name)):
        return HIDDEN
    return _redacted(value, depth)


def smells(name: str) -> bool:
    """Whether what stands under that name may be a secret: "api_key", "accessToken", "X-Auth"."""
    plain = _BEFORE_NAME.split(unquote(name))[-1]
    words = [word.lower() for word in _HUMPS.split(plain) if word]
    return not _WORDS.isdisjoint(words) or "".join(words).endswith(_ENDS)


def _text(text: str) -> str:
    text = text[:MOST_TEXT]
    for secret in _concealed:
        text = text.replace(secret, HIDDEN)
    text = _RUN.sub(_without_userinfo, text)
    text = _HEADER.sub(rf"\1\2{HIDDEN}", text)
    text = _TOKEN.sub(HIDDEN, _PARTNER.sub(rf"\1{HIDDEN}", text))
    text = _BEARER.sub(rf"\1\2{HIDDEN}", text)
    return _without_named(text)


def _without_userinfo(run: re.Match[str]) -> str:
    """The run with user names and passwords hidden; nothing is looked for behind the last "@".

    So every search that begins finds one, and the time is linear.
    """
    head, at, tail = run[0].rpartition("@")
    return _USERINFO.sub(f"{HIDDEN}@", head + at) + tail


def _without_named(text: str) -> str:
    """The text with the values hidden that stand after a name that smells."""
    parts: list[str] = []
    at = 0
    while mark := _MARK.search(text, at):
        name = text[max(at, mark.start() - _LONGEST_NAME) : mark.start()]
        name = name[len(name.rstrip(_NAME)) :]
        parts.append(text[at : mark.end()])
        at = mark.end()
        if smells(name) and (value := _VALUE.match(text, at)):
            parts.append(HIDDEN)
            at = value.end()
    return "".join([*parts, text[at:]])
