"""Catalogues say what the pages say, with everything that is filled in; what they lack is said in English."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.checkers import checkers
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from service import locales, subjects
from service import runtime as running
from service.locales import texts
from service.runtime import Current
from service.web import create_app
from tests.pages import FULL, page
from tests.pages import texts as said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from babel.messages.catalog import Catalog

    from service.config import Config
    from tests.fakes import ManualClock

ROOT = Path(__file__).parents[2]
MARKUP = re.compile(r"<[^>]*>")


def catalogue(name: str) -> Catalog:
    return read_po(BytesIO(locales.catalogue(name).encode()), locale=name)


@pytest.mark.parametrize("name", ["ar", "de", "es", "fr"])
def test_translations_hold_the_same_places_and_markup(name: str) -> None:
    assert name in locales.available()
    held = catalogue(name)
    for message in held:
        if not message.id:
            continue
        for check in checkers:
            check(held, message)
        forms, original = spelled(message.string), spelled(message.id)[-1]
        assert all(forms), message.id
        assert not message.fuzzy
        for form in forms:
            assert sorted(MARKUP.findall(form)) == sorted(MARKUP.findall(original)), form
        assert set(places(forms[-1])) == set(places(original)), message.id


def spelled(text: str | Sequence[str]) -> Sequence[str]:
    """All forms of a text: of one that counts something, there are several."""
    return [text] if isinstance(text, str) else text


def places(text: str) -> list[str]:
    return re.findall(r"%\(\w+\)[sd]", text)


def test_catalogues_keep_up_with_what_is_said() -> None:
    """`make messages` brings them up to date; a text that is new may wait for its translation."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods, options = [], {}
    for mapping in mappings:
        patterns = mapping["pattern"]
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            methods.append((pattern.removeprefix("service/"), mapping["method"]))
            options[methods[-1][0]] = {k: v for k, v in mapping.items() if k == "trimmed"}
    keywords = {**DEFAULT_KEYWORDS, "say": None, "marked": None}
    web = extract_from_dir(ROOT / "service", methods, options, keywords)
    wanted = {spelled(it[2])[0] for it in web}
    for name in locales.available():
        known = {spelled(it.id)[0] for it in catalogue(name) if it.id}
        assert len(known & wanted) > 0.9 * len(wanted), wanted - known
        assert len(known - wanted) < 0.1 * len(known), known - wanted


def test_dates_and_numbers_are_those_of_the_language() -> None:
    day = date(2016, 12, 13)
    table = {
        "en": ("13 December 2016", "12,345", "1.2 MB", "A, B and C"),
        "en-US": ("December 13, 2016", "12,345", "1.2 MB", "A, B, and C"),
        "de": ("13. Dezember 2016", "12.345", "1,2 MB", "A, B und C"),
        "ja": ("2016年12月13日", "12,345", "1.2 MB", "A、B、C"),
        "tlh": ("13 December 2016", "12,345", "1.2 MB", "A, B and C"),
    }
    for language, expected in table.items():
        it = texts(language)
        found = (it.day(day), it.number(12345), it.size(1_234_567), it.listed(["A", "B", "C"]))
        assert found == expected


def test_texts_fall_back_to_the_wider_language_and_then_to_english() -> None:
    assert texts("de-AT").say("Subscribe") == texts("de").say("Subscribe") == "Abonnieren"
    for language in ("de", "tlh", "x-none", ""):
        assert texts(language).say("A text of %(name)s", name="nobody") == "A text of nobody"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_site_speaks_its_own_language(
    configure: Callable[..., Config], clock: ManualClock, runtime: running.Runtime
) -> None:
    table = {
        "ar": ("rtl", "انتقل إلى المحتوى", "22 نوفمبر 2026"),
        "de": ("ltr", "Zum Inhalt springen", "22. November 2026"),
        "fr": ("ltr", "Aller au contenu", "22 novembre 2026"),
        "es": ("ltr", "Saltar al contenido", "22 de noviembre de 2026"),
    }
    for language, (direction, skip, day) in table.items():
        config = configure(('language = "en"', f'language = "{language}"'))
        running.prepare(config, clock=clock)
        with running.opened(config, clock=clock, parser=runtime.parser) as held:
            client = create_app(Current(held)).test_client()
            root = page(client, FULL)
            assert (root.get("lang"), root.get("dir")) == (language, direction)
            assert said(root, '//a[@class="skip"]') == [skip]
            assert day in said(root, '//p[@class="dateline"]')[0]
            style = client.get("/feeds.css").text
            assert f"direction: {direction};" in style
            assert "This is a feed" not in style


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_feeds_are_called_in_the_language_of_the_site(
    configure: Callable[..., Config], clock: ManualClock, runtime: running.Runtime
) -> None:
    config = configure(('language = "en"', 'language = "de"'))
    table = {
        "theme/energy,water/region/islands": (
            "Energy oder Water, und Islands",
            "Artikel in Energy oder Water und in Islands",
        ),
        "author/ada-marsh/not/source/lantern,unclear": (
            "Ada Marsh, ohne The Lantern oder Unclear Terms Weekly",
            "Artikel von Ada Marsh, aber nicht aus The Lantern oder Unclear Terms Weekly",
        ),
        "language/ar": ("Arabisch", "Artikel in Arabisch"),
    }
    with runtime.store.reading() as tx:
        for path, names in table.items():
            about = subjects.subject(config, tx, subjects.parse(config, path))
            assert (about.name, about.description) == names
