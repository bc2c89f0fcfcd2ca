"""Settings for fetches in tests: a few seconds, and no address but those that a test allows."""

from __future__ import annotations

from service import config as configuration

CONFIG = configuration.parse("""
[site]
title = "Harbour"
description = "News"
public_url = "https://harbour.example"
""")


def within(**limits):
    """The settings with other limits in [fetch]."""
    return CONFIG.model_copy(update={"fetch": CONFIG.fetch.model_copy(update=limits)})
