"""Interface texts, dates and numbers in the language they are shown in (GNU gettext, Unicode CLDR).

Each `LANGUAGE/LC_MESSAGES/messages.po` is a catalogue; what it lacks is said in English.
"""

from __future__ import annotations

import gettext
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

_CATALOGUE = ("LC_MESSAGES", "messages.po")
_WORLD = {"en": "en_001"}  # English of no country: "13 December 2016"
_UNITS = (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("B", 1))


def marked(message: str) -> str:
    """The message itself: for texts that are kept in English and said later."""
    return message


class Texts:
    """What people read, in one language; made by `texts()`."""

    def __init__(self, locale: Locale, translations: gettext.NullTranslations) -> None:
        self._locale = locale
        self.gettext = translations.gettext
        self.ngettext = translations.ngettext

    def say(self, message: str, **values: object) -> str:
        """The message, an English text with places like `%(name)s`, with the values in it."""
        return self.gettext(message) % values if values else self.gettext(message)

    def day(self, date: date) -> str:
        """A date: "13 December 2016"."""
        return format_date(date, "long", locale=self._locale)

    def number(self, number: int) -> str:
        """A whole number, its digits grouped."""
        return str(format_decimal(number, locale=self._locale))

    def size(self, length: int) -> str:
        """A number of bytes, in the unit that suits it: "1.2 MB"."""
        name, unit = next((it for it in _UNITS if length >= it[1]), _UNITS[-1])
        return f"{format_decimal(round(length / unit, 1), locale=self._locale)} {name}"

    def language(self, tag: str) -> str:
        """What a language is called, by its tag: "French"; the tag where it has no name."""
        try:
            found = Locale.parse(tag, sep="-").get_display_name(self._locale)
        except (UnknownLocaleError, ValueError):
            return tag
        return found or tag

    def listed(self, items: Iterable[str]) -> str:
        """Several things in one phrase: "A, B and C"."""
        return format_list(list(items), locale=self._locale)


@cache
def texts(language: str) -> Texts:
    """The texts in a language, by its tag (RFC 5646); in English where there is no catalogue for it."""
    locale = _locale(language)
    names = dict.fromkeys((str(locale), locale.language))  # "pt_BR", then "pt"
    spoken = gettext.NullTranslations()
    for name in reversed([it for it in names if it in available()]):
        narrower = _translations(name)
        narrower.add_fallback(spoken)
        spoken = narrower
    return Texts(locale, spoken)


@cache
def available() -> tuple[str, ...]:
    """The names of the languages with a catalogue, in the spelling of CLDR: "de", "pt_BR"."""
    folders = (it for it in files(__name__).iterdir() if it.joinpath(*_CATALOGUE).is_file())
    return tuple(sorted(it.name for it in folders))


def catalogue(name: str) -> str:
    """The text of a catalogue."""
    return files(__name__).joinpath(name, *_CATALOGUE).read_text(encoding="utf-8")


def _translations(name: str) -> gettext.GNUTranslations:
    binary = BytesIO()
    write_mo(binary, read_po(BytesIO(catalogue(name).encode()), locale=name))
    binary.seek(0)
    return gettext.GNUTranslations(binary)


def _locale(language: str) -> Locale:
    """What CLDR knows of a language; of one that it does not know, English of the world."""
    try:
        return Locale.parse(_WORLD.get(language, language), sep="-" if "-" in language else "_")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_WORLD["en"])
