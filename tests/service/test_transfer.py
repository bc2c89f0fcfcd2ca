"""Article files: what they say is what is kept, and what is wrong in them is told, all of it."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import to_builtins
from msgspec.structs import replace

from feeds.text import legal
from service import addresses, newsroom, outgoing, terms
from service import config as configuration
from service import runtime as running
from service.errors import NotFound, Refused
from service.model import Article, AuthorKind, Change, Selection, Status
from service.store import articles, changelog, people
from service.transfer import (
    Unusable,
    article_files,
    import_path,
    read_article,
    take_first_articles,
)
from service.transfer.importing import LARGEST
from service.transfer.keys import Byline, Credit, Front, MediaKeys, NoteKeys, OriginKeys

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.config import Config
    from service.runtime import Runtime
    from service.transfer import ImportReport
    from tests.fakes import ManualClock

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "articles"
PAIRS = ROOT / "tests" / "data" / "transfer"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GAZETTE = configuration.load(PAIRS / "config.toml")


def read(text: str, name: str = "an-article.md") -> Article:
    return read_article(text, name=name, config=GAZETTE, now=NOW)


def shown(value: Any) -> Any:
    """The value as JSON has it, without what is empty."""
    if isinstance(value, dict):
        return {key: shown(each) for key, each in value.items() if each}
    if isinstance(value, (list, tuple)):
        return [shown(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value


def outcome(text: str, name: str) -> Any:
    try:
        return {"article": shown(to_builtins(read(text, name), builtin_types=(datetime,)))}
    except Unusable as error:
        return {"problems": list(error.problems)}


@pytest.mark.parametrize("path", sorted(PAIRS.glob("*.md")), ids=lambda path: path.stem)
def test_a_file_gives_what_its_pair_says(path: Path) -> None:
    expected = json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))
    assert outcome(path.read_text(encoding="utf-8"), path.name) == expected


def test_toml_and_yaml_say_the_same() -> None:
    both = [read(path.read_text(encoding="utf-8")) for path in PAIRS.glob("everything-*.md")]
    assert len(both) == 2
    assert both[0] == both[1]


def test_line_ends_and_a_byte_order_mark_make_no_difference() -> None:
    text = (PAIRS / "everything-toml.md").read_text(encoding="utf-8")
    assert read("\ufeff" + text.replace("\n", "\r\n")) == read(text)


@pytest.mark.parametrize(
    ("name", "title", "slug"),
    [
        ("2026-03-14-pumps.md", "A title", "pumps"),
        ("2026/03/Pumps & Pipes.markdown", "A title", "pumps-pipes"),
        ("2026-03-14.md", "A title", "a-title"),
        ("…", "…", "article"),
    ],
)
def test_the_slug_comes_from_the_name_else_the_title(name: str, title: str, slug: str) -> None:
    assert read(f"---\ntitle: {title}\ndate: 2026-03-14\n---\nText.", name).slug == slug


@pytest.mark.parametrize("fence", ["+++", "---"])
def test_endless_front_matter_is_refused(fence: str) -> None:
    comment = "# no end\n" * 10_000
    with pytest.raises(Unusable, match="over 64000 characters"):
        read(f"{fence}\n{comment}{fence}\nText.")


@pytest.mark.parametrize("date", ["0001-01-01", "0999-12-31", "9999-12-31"])
def test_dates_without_a_page_address_are_refused(date: str) -> None:
    with pytest.raises(Unusable, match="date: lies outside the years 1001 to 9998"):
        read(f"+++\ntitle = 'A'\ndate = {date}\n+++\nText.")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('width = "wide"', "media[0].width: should be a whole number"),
        ("width = 1.5", "media[0].width: should be a whole number"),
        ("width = -1", "media[0].width: should be 0 or more"),
        ("width = 9_999_999_999", "media[0].width: should be less than 2147483648"),
    ],
)
def test_numbers_that_are_none_are_told_plainly(line: str, told: str) -> None:
    front = f"title = 'A'\ndate = 2026-03-14\n[[media]]\nurl = 'https://a.example/x'\n{line}"
    with pytest.raises(Unusable, match=re.escape(told)):
        read(f"+++\n{front}\n+++\nText.")


def test_a_summary_leaves_out_headings_and_footnotes() -> None:
    text = (
        "## A heading\n\nIt rained.[^1]\n\n### More\n\nIt *stopped*.[^2]\n\n[^1]: One.\n[^2]: Two."
    )
    article = read(f"+++\ntitle = 'A'\ndate = 2026-03-14\n+++\n{text}")
    assert article.summary == "It rained. It stopped."
    assert read("+++\ntitle = 'A'\ndate = 2026-03-14\n+++\n## Only this").summary == "Only this"


def test_links_to_own_pages_stay_when_the_site_moves() -> None:
    text = "+++\ntitle = 'A'\ndate = 2026-03-14\n+++\n[one](/theme/water), [two](other)"
    moved = GAZETTE.model_copy(
        update={"site": GAZETTE.site.model_copy(update={"public_url": "https://moved.example/g"})}
    )
    article = read(text)
    assert read_article(text, name="an-article.md", config=moved, now=NOW) == article
    assert outgoing.text(moved, article) == (
        '<p><a href="https://moved.example/g/theme/water">one</a>, '
        '<a href="https://moved.example/g/articles/2026/03/other">two</a></p>\n'
    )


def test_an_author_keeps_the_slug_it_is_given(bare: Runtime) -> None:
    front = "title = 'A'\ndate = 2026-03-14\nauthors = [{ name = 'Ada Fen', slug = 'fen' }]"
    newsroom.write(bare, read(f"+++\n{front}\n+++\nText."))
    with bare.store.reading() as tx:
        assert people.at(tx, "fen").name == "Ada Fen"
    for slug in ("Not one", "named"):
        with pytest.raises(Unusable, match=r"authors\[0\].slug: "):
            read(f"+++\n{front.replace('fen', slug)}\n+++\nText.")


def test_names_too_long_for_an_index_are_refused() -> None:
    with pytest.raises(Unusable, match=r"authors\[0\].name: is over 2000 bytes long"):
        read(f"---\ntitle: A\ndate: 2026-03-14\nauthors: [{'é' * 1001}]\n---\nText.")


@pytest.mark.parametrize("character", ["\\u0000", "\\uFFFE", "\\u001B"])
def test_what_no_feed_can_carry_is_refused(character: str) -> None:
    with pytest.raises(Unusable, match="title: holds a control character"):
        read(f'---\ntitle: "A{character}B"\ndate: 2026-03-14\n---\nText.')


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.dates().map(str)
    | st.sampled_from(["https://a.example/", "tag:a.example,2026:1", "person", "cc-by", "draft"])
)
INNER_KEYS = [
    *NoteKeys.model_fields,
    *MediaKeys.model_fields,
    *Byline.model_fields,
    "theme",
    "other",
]
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(INNER_KEYS) | st.text(), inner, max_size=4)
    ),
    max_leaves=8,
)
FRONTS = st.dictionaries(st.sampled_from([*Front.model_fields, "other"]) | st.text(), VALUES)


@given(FRONTS, st.text())
def test_any_values_give_an_article_or_problems(values: dict[str, Any], body: str) -> None:
    valid = {"title": "T", "date": "2026-03-14"}
    for tried in (values, valid | values, values | valid):
        attempt(f"---\n{json.dumps(tried)}\n---\n{body}")
        attempt(f"---\n{json.dumps(tried, ensure_ascii=False)}\n---\n{body}")


@given(st.sampled_from(["+++", "---"]), st.text(), st.text())
def test_any_text_gives_an_article_or_problems(fence: str, front: str, body: str) -> None:
    attempt(f"{fence}\n{front}\n{fence}\n{body}")


PIECES = """title : date [ ] { } , - ? | > & * ! !!int !!set <<: = ~ # ' " % @ 0x_ 0b_ 1:1 .inf [[[ {{{
    2026-03-14 2026-13-45 2001-12-14t21:59:43.10-99:00"""
YAMLISH = st.lists(st.sampled_from([*PIECES.split(), "\n", "\t"])).map(" ".join)


@given(YAMLISH)
def test_any_yaml_gives_an_article_or_problems(front: str) -> None:
    attempt(f"---\n{front}\n---\nText.")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "a:\n"])
def test_depth_costs_no_stack(opening: str) -> None:
    for fence, prefix in (("---", ""), ("+++", "a = ")):
        attempt(f"{fence}\n{prefix}{opening * 12_000}\n{fence}\nText.")


def attempt(text: str) -> None:
    got = outcome(text, "an-article.md")
    for problem in got.get("problems", ()):
        assert problem.startswith("an-article.md: ")
    for words in (got.get("article", {}).get(key, "") for key in ("title", "content", "summary")):
        assert legal(words) == words


def test_every_key_is_documented() -> None:
    text = (ROOT / "docs" / "articles.md").read_text(encoding="utf-8")
    for table in (Front, Credit, OriginKeys, NoteKeys, MediaKeys):
        for key in table.model_fields:
            assert f"`{key}`" in text


def test_the_documented_files_are_taken(shipped: Config) -> None:
    text = (ROOT / "docs" / "articles.md").read_text(encoding="utf-8")
    files = [part.partition("\n```")[0] for part in text.split("```markdown\n")[1:]]
    assert len(files) == 3
    for file in files:
        assert read_article(file, name="documented.md", config=shipped, now=NOW).authors


# --- folders -----------------------------------------------------------------------------------------


def write(folder: Path, name: str, *, title: str = "A title", date: str = "2026-03-14") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\ntitle: {title}\ndate: {date}\n---\nText.\n", encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "articles"
    path.mkdir()
    return path


def reasons(report: ImportReport) -> dict[str, str]:
    return {path.name: reason for path, reason in report.refused}


def test_a_folder_is_walked_in_the_order_of_names(folder: Path) -> None:
    for name in ("b.md", "a/z.markdown", "a/c.MD", "README.md", ".hidden.md", ".git/d.md", "e.txt"):
        write(folder, name)
    found = [path.relative_to(folder).as_posix() for path in article_files(folder)]
    assert found == ["a/c.MD", "a/z.markdown", "b.md"]


def test_what_is_not_there_is_told(bare: Runtime, folder: Path) -> None:
    with pytest.raises(NotFound, match="no such file or folder"):
        import_path(bare, folder / "missing")


def test_what_may_not_be_read_is_told(bare: Runtime, folder: Path) -> None:
    with pytest.raises(Refused, match=r"cannot be read: .*too long"):
        import_path(bare, folder / ("x" * 300))


def test_a_single_file_is_taken(bare: Runtime, folder: Path) -> None:
    report = import_path(bare, write(folder, "2026-03-14-one.md"))
    assert [saved.path for _, saved in report.taken] == ["2026/03/one"]


def test_older_articles_get_the_lower_numbers(bare: Runtime, folder: Path) -> None:
    write(folder, "a.md", date="2026-03-16")
    write(folder, "b.md", date="2026-03-14")
    write(folder, "c.md", date="2026-03-15")
    report = import_path(bare, folder)
    assert [path.stem for path, _ in report.taken] == ["b", "c", "a"]
    ids = [saved.id for _, saved in report.taken]
    assert ids == sorted(ids)


def test_bad_files_stop_no_others(bare: Runtime, folder: Path, tmp_path: Path) -> None:
    write(folder, "good.md")
    (folder / "latin.md").write_bytes("---\ntitle: Café\n".encode("latin-1"))
    (folder / "large.md").write_bytes(b" " * (LARGEST + 1))
    (folder / "out.md").symlink_to(write(tmp_path, "outside.md"))
    (folder / "loop.md").symlink_to(folder / "loop.md")
    (folder / "gone.md").symlink_to(folder / "nothing.md")
    (folder / "plain.md").write_text("Text.", encoding="utf-8")
    report = import_path(bare, folder)
    assert [path.name for path, _ in report.taken] == ["good.md"]
    told = reasons(report)
    assert "latin.md: is not UTF-8 at byte 14" in told["latin.md"]
    assert "it is over 2000000 bytes" in told["large.md"]
    assert "it is a link out of the folder" in told["out.md"]
    assert "cannot be read" in told["loop.md"]
    assert "it is not a file" in told["gone.md"]
    assert "has no front matter" in told["plain.md"]


def test_a_link_within_the_folder_is_read(bare: Runtime, folder: Path) -> None:
    (folder / "b.md").symlink_to(write(folder, ".data/a.md"))
    assert [saved.path for _, saved in import_path(bare, folder).taken] == ["2026/03/b"]


def test_two_files_cannot_share_an_address(bare: Runtime, folder: Path) -> None:
    write(folder, "a/same.md", title="First")
    write(folder, "b/same.md", title="Second")
    report = import_path(bare, folder)
    assert len(report.taken) == 1
    assert reasons(report) == {
        "same.md": "b/same.md: 2026/03/same is taken by a/same.md; change the slug or the id"
    }


def test_progress_is_told_once_for_each_file(bare: Runtime, folder: Path) -> None:
    for number in range(3):
        write(folder, f"{number}.md")
    (folder / "bad.md").write_text("", encoding="utf-8")
    settled: list[Path] = []
    import_path(bare, folder, progress=settled.append)
    assert sorted(settled) == article_files(folder)


def test_importing_again_changes_nothing(bare: Runtime, folder: Path) -> None:
    """ID-07."""
    for number in range(120):  # three transactions
        write(folder, f"{number}.md", title=f"Title {number}")
    assert changes(import_path(bare, folder)) == {Change.CREATED: 120}
    before = last_change(bare)
    assert changes(import_path(bare, folder)) == {Change.UNCHANGED: 120}
    assert last_change(bare) == before
    write(folder, "7.md", title="Better")
    assert changes(import_path(bare, folder)) == {Change.UNCHANGED: 119, Change.EDITED: 1}
    assert last_change(bare) > before


# --- the first articles ------------------------------------------------------------------------------


@pytest.fixture
def fresh(bare: Runtime, folder: Path) -> Runtime:
    """A runtime whose settings name the folder as that of the first articles."""
    content = bare.config.content.model_copy(update={"first_articles": folder})
    return replace(bare, config=bare.config.model_copy(update={"content": content}))


def test_first_articles_are_taken_once(fresh: Runtime, folder: Path) -> None:
    for number in range(60):  # two transactions
        write(folder, f"{number}.md")
    settled: list[Path] = []
    report = take_first_articles(fresh, progress=settled.append)
    assert report is not None
    assert (len(report.taken), len(settled)) == (60, 60)
    assert take_first_articles(fresh) is None


def test_first_articles_are_taken_only_where_there_are_none(fresh: Runtime, folder: Path) -> None:
    import_path(fresh, write(folder, "one.md"))
    write(folder, "two.md")
    assert take_first_articles(fresh) is None


def test_first_articles_that_are_all_refused_are_not_tried_again(
    fresh: Runtime, folder: Path
) -> None:
    (folder / "bad.md").write_text("", encoding="utf-8")
    report = take_first_articles(fresh)
    assert report is not None
    assert not report.taken
    assert list(reasons(report)) == ["bad.md"]
    assert take_first_articles(fresh) is None


def test_without_a_folder_there_are_no_first_articles(bare: Runtime) -> None:
    assert take_first_articles(bare) is None


def last_change(runtime: Runtime) -> int:
    with runtime.store.reading() as tx:
        return changelog.last(tx)


def changes(report: ImportReport) -> dict[Change, int]:
    assert not report.refused
    return dict(Counter(saved.change for _, saved in report.taken))


# --- the example newsroom ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Config:
    return configuration.load(ROOT / "config.toml")


@pytest.fixture(scope="module")
def examples(shipped: Config) -> list[Article]:
    return [
        read_article(path.read_text(encoding="utf-8"), name=path.name, config=shipped, now=NOW)
        for path in article_files(EXAMPLES)
    ]


def test_the_example_newsroom_is_imported_whole(
    configure: Callable[..., Config], database: str, shipped: Config, clock: ManualClock
) -> None:
    config = shipped.model_copy(update={"storage": configure().storage})
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock) as runtime:
        assert changes(import_path(runtime, EXAMPLES)) == {Change.CREATED: 25}
        assert changes(import_path(runtime, EXAMPLES)) == {Change.UNCHANGED: 25}
        with runtime.store.reading() as tx:
            assert articles.count(tx, Selection()) == 25


def test_the_example_newsroom_is_what_the_readme_promises(examples: list[Article]) -> None:
    assert len(examples) == 25
    assert all(article.status is Status.PUBLISHED for article in examples)
    assert len({article.published for article in examples}) == 25
    house = {author for it in examples if not it.origins for author in it.authors}
    named = {author.name: author.kind for author in house}
    assert Counter(named.values()) == {AuthorKind.PERSON: 4, AuthorKind.ORGANIZATION: 2}
    assert {scheme: len(slugs) for scheme, slugs in filed(examples).items()} == {
        "theme": 5,
        "region": 6,
        "report": 3,
    }
    assert sum(bool(article.origins) for article in examples) == 7
    assert sum(article.editors_note is not None for article in examples) == 3
    assert Counter(article.language for article in examples) == {None: 23, "fr": 1, "ar": 1}


def filed(examples: list[Article]) -> dict[str, set[str]]:
    slugs: dict[str, set[str]] = {}
    for article in examples:
        for category in article.categories:
            slugs.setdefault(category.scheme, set()).add(category.slug)
    return slugs


def test_the_examples_are_filed_where_config_says(examples: list[Article], shipped: Config) -> None:
    declared = {name: set(taxonomy.terms) for name, taxonomy in shipped.taxonomies.items()}
    assert filed(examples) == declared


def test_partners_articles_say_whose_they_are(examples: list[Article], shipped: Config) -> None:
    for article in examples:
        if origin := article.origin:
            assert origin.home
            assert origin.feed
            assert origin.url == article.canonical_url
            assert article.guid == origin.entry_id
            assert article.rights
            assert origin.title in article.rights
            assert terms.of(shipped, article, article.updated).extent is terms.Extent.FULL


def test_links_between_the_examples_lead_somewhere(
    examples: list[Article],
) -> None:
    home = addresses.OWN.rstrip("/")
    pages = {f"{home}/articles/{it.published:%Y/%m}/{it.slug}" for it in examples}
    pages |= {
        f"{home}/{scheme}/{slug}" for scheme, all_of in filed(examples).items() for slug in all_of
    }
    text = " ".join(
        it.content + (it.editors_note.html if it.editors_note else "") for it in examples
    )
    linked = {part.partition('"')[0] for part in text.split('href="')[1:]}
    assert linked
    assert linked <= pages
