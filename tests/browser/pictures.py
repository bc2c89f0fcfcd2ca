"""The pictures in docs/, taken anew of the example newsroom: `make pictures`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service import config as configuration
from service import runtime as running
from service.transfer import import_path
from tests.browser.chromium import Chromium, View
from tests.browser.sites import looked_at

ROOT = Path(__file__).parents[2]
ARTICLE = "/articles/2026/10/a-cadastre-of-rooms"


@dataclass(frozen=True)
class Picture:
    """What is shown of a page, from an element on."""

    name: str
    path: str
    view: View
    first: str = "*"  # a selector


PICTURES = (
    Picture("front-page", "/", View(1280, 900)),
    Picture("article", ARTICLE, View(1280, 900)),
    Picture("feeds", "/feeds?theme=energy,water&not-region=andes", View(800, 1780), "#build"),
    Picture("subscribe", "/subscribe/theme/energy", View(390, 844)),
    Picture("feed-in-browser", "/feeds/theme/energy.atom", View(390, 844, dark=True)),
    Picture("republish", f"{ARTICLE}/republish", View(390, 844, dark=True)),
)


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """Where the example newsroom is served, with the addresses that it would have on the web."""
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    text = text.replace("http://127.0.0.1:8000", "https://meridian-review.example")
    path = folder / "config.toml"
    path.write_text(text.replace("first_articles", "# first_articles"), encoding="utf-8")
    config = configuration.load(path)
    running.prepare(config)
    with running.opened(config) as runtime:
        import_path(runtime, ROOT / "examples" / "articles")
        with looked_at(runtime) as address:
            yield address


def main() -> None:
    """Write every picture in place of the one that is there."""
    with tempfile.TemporaryDirectory() as name, site(Path(name)) as address:
        browser = Chromium(Path(name, "chromium"))
        for it in PICTURES:
            browser.open(address + it.path, it.view)
            browser.value(
                f"document.querySelector({it.first!r}).scrollIntoView(), scrollBy(0, -24)"
            )
            (ROOT / "docs" / f"{it.name}.png").write_bytes(browser.picture())
        browser.close()


if __name__ == "__main__":
    main()
