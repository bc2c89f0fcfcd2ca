"""What editors do to authors and categories: rename, move, withdraw, merge. The ids of feeds stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from service.config.values import SLUG
from service.errors import NotFound, Refused
from service.model import ALL
from service.selection import AUTHOR
from service.store import categories, changelog, formers, merging, people, renaming, texts

if TYPE_CHECKING:
    from service.model import Author, Category
    from service.runtime import Runtime
    from service.store import Transaction

_BATCH = 200  # articles whose words are worked out anew in one transaction


class Standing(Struct, frozen=True):
    """An author with all by which it is found."""

    author: Author
    former_slugs: list[str]
    aliases: list[Author]  # who was merged into it, and its other names


def author(runtime: Runtime, slug: str) -> Standing:
    """What is known of the author of that slug.

    Raises:
        NotFound: There is no such author.
    """
    with runtime.store.reading() as tx:
        found = _author(tx, slug)
        return Standing(found, formers.of(tx, AUTHOR, found.id), merging.aliases(tx, found))


def rename_author(runtime: Runtime, slug: str, name: str) -> Author:
    """Give an author another name everywhere; address and ids stay. Search finds it once this returns.

    Raises:
        NotFound: There is no author of that slug.
        Refused: The name is empty, or another author's.
    """
    if not name.strip():
        raise Refused("an author needs a name")
    with runtime.store.writing() as tx:
        renamed = people.rename(tx, slug, " ".join(name.split()), runtime.clock.now())
    if renamed is None:
        raise NotFound(f"there is no author {slug!r}")
    _say_anew(runtime, renamed)
    return renamed


def _say_anew(runtime: Runtime, renamed: Author) -> None:
    """Let search find the articles under the new name, in transactions short enough for other writers."""
    with runtime.store.reading() as tx:
        numbers = people.signed(tx, renamed.id)
    for first in range(0, len(numbers), _BATCH):
        with runtime.store.writing() as tx:
            texts.refresh(tx, numbers[first : first + _BATCH])
            changelog.append(tx, [ALL], runtime.clock.now())


def move_author(runtime: Runtime, slug: str, to: str) -> Author:
    """Give an author another slug; every address with an old one redirects.

    Raises:
        NotFound: There is no author of that slug.
        Refused: The new one is no slug, or is another's.
    """
    _require_slug(to)
    with runtime.store.writing() as tx:
        renaming.move(tx, _author(tx, slug), to, runtime.clock.now())
        return _author(tx, to)


def withdraw_author(runtime: Runtime, slug: str, reason: str) -> Author:
    """Let the page and the feeds of an author be gone; readers are told why.

    Raises:
        NotFound: There is no author of that slug.
        Refused: It is withdrawn already, or no reason is given.
    """
    _require_reason(reason)
    with runtime.store.writing() as tx:
        found = _author(tx, slug)
        renaming.withdraw(tx, found, reason.strip(), runtime.clock.now())
        return found


def restore_author(runtime: Runtime, slug: str) -> Author:
    """Take back that an author was withdrawn.

    Raises:
        NotFound: There is no author of that slug.
        Refused: It is not withdrawn.
    """
    with runtime.store.writing() as tx:
        found = _author(tx, slug)
        renaming.restore(tx, found, runtime.clock.now())
        return found


def merge_authors(runtime: Runtime, slug: str, into: str) -> tuple[Author, Author]:
    """Take an author for another, whose page and feeds then have the articles of both. Gives the two.

    Raises:
        NotFound: There is no author of one of the slugs.
        Refused: They are the same author.
    """
    with runtime.store.writing() as tx:
        one, other = _author(tx, slug), _author(tx, into)
        merging.merge(tx, one, other, runtime.clock.now())
        return one, other


def split_author(runtime: Runtime, slug: str) -> Author:
    """Undo that the author of that slug was merged into another.

    Raises:
        Refused: It was not.
    """
    with runtime.store.writing() as tx:
        return merging.split(tx, slug, runtime.clock.now())


def relabel(runtime: Runtime, scheme: str, slug: str, label: str) -> Category:
    """Give a category another label everywhere; address and ids stay.

    Raises:
        NotFound: There is no such category.
        Refused: The label is empty, or config.toml declares the category.
    """
    if not label.strip():
        raise Refused("a category needs a label")
    with runtime.store.writing() as tx:
        found = _category(tx, scheme, slug)
        if _is_declared(runtime, found):
            raise Refused(f"config.toml gives {scheme} {found.slug!r} its label; change it there")
        return categories.relabel(tx, found, " ".join(label.split()), runtime.clock.now())


def move_category(runtime: Runtime, scheme: str, slug: str, to: str) -> Category:
    """Give a category another slug; every address with an old one redirects.

    Raises:
        NotFound: There is no such category.
        Refused: The new one is no slug, or is another's; or config.toml declares the category.
    """
    _require_slug(to)
    with runtime.store.writing() as tx:
        found = _category(tx, scheme, slug)
        if _is_declared(runtime, found):
            raise Refused(
                f"config.toml declares {scheme} {found.slug!r}; call it"
                f" [taxonomies.{scheme}.terms.{to}] there, with formerly = [{found.slug!r}]"
            )
        renaming.move(tx, found, to, runtime.clock.now())
        return _category(tx, scheme, to)


def withdraw_category(runtime: Runtime, scheme: str, slug: str, reason: str) -> Category:
    """Let the page and the feeds of a category be gone; readers are told why.

    Raises:
        NotFound: There is no such category.
        Refused: It is withdrawn already, or no reason is given.
    """
    _require_reason(reason)
    with runtime.store.writing() as tx:
        found = _category(tx, scheme, slug)
        renaming.withdraw(tx, found, reason.strip(), runtime.clock.now())
        return found


def restore_category(runtime: Runtime, scheme: str, slug: str) -> Category:
    """Take back that a category was withdrawn.

    Raises:
        NotFound: There is no such category.
        Refused: It is not withdrawn.
    """
    with runtime.store.writing() as tx:
        found = _category(tx, scheme, slug)
        renaming.restore(tx, found, runtime.clock.now())
        return found


def _author(tx: Transaction, slug: str) -> Author:
    found = people.at(tx, slug)
    if found is None:
        raise NotFound(f"there is no author {slug!r}")
    return found


def _category(tx: Transaction, scheme: str, slug: str) -> Category:
    found = categories.at(tx, scheme, slug)
    if found is None:
        raise NotFound(f"there is no category {scheme}/{slug}")
    return found


def _is_declared(runtime: Runtime, it: Category) -> bool:
    taxonomy = runtime.config.taxonomies.get(it.scheme)
    return taxonomy is not None and it.slug in taxonomy.terms


def _require_slug(slug: str) -> None:
    if not SLUG.fullmatch(slug):
        raise Refused(
            f"{slug!r} cannot stand in an address; write lower-case ASCII letters, digits and single"
            " hyphens, such as ada-marsh"
        )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("a withdrawal needs a reason: readers are told it")
