"""What the stores of one test process share, as making it anew for each test takes most of its time.

In the service a process has one store; a test process has thousands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from service.store import postgres

_MOST_STATEMENTS = 5000


def compile_once() -> None:
    """Have statements, templates and routes compiled once: engines of a kind, and sites, are set up alike."""
    _compile_statements_once()
    _compile_templates_once()
    _compile_routes_once()


def _compile_statements_once() -> None:
    statements: LRUCache[Any, Any] = LRUCache(_MOST_STATEMENTS)
    make = Engine.__init__

    def made(self: Engine, *args: Any, **settings: Any) -> None:
        make(self, *args, **settings)
        self._compiled_cache = statements

    # Methods are put in the place of others, which no type allows: neither library has a hook for it.
    Engine.__init__ = made  # type: ignore[method-assign]
    DefaultDialect.__eq__ = _is_alike  # type: ignore[method-assign,assignment]
    DefaultDialect.__hash__ = _kind  # type: ignore[method-assign,assignment]


def _compile_templates_once() -> None:
    templates = _Templates()
    make = Environment.__init__

    def made(self: Environment, *args: Any, **settings: Any) -> None:
        make(self, *args, **settings)
        self.bytecode_cache = templates

    Environment.__init__ = made  # type: ignore[method-assign]  # Flask takes no cache for it


def _compile_routes_once() -> None:
    builders: dict[tuple[Any, ...], Any] = {}
    compile_ = Rule._compile_builder

    def compiled(self: Rule, append_unknown: bool = True) -> Any:
        key = self.rule, tuple(self._trace), str(self.defaults), append_unknown
        if key not in builders:
            builders[key] = compile_(self, append_unknown)
        return builders[key]

    Rule._compile_builder = compiled  # type: ignore[method-assign]  # Werkzeug has no cache for it


class _Templates(BytecodeCache):
    """Compiled templates by name and text."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


def _is_alike(one: DefaultDialect, other: object) -> bool:
    return type(one) is type(other)


def _kind(one: DefaultDialect) -> int:
    return hash(type(one))


@dataclass(slots=True)
class Kept:
    """The connections to the PostgreSQL database of this process, which is asked for at `url`."""

    url: str
    is_on: bool = True
    engines: dict[bool, Engine] = field(default_factory=dict)  # by whether they only read
    make: Callable[..., Engine] = postgres.postgres_engine

    def lend(self, url: str, *, read_only: bool) -> Engine:
        """An engine for a store, whose connections outlive it."""
        if url != self.url or not self.is_on:
            return self.make(url, read_only=read_only)
        if read_only not in self.engines:
            self.engines[read_only] = self.make(url, read_only=read_only)
        engine = self.engines[read_only].execution_options()
        engine.dispose = _keep  # type: ignore[method-assign]  # of this engine alone
        return engine

    @contextmanager
    def without(self) -> Iterator[None]:
        """Have each store open and close its own, as in the service, while the block lasts."""
        self.close()
        self.is_on = False
        yield
        self.is_on = True

    def close(self) -> None:
        """Close them all."""
        for engine in self.engines.values():
            engine.dispose()
        self.engines.clear()


def _keep(close: bool = True) -> None:
    """A store's close() leaves them open."""
