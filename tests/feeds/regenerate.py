"""`python -m tests.feeds.regenerate`: write every golden document anew from its feed."""

from __future__ import annotations

from feeds.writing import write
from tests.feeds import golden

if __name__ == "__main__":
    for name, kind in golden.DOCUMENTS:
        golden.document(name, kind).write_bytes(write(golden.feed(name), kind))
