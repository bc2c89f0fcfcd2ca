"""How long a store waits, and how many connections it may hold."""

from __future__ import annotations

from datetime import timedelta

BUSY_SECONDS = 10
PATIENCE = timedelta(seconds=BUSY_SECONDS)
MOST_CONNECTIONS = 70  # more than [server] threads and [fetch] hosts_at_once can be
