"""lint(): what is wrong with a feed, by the message ids of the W3C feed validator and a few of our own.

Each check is a function that yields flaws by id; what an id means, how grave it is and how to mend it stands
in one table (`rules`).
"""

from feeds.linting.documents import lint
from feeds.linting.findings import Finding, Severity

__all__ = ["Finding", "Severity", "lint"]
