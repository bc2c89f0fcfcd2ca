"""Entries that are one article: our own that came back, one story of two sources, one entry under two keys.

`meeting` finds out, `tying` ties and parts.
"""

from service.merging.meeting import Candidate, Copied, Ours, met
from service.merging.tying import join, outlive, respelled, undo

__all__ = ["Candidate", "Copied", "Ours", "join", "met", "outlive", "respelled", "undo"]
