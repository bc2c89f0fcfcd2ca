"""Addresses of databases: "sqlite:PATH" and "postgresql://user:password@host/name".

Messages never repeat the address: it may hold a password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from service.config.urls import check_port, split

if TYPE_CHECKING:
    from pathlib import Path

SQLITE = "sqlite:"
POSTGRESQL = "postgresql://"
HIDDEN = "********"

_FORMS = f'write "{SQLITE}PATH" or "{POSTGRESQL}user:password@host/name"'


def database(value: str) -> str:
    """Pass the address of a database on as it is.

    Raises:
        ValueError: It is of neither form.
    """
    if value.startswith(SQLITE):
        _check_path(value.removeprefix(SQLITE))
    elif value.startswith(POSTGRESQL):
        _check_postgresql(value)
    else:
        raise ValueError(_FORMS)
    return value


def _check_path(path: str) -> None:
    if path.startswith("//"):
        raise ValueError('write the path right after the colon: "sqlite:data/feedwright.db"')
    if not path.strip() or path == ":memory:" or not path.isprintable():
        raise ValueError('name a file after the colon: "sqlite:data/feedwright.db"')


def _check_postgresql(value: str) -> None:
    parts = split(value)
    if "@" in parts.path + parts.query + parts.fragment:
        raise ValueError("within a password, write / as %2F, ? as %3F, # as %23 and @ as %40")
    check_port(parts)
    if not parts.path.strip("/"):
        raise ValueError('the name of the database is missing: "postgresql://.../name"')


def resolved(value: str, folder: Path) -> str:
    """The address with the path of an SQLite file made absolute."""
    if not value.startswith(SQLITE):
        return value
    return f"{SQLITE}{folder / value.removeprefix(SQLITE)}"


def secrets(value: str) -> list[str]:
    """The passwords in the address, as they are and as they are written there."""
    if value.startswith(SQLITE):
        return []
    parts = urlsplit(value)
    login, _, _ = parts.netloc.rpartition("@")
    pairs = [parameter.partition("=") for parameter in parts.query.split("&")]
    found = [login.partition(":")[2], *(it for name, _, it in pairs if _is_secret(name))]
    return [form for it in found if it for form in dict.fromkeys((it, unquote(it)))]


def without_secrets(value: str) -> str:
    """The address with its passwords hidden, those among its parameters too."""
    if value.startswith(SQLITE):
        return value
    parts = urlsplit(value)
    login, at, host = parts.netloc.rpartition("@")
    user, colon, _ = login.partition(":")
    query = "&".join(_hidden(parameter) for parameter in parts.query.split("&"))
    hidden = user + colon + (HIDDEN if colon else "") + at + host + parts.path
    return POSTGRESQL + hidden + ("?" + query if query else "")


def _hidden(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    return name + equals + (HIDDEN if value and _is_secret(name) else value)


def _is_secret(parameter: str) -> bool:
    return "pass" in parameter.lower()
