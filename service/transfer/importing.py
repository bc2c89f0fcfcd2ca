"""Files and folders of articles into the store, oldest article first, fifty to a transaction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from feeds.identity import is_absolute
from service import addresses
from service.errors import NotFound, Refused
from service.store import articles, meta
from service.transfer.album import album_of
from service.transfer.frontmatter import Unusable
from service.transfer.reading import read_article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from service.config import Config
    from service.model import Article, Saved
    from service.runtime import Runtime
    from service.store import Transaction

LARGEST: Final = 2_000_000  # bytes
CHUNK: Final = 50
_ENDINGS: Final = frozenset({".md", ".markdown"})
_TAKEN: Final = "first articles taken"

Item = tuple[Path, "Article"]


class ImportReport(Struct, frozen=True):
    """What became of every file; a refusal's reason has a line for each thing to mend."""

    taken: tuple[tuple[Path, Saved], ...]
    refused: tuple[tuple[Path, str], ...]


def article_files(path: Path) -> list[Path]:
    """The file itself, or the Markdown files in and below a folder, in the order of their names.

    Hidden files and README.md are passed over.

    Raises:
        NotFound: There is nothing at that path.
        Refused: The path, or a folder below it, may not be read.
    """
    try:
        if not path.exists():
            raise NotFound(f"{path}: there is no such file or folder")
        return list(_walk(path)) if path.is_dir() else [path]
    except OSError as error:
        raise Refused(f"{path}: cannot be read: {error}") from error


def import_path(
    runtime: Runtime, path: Path, *, progress: Callable[[Path], None] | None = None
) -> ImportReport:
    """Take every article file of `path` into the store, and tell what was not taken.

    One bad file stops no other, and a file that was taken before and has not changed changes nothing.
    `progress` is called once for each of article_files(path), when it is settled.

    Raises:
        NotFound, Refused: Nothing at that path, or nothing that may be read.
        StoreError: The database cannot be used; what was saved before stays.
    """
    return _import(runtime, path, progress, finish=lambda _: None)


def take_first_articles(
    runtime: Runtime, *, progress: Callable[[Path], None] | None = None
) -> ImportReport | None:
    """Import what [content] first_articles names, once, into a database that holds no article yet.

    Gives None when there was nothing to do.

    Raises:
        NotFound, Refused, StoreError: As import_path().
    """
    folder = runtime.config.content.first_articles
    with runtime.store.reading() as tx:
        is_new = not (meta.noted(tx, _TAKEN) or articles.listed(tx, status=None, limit=1))
    if folder is None or not is_new:
        return None
    return _import(runtime, folder, progress, finish=lambda tx: meta.note(tx, _TAKEN))


def _import(
    runtime: Runtime,
    path: Path,
    progress: Callable[[Path], None] | None,
    *,
    finish: Callable[[Transaction], None],
) -> ImportReport:
    """Import; `finish` is called in the last transaction."""
    now, seen = runtime.clock.now(), dict[str, str]()
    items: list[Item] = []
    refused: list[tuple[Path, str]] = []
    settled = progress or (lambda _: None)
    for file in article_files(path):
        try:
            article = _read(file, path, runtime.config, now)
            _claim(article, _name(file, path), seen)
        except Unusable as error:
            refused.append((file, str(error)))
            settled(file)
        else:
            items.append((file, article))
    items.sort(key=lambda item: item[1].published)  # so that the numbers in archives follow time
    items, lost = _following_something(runtime, items, path)
    for file, _ in lost:
        settled(file)
    taken: list[tuple[Path, Saved]] = []
    for file, saved in _saved(runtime, items, now, finish):
        taken.append((file, saved))
        settled(file)
    return ImportReport(tuple(taken), (*refused, *lost))


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        elif path.suffix.lower() in _ENDINGS and path.name.lower() != "readme.md":
            yield path


def _read(file: Path, root: Path, config: Config, now: datetime) -> Article:
    name = _name(file, root)
    try:
        text = _bytes(file, root).decode()
    except UnicodeDecodeError as error:
        where = f"at byte {error.start}"
        raise Unusable([f"{name}: is not UTF-8 {where}; save it in that encoding"]) from error
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself
        raise Unusable([f"{name}: cannot be read: {error}"]) from error
    album = album_of(config, file, root if root.is_dir() else None)
    return read_article(text, name=name, config=config, now=now, album=album)


def _bytes(file: Path, root: Path) -> bytes:
    if root.is_dir() and not file.resolve().is_relative_to(root.resolve()):
        raise OSError("it is a link out of the folder; put the file itself there")
    if not file.is_file():
        raise OSError("it is not a file")
    if file.stat().st_size > LARGEST:
        raise OSError(f"it is over {LARGEST} bytes; split it")
    return file.read_bytes()


def _name(file: Path, root: Path) -> str:
    return file.name if file == root else file.relative_to(root).as_posix()


def _claim(article: Article, name: str, seen: dict[str, str]) -> None:
    """Note what the store will find the article by; two files of one import cannot share it."""
    keys = [addresses.article_path(article.published, article.slug)]
    keys += [article.guid] if article.guid else []
    for key in keys:
        if key in seen:
            raise Unusable([f"{name}: {key} is taken by {seen[key]}; change the slug or the id"])
    seen.update(dict.fromkeys(keys, name))


def _following_something(
    runtime: Runtime, items: Sequence[Item], root: Path
) -> tuple[list[Item], list[tuple[Path, str]]]:
    """The files whose article follows none, or one that is there or comes before it; and the others."""
    kept, lost, paths = list[Item](), list[tuple[Path, str]](), set[str]()
    with runtime.store.reading() as tx:
        for file, article in items:
            reply = article.in_reply_to
            named = reply.ref if reply and not is_absolute(reply.ref) else None
            if named and named not in paths and articles.find(tx, named) is None:
                what = f"there is no article {named!r} that is older; correct the path"
                lost.append((file, f"{_name(file, root)}: in_reply_to: {what}"))
                continue
            kept.append((file, article))
            paths.add(addresses.article_path(article.published, article.slug))
    return kept, lost


def _saved(
    runtime: Runtime,
    items: Sequence[Item],
    now: datetime,
    finish: Callable[[Transaction], None],
) -> Iterator[tuple[Path, Saved]]:
    for start in range(0, len(items) or 1, CHUNK):
        chunk = items[start : start + CHUNK]
        with runtime.store.writing() as tx:
            saved = articles.save(tx, [article for _, article in chunk], now=now)
            if start + CHUNK >= len(items):
                finish(tx)
        yield from zip((file for file, _ in chunk), saved, strict=True)
