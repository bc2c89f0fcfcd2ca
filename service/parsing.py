"""Where documents from the network are read: the seam at which reading moves into processes of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.reading import read

if TYPE_CHECKING:
    from collections.abc import Collection

    from feeds.model import Feed


class Parser:
    """Reads documents in this process, which is the scheduler's and serves no reader."""

    def read(
        self, body: bytes, *, url: str, content_type: str | None, known: Collection[str]
    ) -> Feed:
        """feeds.read(), with its errors."""
        return read(body, url=url, content_type=content_type, known=known)

    def close(self) -> None:
        """End what was started for reading."""
