"""A feed in Arabic; numbers and Latin names stand in it, a Hebrew quotation has its own direction."""

from msgspec.structs import replace

from feeds.model import Category, Entry, Person
from tests.feeds.golden import COURIER, REGIONS, at

FEED = replace(
    COURIER,
    id="tag:courier.example,2026:feed/all/ar",
    title="بريد الميناء",
    subtitle="أبحاث وأخبار من الساحل",
    self_link="https://courier.example/feeds/language/ar",
    language="ar",
    entries=(
        Entry(
            id="tag:courier.example,2026:article/8",
            title="افتتاح الرصيف الثاني (2) في Merrow",
            link="https://courier.example/articles/2026/11/الرصيف-الثاني",
            authors=(Person("ليلى حداد", "https://courier.example/author/layla-haddad"),),
            published=at(12),
            updated=at(12),
            summary="بعد أربع سنوات من العمل رست أول سفينة.",
            content='<p dir="rtl">بعد أربع سنوات من العمل رست أول سفينة.</p>\n'
            '<blockquote dir="rtl" lang="he"><p>הים גדול.</p></blockquote>',
            categories=(Category("north-shore", REGIONS, "الشاطئ الشمالي"),),
        ),
    ),
)
