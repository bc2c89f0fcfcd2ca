"""Titles and texts that break builders: markup, CDATA ends, references, quotes, emoji, control characters."""

from msgspec.structs import replace

from feeds.model import Category, Entry, Media, MediaRole, Person
from tests.feeds.golden import COURIER, THEMES, at

HOSTILE = "R&D: 1 < 2 > 0 ]]> “quoted” 'single' \"double\" 🐟🇪🇺 A\u0300 \x00\x08\x1f\ufffe\ud800end"

FEED = replace(
    COURIER,
    title="Q&A < News ]]>",
    subtitle="All about <b>bold</b> & “brave” \x07ships",
    entries=(
        Entry(
            id="tag:courier.example,2026:article/9?a=1&b=2",
            title=HOSTILE,
            link="https://courier.example/articles/2026/11/hostile?a=1&b=2#c",
            authors=(Person('Ann O\'Hara & "Sons" <Ltd>\x00'),),
            published=at(11),
            updated=at(11),
            summary=HOSTILE,
            content="<p>R&amp;D: 1 &lt; 2 ]]&gt; ]]> 🐟\x0b\udfff</p>\r\n<pre>\t&amp;amp;lt;\n</pre>",
            categories=(Category("r-d", THEMES, "R&D <Lab>"), Category("]]>")),
            media=(
                Media(
                    "https://media.example/a&b.png",
                    MediaRole.ILLUSTRATION,
                    credit="<i>Me</i> & you",
                    description=HOSTILE,
                ),
            ),
            rights="© <Us> & Them",
        ),
        Entry(id="tag:courier.example,2026:article/10", title="&lt;b&gt; is &amp;lt;b&amp;gt;"),
        Entry(id="\x00", title="An id of nothing but control characters: left out"),
        Entry(id="tag:courier.example,2026:article/10", title="The same id again: left out"),
    ),
)
