"""Numbers per day as an SVG picture, by itself: it loads nothing and follows light and dark."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

_WIDTH, _HEIGHT = 800, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 56, 40  # margins
_INNER_WIDTH, _INNER_HEIGHT = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
_GAP = 0.2  # of a day's width, between two of them
_LINES = 4  # across the picture
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #333 } .title { font-size: 16px; font-weight: 600 }
.line { stroke: #ccc } .subscribers { fill: #1f6f8b } .readers { fill: #e0a030 }
@media (prefers-color-scheme: dark) { text { fill: #ddd } .line { stroke: #555 } }
"""


def drawn(
    title: str, days: Sequence[date], subscribers: Sequence[int], readers: Sequence[int]
) -> str:
    """A picture of the days, subscribers below and readers of their own upon them."""
    top = _ceiling(max(map(sum, zip(subscribers, readers, strict=True)), default=0))
    told = f"Subscribers and readers of {title}, {days[0]} to {days[-1]}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{escape(told)}</title><style>{_STYLE}</style>",
        f'<text class="title" x="{_LEFT}" y="22">{escape(title)}</text>',
        *_legend(),
        *_scale(top),
        *_bars(days, subscribers, readers, top),
        f'<text x="{_LEFT}" y="{_HEIGHT - 14}">{days[0]}</text>',
        f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 14}" text-anchor="end">{days[-1]}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _ceiling(most: int) -> int:
    """The next round number, which each line across has a whole part of."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if step * factor * _LINES >= most:
                return step * factor * _LINES
        step *= 10


def _legend() -> Iterator[str]:
    for x, name in ((_LEFT, "subscribers"), (_LEFT + 110, "readers")):
        yield f'<rect class="{name}" x="{x}" y="34" width="10" height="10"/>'
        yield f'<text x="{x + 16}" y="43">{name}</text>'


def _scale(top: int) -> Iterator[str]:
    for number in range(_LINES + 1):
        y = _TOP + _INNER_HEIGHT * (1 - number / _LINES)
        yield f'<line class="line" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:g}" y2="{y:g}"/>'
        label = f"{top * number // _LINES:,}"
        yield f'<text x="{_LEFT - 8}" y="{y + 4:g}" text-anchor="end">{label}</text>'


def _bars(
    days: Sequence[date], subscribers: Sequence[int], readers: Sequence[int], top: int
) -> Iterator[str]:
    width = _INNER_WIDTH / len(days)
    for number, (day, told, own) in enumerate(zip(days, subscribers, readers, strict=True)):
        x, base = _LEFT + width * (number + _GAP / 2), float(_TOP + _INNER_HEIGHT)
        yield f"<g><title>{day}: {told:,} subscribers, {own:,} readers</title>"
        for name, count in (("subscribers", told), ("readers", own)):
            height = _INNER_HEIGHT * count / top
            base -= height
            yield (
                f'<rect class="{name}" x="{x:.2f}" y="{base:.2f}"'
                f' width="{width * (1 - _GAP):.2f}" height="{height:.2f}"/>'
            )
        yield "</g>"
