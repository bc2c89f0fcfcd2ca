"""What a selection is about: its words, what its feed's id is made from, and the scopes that it hangs on."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from service import selection as language
from service import words
from service.errors import Moved, NotFound, Withdrawn
from service.locales import marked, texts
from service.selection import (
    ALL,
    AUTHOR,
    LANGUAGE,
    LICENSE,
    NAMED,
    REPUBLISHABLE,
    SEARCH,
    SOURCE,
    Misspelt,
    Selection,
)
from service.store import categories, people, shelving, sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.config import Config
    from service.locales import Texts
    from service.model import Author, Category, Source, Withdrawal
    from service.selection import Term
    from service.store import Transaction

_OR = marked("%(one)s or %(other)s")
_AND = marked("%(one)s and %(other)s")
_AND_THEN = marked("%(one)s, and %(other)s")  # where one of them is an "or" itself
_BY = {  # what is said before the names of a term
    AUTHOR: marked("by %(names)s"),
    SOURCE: marked("from %(names)s"),
    LICENSE: marked("under %(names)s"),
}
_IN = marked("in %(names)s")  # a category, a language


class Subject(Struct, frozen=True):
    """What a selection is about.

    An article that enters, leaves or changes within the selection touches one of `scopes`. `key` is made of
    row ids and stays the same when something is renamed; that of a single author, category or source, and of
    a selection with a name, is a scope.
    """

    name: str | None  # None for the feed of everything
    description: str | None
    key: str
    scopes: frozenset[str]
    complete: bool = False  # nothing more will come

    @property
    def numbered(self) -> str | None:
        """The scope by whose numbers archives are cut; combinations without a name have none."""
        return self.key if self.key in self.scopes else None


class _Thing(Struct, frozen=True):
    """An author, source, category, language or license that a term names."""

    label: str
    slug: str  # by which it is called now
    key: str  # a scope, if its articles have one of their own
    description: str | None
    is_closed: bool = False
    withdrawal: Withdrawal | None = None
    also: frozenset[str] = frozenset()  # other scopes that articles of it may stand in instead

    @property
    def scopes(self) -> frozenset[str]:
        """Of which an article of it stands in one."""
        return self.also | {self.key}


def fields(config: Config) -> tuple[str, ...]:
    """What a term can be about, in the order that terms have in an address."""
    return (*config.taxonomies, AUTHOR, SOURCE, LANGUAGE, LICENSE)


def parse(config: Config, text: str, query: str | None = None) -> Selection:
    """The selection that stands below /feeds/, and below the pages' root, in an address.

    That is "all", "theme/energy", "theme/energy,climate/not/author/jane-doe" or "named/SLUG". Its `path` is
    the canonical spelling: where `text` is another, answer 301 to that. Whether the slugs exist is
    subject()'s to tell. "search" takes a query, which the selection holds in canonical spelling, too.

    Raises:
        NotFound: No such field, or nothing that could be an address.
    """
    if text == SEARCH:
        return _searching(query or "")
    known = fields(config)
    scheme, _, slug = text.partition("/")
    try:
        if scheme != NAMED:
            return language.parse(text, known)
        if slug in config.selections:
            return replace(language.parse(config.selections[slug].path, known), name=slug)
    except Misspelt as error:
        raise NotFound(f"there is no feed {text!r}: {error}") from error
    raise NotFound(f"config.toml has no [selections.{slug}]")


def _searching(text: str) -> Selection:
    asked = words.query(text)
    if asked is None:
        raise NotFound(f"{text[: words.LONGEST]!r} is no query: it says nothing, or too much")
    return Selection(query=str(asked))


def subject(config: Config, tx: Transaction, selection: Selection) -> Subject:
    """What the selection is about: title and description for people, key and scopes for caches.

    Raises:
        NotFound: It names an author, source or category that does not exist.
        Withdrawn: It names an author or category that was withdrawn.
        Moved: It does so by a name of former times or in another spelling; holds the one to redirect to.
    """
    said = texts(config.site.language)
    if selection.query is not None:
        return _search(said, selection.query)
    found = [
        [_found(config, tx, term.field, slug) for slug in term.slugs] for term in selection.terms
    ]
    if selection.name is not None:  # what it names may come with the first article
        settings = config.selections[selection.name]
        known = [[it for it in things if it] for things in found]
        is_whole = known == found
        scopes = _scopes(selection, known) if is_whole else frozenset({ALL})
        key = selection.path  # and the scope that its numbers are of
        return Subject(settings.title, settings.description, key, scopes | {key})
    things = [
        [_existing(it, term, slug) for it, slug in zip(row, term.slugs, strict=True)]
        for row, term in zip(found, selection.terms, strict=True)
    ]
    _require_current(config, selection, things)
    scopes = _scopes(selection, things)
    key = _key(selection, things)
    if not selection.terms:
        return Subject(None, None, key, scopes)
    if [(term.negated, len(term.slugs)) for term in selection.terms] == [(False, 1)]:
        ((it,),) = things
        return Subject(it.label, it.description, key, scopes, it.is_closed)
    title, about = _title(said, selection, things), _description(said, selection, things)
    return Subject(title, about, key, scopes)


def current(config: Config, tx: Transaction, selection: Selection) -> tuple[Selection, Subject]:
    """The selection as it is called by now, and what it is about.

    Raises:
        NotFound: It names an author, source or category that does not exist.
        Withdrawn: It names an author or category that was withdrawn.
    """
    try:
        return selection, subject(config, tx, selection)
    except Moved as it:
        return it.selection, subject(config, tx, it.selection)


def _search(said: Texts, query: str) -> Subject:
    """Any article may come to answer it."""
    title = said.say("Search: %(query)s", query=query)
    about = said.say("Articles that say %(query)s", query=query)
    return Subject(title, about, f"{SEARCH}/{quote(query, safe='')}", frozenset({ALL}))


def _found(config: Config, tx: Transaction, field: str, slug: str) -> _Thing | None:
    said = texts(config.site.language)
    if field == AUTHOR:
        return _author(said, people.at(tx, slug))
    if field == SOURCE:
        return _source(said, sources.at(tx, slug))
    if field == LANGUAGE:
        return _language(said, tx, slug)
    if field == LICENSE:
        return _license(config, tx, slug)
    return _category(categories.at(tx, field, slug))


def _author(said: Texts, it: Author | None) -> _Thing | None:
    if it is None:
        return None
    about = said.say("Articles by %(name)s", name=it.name)
    return _Thing(it.name, str(it.slug), f"author:{it.id}", about, withdrawal=it.withdrawal)


def _source(said: Texts, it: Source | None) -> _Thing | None:
    if it is None:
        return None
    about = said.say("Articles from %(name)s", name=it.name)
    return _Thing(it.name, it.slug, f"source:{it.slug}", about)


def _language(said: Texts, tx: Transaction, tag: str) -> _Thing | None:
    if not shelving.is_spoken(tx, tag):
        return None
    name = said.language(tag)
    scope, *others = shelving.language_scopes(tx, tag)
    about = said.say("Articles in %(name)s", name=name)
    return _Thing(name, tag, scope, about, also=frozenset(others))


def _license(config: Config, tx: Transaction, slug: str) -> _Thing | None:
    said = texts(config.site.language)
    key = f"{LICENSE}:{slug}"
    if slug == REPUBLISHABLE:
        scopes = frozenset(shelving.license_scopes(tx, slug) or [ALL])
        about = said.say("Articles that others may republish in full")
        return _Thing(said.say("Free to republish"), slug, key, about, also=scopes)
    if slug not in config.licenses:
        return None
    name = config.licenses[slug].name
    return _Thing(name, slug, key, said.say("Articles under %(name)s", name=name))


def _category(it: Category | None) -> _Thing | None:
    if it is None:
        return None
    scope = f"category:{it.id}"
    return _Thing(it.label, it.slug, scope, it.description, it.closed, withdrawal=it.withdrawal)


def _existing(found: _Thing | None, term: Term, slug: str) -> _Thing:
    if found is None:
        raise NotFound(f"there is no {term.field} {slug!r}")
    if found.withdrawal is not None:
        raise Withdrawn(found.label, found.withdrawal.at, found.withdrawal.reason)
    return found


def _require_current(
    config: Config, selection: Selection, things: Sequence[Sequence[_Thing]]
) -> None:
    """Two slugs may turn out to mean the same, so what they become is put in canonical spelling again."""
    terms = [
        replace(term, slugs=tuple(it.slug for it in row))
        for term, row in zip(selection.terms, things, strict=True)
    ]
    current = language.canonical(Selection(tuple(terms)), fields(config))
    if current != selection:
        raise Moved(current)


def _scopes(selection: Selection, things: Sequence[Sequence[_Thing]]) -> frozenset[str]:
    """An article of the selection stands in a scope of every positive term: those of one tell enough."""
    narrow = [
        frozenset(scope for it in row for scope in it.scopes)
        for term, row in zip(selection.terms, things, strict=True)
        if not term.negated
    ]
    return min(narrow, key=_narrowness, default=frozenset({ALL}))


def _narrowness(scopes: frozenset[str]) -> tuple[int, list[str]]:
    return len(scopes), sorted(scopes)


def _key(selection: Selection, things: Sequence[Sequence[_Thing]]) -> str:
    parts = [
        (term.negated, ",".join(sorted(it.key for it in row)))
        for term, row in zip(selection.terms, things, strict=True)
    ]
    return "/".join(f"not/{part}" if negated else part for negated, part in sorted(parts)) or ALL


def _title(said: Texts, selection: Selection, things: Sequence[Sequence[_Thing]]) -> str:
    """Such as "Energy or Climate, and West Africa, without Jane Doe"."""
    rows = list(zip(selection.terms, things, strict=True))
    wanted = [_either(said, row) for term, row in rows if not term.negated]
    refused = [_either(said, row) for term, row in rows if term.negated]
    several = any(len(row) > 1 for term, row in rows if not term.negated)
    title = _joined(said, _AND_THEN if several else _AND, wanted) or said.say("Everything")
    if not refused:
        return title
    without = _joined(said, _OR, refused)
    return said.say("%(wanted)s, without %(refused)s", wanted=title, refused=without)


def _description(said: Texts, selection: Selection, things: Sequence[Sequence[_Thing]]) -> str:
    """Such as "Articles in Energy or Climate and in West Africa, but not by Jane Doe"."""
    wanted: list[str] = []
    refused: list[str] = []
    for term, row in zip(selection.terms, things, strict=True):
        named = said.say(_BY.get(term.field, _IN), names=_either(said, row))
        (refused if term.negated else wanted).append(named)
    about = said.say("All articles")
    if wanted:
        about = said.say("Articles %(wanted)s", wanted=_joined(said, _AND, wanted))
    if not refused:
        return about
    without = _joined(said, _OR, refused)
    return said.say("%(wanted)s, but not %(refused)s", wanted=about, refused=without)


def _either(said: Texts, row: Sequence[_Thing]) -> str:
    return _joined(said, _OR, [it.label for it in row])


def _joined(said: Texts, pattern: str, parts: Sequence[str]) -> str:
    """All of them in one phrase, by a pattern that puts two together."""
    return reduce(lambda one, other: said.say(pattern, one=one, other=other), parts or [""])
