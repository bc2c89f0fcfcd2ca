"""HTTP: the Flask application. No other package knows what a request is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask
from jinja2 import StrictUndefined

from service.web import answers, converters, current, errors, filters
from service.web.pages import pages
from service.web.syndication import syndication

if TYPE_CHECKING:
    from service.runtime import Runtime

_STATIC_SECONDS = 365 * 24 * 3600  # their addresses change when they do


def create_app(runtime: Runtime) -> Flask:
    """The application that answers from this runtime."""
    app = Flask(__name__)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _STATIC_SECONDS
    app.url_map.strict_slashes = False  # redirects of its own would trust the Host header
    app.url_map.merge_slashes = False
    app.jinja_options = {
        "autoescape": True,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    current.hold(app, runtime)
    converters.register(app)
    filters.register(app)
    errors.register(app)
    app.register_blueprint(syndication)
    app.register_blueprint(pages)
    app.after_request(answers.guard)
    return app
