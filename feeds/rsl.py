"""Machine terms as RSL 1.0 (Really Simple Licensing): its vocabulary, its documents, its element in RSS.

What a license neither permits nor prohibits is left unsaid, never guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree
from msgspec import Struct

from feeds.namespaces import IRIS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from feeds.model import MachineTerms

MEDIA_TYPE = "application/rsl+xml"
USAGES = ("all", "ai-all", "ai-train", "ai-input", "ai-index", "search")
USERS = ("commercial", "non-commercial", "education", "government", "personal")
PAYMENTS = (
    "purchase",
    "subscription",
    "training",
    "crawl",
    "use",
    "contribution",
    "attribution",
    "free",
)
_PARTS = {  # what the wider usages are made of
    "all": frozenset({"ai-train", "ai-input", "ai-index", "search"}),
    "ai-all": frozenset({"ai-train", "ai-input", "ai-index"}),
}
_SINGLE = tuple(usage for usage in USAGES if usage not in _PARTS)


class Asset(Struct, frozen=True):
    """What terms hold for: a whole URL, or a path by the rules of RFC 9309 ("/", "/feeds/*", "/about$")."""

    url: str
    terms: MachineTerms


def write_rsl(assets: Iterable[Asset]) -> bytes:
    """An RSL document in UTF-8."""
    namespaces: Any = {None: IRIS["rsl"]}
    root = etree.Element(_tag("rsl"), nsmap=namespaces)
    for asset in assets:
        add_content(root, asset)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def add_content(parent: etree._Element, asset: Asset) -> None:
    """Add the content element that says what may be done with an asset; RSS items take it as well."""
    terms = asset.terms
    content = etree.SubElement(parent, _tag("content"), {"url": asset.url})
    license_ = etree.SubElement(content, _tag("license"))
    _add_list(license_, "permits", "usage", terms.permits)
    _add_list(license_, "permits", "user", terms.users)
    _add_list(license_, "prohibits", "usage", terms.prohibits)
    if terms.payment:
        payment = etree.SubElement(license_, _tag("payment"), {"type": terms.payment})
        _add(payment, "standard", terms.license)
        _add(payment, "custom", terms.payment_url)
    if terms.holder:
        mail = {"contactEmail": terms.contact} if terms.contact else {}
        _add(content, "copyright", terms.holder, type="organization", **mail)
    _add(content, "terms", terms.about)


def is_covered(usage: str, by: Sequence[str]) -> bool:
    """Whether one of these usages is that usage or holds it: "all" and "ai-all" hold "ai-train"."""
    wanted = _parts(usage)
    return wanted <= frozenset[str]().union(*map(_parts, by))


def says(terms: MachineTerms, usage: str) -> bool | None:
    """Whether a single usage is allowed; None where nothing is said. A prohibition wins."""
    if is_covered(usage, terms.prohibits):
        return False
    if is_covered(usage, terms.permits):
        return True
    return False if terms.permits else None


def strictest(several: Sequence[MachineTerms]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What all of these permit, and what any of them prohibits, as single usages."""
    said = {usage: [says(terms, usage) for terms in several] for usage in _SINGLE}
    permits = tuple(usage for usage, answers in said.items() if answers and all(answers))
    prohibits = tuple(usage for usage, answers in said.items() if False in answers)
    return permits, prohibits


def _parts(usage: str) -> frozenset[str]:
    return _PARTS.get(usage, frozenset({usage}))


def _tag(name: str) -> str:
    return f"{{{IRIS['rsl']}}}{name}"


def _add(parent: etree._Element, name: str, value: str | None, **attributes: str) -> None:
    if value:
        etree.SubElement(parent, _tag(name), attributes).text = value


def _add_list(parent: etree._Element, name: str, kind: str, values: Sequence[str]) -> None:
    _add(parent, name, ",".join(values), type=kind)
