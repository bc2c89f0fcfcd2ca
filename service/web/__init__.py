"""HTTP: the Flask application. No other package knows what a request is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, request
from jinja2 import StrictUndefined

from service import newsroom
from service.errors import Outdated
from service.web import answers, converters, current, errors, filters, health, partners
from service.web.directory import directory
from service.web.licensing import licensing
from service.web.pages import pages
from service.web.pictures import PICTURE, pictures
from service.web.searching import searching
from service.web.sitemaps import sitemaps
from service.web.subscribing import subscribing
from service.web.syndication import FEED, syndication

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from service.runtime import Current

_STATIC_SECONDS = 365 * 24 * 3600  # their addresses change when they do


# A feed looks itself whether anything of it is due; a picture never changes.
_TIMELESS = (FEED, PICTURE)
_TRIES = 3  # settings do not change more often than that while a page is made


class _Application(Flask):
    """Answers by the settings in force when its snapshot of the database was taken."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer once what is due by time has been done; again if the settings have changed meanwhile."""
        if request.blueprint == health.health.name:  # which nothing may hold up
            return super().dispatch_request()
        if request.endpoint not in _TIMELESS:
            newsroom.settle_if_possible(current.runtime())
        for _ in range(_TRIES):
            try:
                return super().dispatch_request()
            except Outdated:
                current.keep_up()
        return super().dispatch_request()


def create_app(it: Current) -> Flask:
    """The application that answers from what is current."""
    app = _Application(__name__)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _STATIC_SECONDS
    app.url_map.strict_slashes = False  # redirects of its own would trust the Host header
    app.url_map.merge_slashes = False
    app.jinja_options = {
        "autoescape": True,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    current.hold(app, it)
    converters.register(app)
    filters.register(app)
    errors.register(app)
    app.register_blueprint(syndication)
    app.register_blueprint(licensing)
    app.register_blueprint(sitemaps)
    app.register_blueprint(searching)
    app.register_blueprint(directory)
    app.register_blueprint(subscribing)
    partners.register(app)
    app.register_blueprint(pictures)
    app.register_blueprint(pages)
    health.register(app, it.runtime)
    app.after_request(answers.guard)
    app.after_request(answers.count)
    return app
