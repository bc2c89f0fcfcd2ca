"""JSON Feed 1.1, both ways (https://www.jsonfeed.org/version/1.1/).

What the format has no member for stands in `_feedwright`, of the feed and of each item. A list of ours
that repeats a standard one (authors, taxonomy, media) is written only where that one loses something.
"""

from feeds.jsonfeed.reading import read_json
from feeds.jsonfeed.writing import write_json

__all__ = ["read_json", "write_json"]
