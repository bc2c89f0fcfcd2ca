"""HTML as text for mails and text editors: paragraphs stay apart, links keep their addresses."""

from __future__ import annotations

from msgspec import Struct, field

from feeds.markup import End, Start, Text, tokens
from feeds.text import legal

_NAMES = """address article aside audio blockquote caption center dd details div dl dt figcaption figure
    footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tr ul video"""
_BLOCKS = frozenset(_NAMES.split())
_CELLS = frozenset({"td", "th"})
_LINE = "\0"  # stands for <br>: white space is folded around it


def plain_text(html: str) -> str:
    """The text of cleaned HTML: blocks parted by an empty line, items marked, quotations behind "> "."""
    writer = _Writer()
    for token in tokens(html):
        writer.take(token)
    writer.end_block()
    return "\n\n".join(writer.blocks)


class _Writer(Struct):
    blocks: list[str] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)  # of the block at hand
    _marks: list[int | None] = field(default_factory=list)  # of the lists around it: number or none
    _mark: str = ""  # of the item that begins
    _quotes: int = 0  # around the block
    _link: tuple[int, str] | None = None  # where the text of a link begins, and where it leads

    def take(self, token: Start | End | Text) -> None:
        """Add a tag or a text."""
        if isinstance(token, Text):
            self._parts.append(legal(token.value))
        elif token.name == "a":
            self._take_link(token)
        elif isinstance(token, Start) and token.name == "br":
            self._parts.append(_LINE)
        elif token.name in _CELLS:
            self._parts.append(" ")
        elif token.name in _BLOCKS:
            self.end_block()
            self._enter(token) if isinstance(token, Start) else self._leave(token)

    def end_block(self) -> None:
        """Put what was gathered down as a block, if it says anything."""
        lines = [" ".join(line.split()) for line in "".join(self._parts).split(_LINE)]
        self._parts.clear()
        if any(lines):
            text = self._mark + "\n".join(lines).strip("\n")
            self._mark = ""
            quote = "> " * self._quotes
            self.blocks.append("\n".join(quote + line for line in text.split("\n")))

    def _take_link(self, token: Start | End) -> None:
        if isinstance(token, Start):
            self._link = (len(self._parts), token.attributes().get("href", ""))
        elif self._link is not None:
            (begin, target), self._link = self._link, None
            said = "".join(self._parts[begin:]).strip()
            if target.startswith(("http://", "https://")) and target != said:
                self._parts.append(f" ({target})")

    def _enter(self, token: Start) -> None:
        if token.name == "blockquote":
            self._quotes += 1
        elif token.name in ("ul", "ol"):
            self._marks.append(1 if token.name == "ol" else None)
        elif token.name == "li" and self._marks:
            number = self._marks[-1]
            self._mark = "- " if number is None else f"{number}. "
            self._marks[-1] = None if number is None else number + 1

    def _leave(self, token: End) -> None:
        if token.name == "blockquote":
            self._quotes = max(0, self._quotes - 1)
        elif token.name in ("ul", "ol") and self._marks:
            self._marks.pop()
