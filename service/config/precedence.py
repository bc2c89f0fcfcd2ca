"""Which license holds for an article, as far as the settings have a say in it.

The store keeps the same record, so that articles are filed under their licenses when they are saved.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Self

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from service.config.model import Config

_STRICTNESS = ("none", "summary", "full")


class Precedence(Struct, frozen=True):
    """The names of licenses by whom and what they are given for, and how strict they are."""

    site: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)  # by slug
    categories: Mapping[str, str] = field(default_factory=dict)  # by "taxonomy/slug"
    strictest: tuple[str, ...] = ()  # the stricter, the earlier
    withheld: tuple[str, ...] = ()  # these let nobody republish
    abridged: tuple[str, ...] = ()  # sources that are shown by summaries, whatever their license

    @classmethod
    def of(cls, config: Config) -> Self:
        """That of a configuration."""
        licenses = config.licenses
        return cls(
            site=config.site.license,
            sources={it.slug: it.license for it in config.every_source if it.license},
            categories={
                f"{scheme}/{slug}": term.license
                for scheme, taxonomy in config.taxonomies.items()
                for slug, term in taxonomy.terms.items()
                if term.license
            },
            strictest=tuple(sorted(licenses, key=lambda name: _strictness(config, name))),
            withheld=tuple(name for name, it in licenses.items() if it.republish == "none"),
            abridged=tuple(it.slug for it in config.every_source if it.text != "full"),
        )

    @classmethod
    def read(cls, text: str) -> Self:
        """One that was kept as text."""
        site, sources, categories, *names = json.loads(text)
        return cls(site, sources, categories, *map(tuple, names))

    def __str__(self) -> str:
        """As text to be kept: equal ones give the same."""
        names = [self.strictest, self.withheld, self.abridged]
        kept = [self.site, self.sources, self.categories, *names]
        return json.dumps(kept, sort_keys=True, ensure_ascii=False)

    def held(
        self, own: str | None, source: str | None, filed: Iterable[str], *, is_foreign: bool
    ) -> str | None:
        """The license of an article: its own, else its source's, else the strictest of its categories'
        ("taxonomy/slug"), else the site's.

        Neither a category nor the site gives away what is not ours; a category can hold it back.
        """
        if own:
            return own
        if source and source in self.sources:
            return self.sources[source]
        given = {self.categories[it] for it in filed if it in self.categories}
        strictest = next((it for it in self.strictest if it in given), None) if given else None
        if is_foreign:
            return strictest if strictest in self.withheld else None
        return strictest or self.site


def _strictness(config: Config, name: str) -> tuple[int, int, int]:
    """The stricter, the smaller; of two that are alike the one that stands first in config.toml."""
    it = config.licenses[name]
    return (
        _STRICTNESS.index(it.republish),
        _STRICTNESS.index(it.feeds or it.republish),
        -len(it.prohibits),
    )
