"""Fixtures for tests that ask over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from service.web import create_app

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from service.runtime import Runtime


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    """Asks the site of the test newsroom."""
    return create_app(runtime).test_client()
