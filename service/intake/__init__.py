"""Taking a document's entries in: each becomes an article, edits one, or is refused with its reason.

`delivery` is what comes and what the rules make of it, `taking` saves it, `reversing` is about articles that
are taken back or come back.
"""

from service.intake.delivery import Decision, Delivery, Tally, decide
from service.intake.reversing import is_withheld, withdraw
from service.intake.taking import Portion, portion, take

__all__ = [
    "Decision",
    "Delivery",
    "Portion",
    "Tally",
    "decide",
    "is_withheld",
    "portion",
    "take",
    "withdraw",
]
