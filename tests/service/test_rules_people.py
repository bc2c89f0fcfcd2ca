"""Whom a partner's entries are by, and where they are filed, by the rules of its source."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from feeds.model import Category as Term
from feeds.model import Person
from service import rules
from service.model import AuthorKind
from service.rules.filing import unmapped
from tests.service.test_rules import CONFIG, ENTRY, HEAD, NOW, SEEN, SOURCE


def article(*, source=None, **changed):
    settings = SOURCE.model_copy(update=source or {})
    entry = replace(ENTRY, **changed)
    return rules.apply(entry, HEAD, settings, CONFIG, first_seen=SEEN, now=NOW)


def signed(*names: str, source=None) -> list[str]:
    people = tuple(Person(name) for name in names)
    return [it.name for it in article(source=source, authors=people).authors]


def test_a_byline_of_several_is_parted():
    assert signed("By Cleo Duarte and The Lantern") == ["Cleo Duarte", "The Lantern"]
    found = article(authors=(Person("Cleo Duarte & Reuters", uri="https://lantern.example/"),))
    assert [(it.kind, it.uri) for it in found.authors] == [
        (AuthorKind.PERSON, None),
        (AuthorKind.ORGANIZATION, None),
    ]


def test_one_name_keeps_its_page():
    (author,) = article(authors=(Person("by Cleo Duarte", uri="https://l.example/cleo"),)).authors
    assert (author.name, author.uri) == ("Cleo Duarte", "https://l.example/cleo")


@pytest.mark.parametrize("name", ["By admin", "Redaktion", "n/a", "Admin, Staff"])
def test_nobody_is_the_organization_or_the_authors_of_the_source(name):
    assert signed(name) == ["The Lantern"]
    assert signed(name, source={"authors": ("Cleo Duarte", "Max Vey")}) == [
        "Cleo Duarte",
        "Max Vey",
    ]


def test_bylines_say_whose_a_name_is():
    source = {
        "bylines": {
            "CD": ("Cleo Duarte",),
            "Duarte/Vey": ("Cleo Duarte", "Max Vey"),
            "Web team": (),
        }
    }
    assert signed("cd", source=source) == ["Cleo Duarte"]
    assert signed("duarte/vey", "CD", source=source) == ["Cleo Duarte", "Max Vey"]
    assert signed("Web team", source=source) == ["The Lantern"]
    assert signed("By cd and Ann Lee", source=source) == ["Cleo Duarte", "Ann Lee"]


def test_contributors_are_mapped_too():
    source = {"bylines": {"CD": ("Cleo Duarte",)}}
    found = article(source=source, contributors=(Person("cd", role="translator"),))
    assert [(it.author.name, it.role) for it in found.contributors] == [
        ("Cleo Duarte", "translator")
    ]


def filed(*terms: Term, source=None) -> list[tuple[str, str]]:
    found = article(source=source, categories=terms)
    return [(it.scheme, it.slug) for it in found.categories]


TERMS = {"terms": {"Rivers": ("theme/public-health", "region/andes"), "Energy": ()}}


def test_terms_are_filed_as_the_source_says():
    source = TERMS | {"categories": {}}
    assert filed(Term("rivers"), source=source) == [("theme", "public-health"), ("region", "andes")]
    assert filed(Term("r1", label=" RIVERS "), source=source) != []
    assert filed(Term("energy"), source=source) == []
    assert filed(Term("Public health"), source=source) == [("theme", "public-health")]


def test_a_category_that_nobody_declared_gets_a_label():
    source = {"terms": {"Lakes": ("theme/great-lakes",)}, "categories": {}}
    (category,) = article(source=source, categories=(Term("lakes"),)).categories
    assert category.label == "Great lakes"


def test_terms_that_are_filed_nowhere_are_told():
    settings = SOURCE.model_copy(update=TERMS)
    terms = [Term("rivers"), Term("energy"), Term("andes"), Term("t9", label="Seas")]
    assert list(unmapped(terms, settings, CONFIG)) == ["Seas"]
