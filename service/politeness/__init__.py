"""Pure: when a source may be asked again, where it moved, and the reason in words for its operator.

`waiting` weighs what `pace` (the source's own rhythm and its operator) and `wishes` (its server and its
feed) ask for; `moves` tells when a permanent redirect has held for long enough.
"""

from service.politeness.moves import Move, Standing, sighted, standing
from service.politeness.pace import Pace, first_rhythm, next_rhythm
from service.politeness.waiting import JITTER, NextPoll, next_poll
from service.politeness.wishes import LONGEST, Wishes

__all__ = [
    "JITTER",
    "LONGEST",
    "Move",
    "NextPoll",
    "Pace",
    "Standing",
    "Wishes",
    "first_rhythm",
    "next_poll",
    "next_rhythm",
    "sighted",
    "standing",
]
