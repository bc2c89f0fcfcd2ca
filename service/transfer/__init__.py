"""Content from files: Markdown with TOML or YAML front matter, as docs/articles.md describes it."""

from service.transfer.album import Album, album_of
from service.transfer.frontmatter import Unusable
from service.transfer.importing import (
    ImportReport,
    article_files,
    import_path,
    take_first_articles,
)
from service.transfer.reading import read_article

__all__ = [
    "Album",
    "ImportReport",
    "Unusable",
    "album_of",
    "article_files",
    "import_path",
    "read_article",
    "take_first_articles",
]
