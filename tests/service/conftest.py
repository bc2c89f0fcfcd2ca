"""Fixtures for tests that ask over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service import publish
from service.runtime import Current
from service.web import create_app

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from service.runtime import Runtime


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    """Asks the site of the test newsroom."""
    return create_app(Current(runtime)).test_client()


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
