"""Web addresses as config.toml takes them: whole, http or https, without user name and password.

Messages never repeat the address: what is wrong with it may be that it holds a password.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from pydantic import AnyHttpUrl, TypeAdapter, ValidationError

_HTTP_URL = TypeAdapter(AnyHttpUrl)
_BARE_HOST = re.compile(r"[\w-]+(\.[\w-]+)+(/[^@]*)?")
_NO_URL = 'not a URL; write the whole address, such as "https://example.org/feed.xml"'


def url(value: str) -> str:
    """Pass a usable address on as it is.

    Raises:
        ValueError: It is none.
    """
    if not value.isprintable() or " " in value:
        raise ValueError("a URL holds no spaces and no line breaks; write a space as %20")
    parts = split(value)
    if parts.scheme not in {"http", "https"}:
        raise ValueError(_wrong_scheme(value, parts.scheme))
    check_port(parts)
    if not parts.hostname or not _is_http_url(value):
        raise ValueError(_NO_URL)
    if "@" in parts.netloc:
        raise ValueError("a URL here carries no user name and no password; take them out")
    return value


def public_url(value: str) -> str:
    """Pass an address on to which paths can be appended.

    Raises:
        ValueError: It is none.
    """
    parts = urlsplit(url(value))
    if parts.query or parts.fragment:
        raise ValueError('readers\' links are built on this address; take out "?" and "#"')
    return value.rstrip("/")


def split(value: str) -> SplitResult:
    """Take an address apart.

    Raises:
        ValueError: That cannot be done.
    """
    try:
        return urlsplit(value)
    except ValueError:
        raise ValueError(_NO_URL) from None


def check_port(parts: SplitResult) -> None:
    """Pass an address whose port, if it has one, can be dialled.

    Raises:
        ValueError: It cannot.
    """
    try:
        possible = parts.port != 0
    except ValueError:
        possible = False
    if not possible:
        raise ValueError("the port in it must be a number from 1 to 65535")


def _is_http_url(value: str) -> bool:
    try:
        _HTTP_URL.validate_python(value)
    except ValidationError:
        return False
    return True


def _wrong_scheme(value: str, scheme: str) -> str:
    if scheme and "://" in value:
        return f"a URL here starts with http:// or https://, not {scheme}://"
    if _BARE_HOST.fullmatch(value):
        return f'{_NO_URL}; did you mean "https://{value}"?'
    return _NO_URL
