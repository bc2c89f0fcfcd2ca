"""Fixtures for tests that ask over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from service import publish
from service import runtime as running
from service.front import Front
from service.runtime import Current
from service.web import create_app
from tests.fakes import Upstream
from tests.service.keeping import new_postgresql
from tests.service.lantern import Lantern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from service.config import Config
    from service.parsing import Parser
    from service.runtime import Runtime
    from tests.fakes import ManualClock


@pytest.fixture(params=["sqlite", "postgresql"])
def nothing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without anything in it."""
    if request.param == "sqlite":
        yield f"sqlite:{tmp_path}/old.db"
    else:
        yield from new_postgresql(request.getfixturevalue("postgresql"))


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    """Asks the site of the test newsroom."""
    return create_app(Current(runtime)).test_client()


@pytest.fixture
def fronted() -> Iterator[Callable[[Runtime], Front]]:
    """Makes fronts, as each web worker has one, and closes them."""
    made: list[Front] = []

    def make(runtime: Runtime) -> Front:
        current = Current(runtime)
        made.append(Front(create_app(current), current))
        return made[-1]

    yield make
    for front in made:
        front.close()


@pytest.fixture
def renderings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The feeds that were rendered, in their order."""
    found: list[str] = []
    render = publish.rendered

    def rendered(runtime, selection, kind, archive=None):
        found.append(f"{selection.path}.{kind.value}")
        return render(runtime, selection, kind, archive)

    monkeypatch.setattr(publish, "rendered", rendered)
    return found


@pytest.fixture
def lantern(
    configure: Callable[..., Config], clock: ManualClock, parser: Parser
) -> Iterator[Lantern]:
    """A partner that can be polled, and a newsroom without articles that does it."""
    with Upstream() as upstream:
        ways = f'allow_networks = ["127.0.0.0/8"]\nallow_ports = [{upstream.port}]'
        config = configure(
            ("http://127.0.0.1:9/feed.atom", upstream.url("/feed.atom")),
            ("http://127.0.0.1:9/other.rss", upstream.url("/other.rss")),
            ('gap = "0s"', f'gap = "0s"\n{ways}'),
        )
        running.prepare(config, clock=clock, serving=True)
        with running.opened(config, clock=clock, parser=parser) as held:
            yield Lantern(held, upstream, clock)


@pytest.fixture
def statements(runtime: Runtime) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    engines = (runtime.store._writer, runtime.store._reader)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield found
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
