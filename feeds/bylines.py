"""The people in a byline: "By Jane Doe, Max Vey and Reuters" names three.

A byline is parted only where every part is somebody's name or a known organisation: the "Institute for War
and Peace Reporting", "José Ortega y Gasset" and "Doe, Jane" stay what they are.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_AGENCIES = """aap; afp; agence france-presse; agencies; ani; ansa; ap; apa; associated press; belga;
    bloomberg; cna; dpa; efe; europa press; interfax; ips; keystone-ats; kyodo; kyodo news; lusa; ntb; pa;
    pa media; press association; pti; reuters; ritzau; tass; the associated press; tt; upi; xinhua; yonhap"""
AGENCIES = frozenset(" ".join(it.split()) for it in _AGENCIES.split(";"))  # folded
_UNSIGNED = """admin; administrator; anonymous; author; editor; editors; guest; n/a; news desk; none;
    redacción; redaccion; redaktion; redação; redazione; rédaction; root; staff; unknown; user; web desk;
    webmaster"""
NOBODY = frozenset(" ".join(it.split()) for it in _UNSIGNED.split(";")) | {""}  # folded
_OF_ORGANISATIONS = """agencia agency alliance association bureau center centre centro coalition college
    commission committee company consortium corporation correspondent council department desk editor
    editorial editors federation for foundation fund group inc initiative institut institute instituto
    journal lab laboratory limited llc ltd magazine ministry network news newspaper newsroom observatory of
    office organisation organization partners project redaktion report reporter reporters reporting research
    review school service services society staff studio team times tribune trust union university writer
    writers"""
_ORGANISED = frozenset(_OF_ORGANISATIONS.split())
_SMALL = """abu af al ap aw bin bint binte binti d da dal das de degli dei del della den der des di do dos
    du el ibn la las le los mac mc san st t ten ter van vom von y zu zum zur"""
_PARTICLES = frozenset(_SMALL.split())
_TITLES = "cbe dds dphil esq ii iii iv jd jr kc llm mba mbe md mp mph msc obe phd qc rn sr"
_SUFFIXES = frozenset(_TITLES.split())
# Before the first name, each in the language that has it; "by" stands in front of names of any.
_PREFIXES = {
    "": r"(?:written|words|text|story|reporting|report)?\s*by",
    "da": "af", "de": "von", "es": "por", "fr": "par", "it": "(?:a cura di|di)", "nb": "av", "nl": "door",
    "no": "av", "pl": "przez", "pt": "por", "sv": "av",
}  # fmt: skip
_JOINTS = re.compile(
    r"\s*[,;،؛、]\s*(?:(?:and|und|et|y|e|och|og|ja|ve|и|و)\s+|&\s*)?"
    r"|\s+(?:and|und|et|y|e|i|en|och|og|ja|ve|with|mit|avec|con|и|і|та|و|&|\+|/|\|)\s+",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_][\w.'’‘ʼ·-]*")
_MOST = 30  # people in a byline


@lru_cache(maxsize=4096)
def split(
    byline: str, *, language: str | None = None, known: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """The names in a byline, each once; the byline itself where it cannot be told apart.

    `language` is its RFC 5646 tag, `known` the organisations that may stand among the people, folded.
    """
    whole = " ".join(byline.split())
    bare = _bare(whole, language)
    parts = _rejoined(_JOINTS.split(bare))
    if len(parts) <= _MOST and parts and all(_is_somebody(it, known) for it in parts):
        return tuple(dict.fromkeys(parts))
    is_known = bare.casefold() in known or bare.casefold() in NOBODY
    return (bare if is_known else whole,)


def _bare(byline: str, language: str | None) -> str:
    """Without the word in front that says "by"."""
    main = (language or "").partition("-")[0].lower()
    for prefix in (_PREFIXES[""], _PREFIXES.get(main)):
        found = prefix and re.match(rf"{prefix}\s*(?::\s*|\s)(?=\S)", byline, re.IGNORECASE)
        if found:
            return byline[found.end() :]
    return byline


def _rejoined(parts: list[str]) -> list[str]:
    """The parts, with "Jr." and "PhD" where they belong."""
    found: list[str] = []
    for part in parts:
        if found and _plain(part) in _SUFFIXES:
            found[-1] = f"{found[-1]}, {part}"
        elif part:
            found.append(part)
    return found


def _plain(word: str) -> str:
    return word.replace(".", "").casefold()


def _is_somebody(part: str, known: Collection[str]) -> bool:
    folded = part.casefold()
    return folded in known or folded in AGENCIES or folded in NOBODY or _is_person(part)


def _is_person(part: str) -> bool:
    """Whether it looks like somebody's name: two to six words, all but particles beginning with a capital."""
    words = part.replace(",", "").split()
    if len(words) == 1:
        return _is_whole_name(words[0])
    names = [it for it in words if it.casefold() not in _PARTICLES or it[0].isupper()]
    return (
        len(words) <= 6
        and len(names) > 1
        and all(_NAME.fullmatch(it) and not _is_lower(it) for it in names)
        and not any(_plain(it) in _ORGANISED for it in words)
    )


def _is_whole_name(word: str) -> bool:
    """Whether a single word is a name in a script that writes them in one: 王小明."""
    return len(word) in range(2, 6) and all("\u3040" <= it <= "\ud7a3" for it in word)


def _is_lower(word: str) -> bool:
    """Whether it begins with a small letter, as "al-Rashid" may."""
    first = word.partition("-")[0].partition("’")[0].partition("'")[0].casefold()
    return word[0].islower() and first not in _PARTICLES
