"""Pure: a source's entry becomes an article of ours, or is refused with a reason to tell.

`applying` puts an article together; each of the other modules settles one part of it.
"""

from service.rules.applying import Refusal, apply
from service.rules.applying import content_of as content
from service.rules.dating import Dated, date, flaws
from service.rules.filing import unmapped

__all__ = ["Dated", "Refusal", "apply", "content", "date", "flaws", "unmapped"]
