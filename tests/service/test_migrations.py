"""P16: an upgrade from every released schema keeps all data; interrupted, it leaves the old or the new."""

from __future__ import annotations

import hashlib
import shutil
import signal
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, RowMapping, Table, inspect, select

from service import store as storage
from service.errors import StoreBusy, StoreError
from service.packing import unpacked
from service.store import Store, migrating, revisions
from service.store.schema import metadata
from tests.nursery import NURSERY
from tests.service.test_store_database import COMPARED
from tests.spoken import spoken
from tests.upgrades import upgraded, upgraded_until

ENTRIES = 10_000
_SCRIPTS = revisions.SCRIPTS
_HEAD = ScriptDirectory(str(_SCRIPTS)).get_current_head()


def test_the_migrations_are_one_line():
    scripts = ScriptDirectory(str(_SCRIPTS))
    assert len(scripts.get_heads()) == 1
    assert all(not script.is_merge_point for script in scripts.walk_revisions())


@pytest.fixture
def old(nothing):
    """A database of the first release, full."""
    with closing(Store(nothing)) as store:
        fill(store, ENTRIES)
    return nothing


@pytest.fixture
def small(nothing):
    """The same with little in it."""
    with closing(Store(nothing)) as store:
        fill(store, 20)
    return nothing


def fill(store: Store, entries: int, revision: str = "0001") -> None:
    """Make an old schema and rows in each table of the first that others refer to, always the same."""
    migrating.make(store, revision)
    articles = entries // 5
    at = 1_700_000_000_000_000
    rows: dict[str, list[dict]] = {
        "meta": [{"key": "tag_authority", "value": "old.example"}],
        "authors": [
            {"id": n, "slug": f"a-{n}", "name": f"Á {n}", "kind": "person", "folded": f"á {n}", "key": f"{n}"}
            for n in range(1, 51)
        ],
        "categories": [
            {"id": n, "scheme": "theme", "slug": f"t-{n}", "label": f"T {n}", "closed": bool(n % 2)}
            for n in range(1, 21)
        ],
        "articles": [
            {
                "id": n, "guid": f"tag:{n}", "path": f"2026/01/{n}", "handle": f"id:{n}", "slug": f"s-{n}",
                "title": f"Überschrift {n} \U0001f30a", "content": f"<p>{'مقال ' * (n % 9)}</p>", "policy": 1,
                "status": "published",
                "published": at + n, "updated": at + n, "digest": f"{n}", "created": at,
            }
            for n in range(1, articles + 1)
        ],
        "bylines": [
            {"article_id": n, "position": p, "author_id": (n + p) % 50 + 1}
            for n in range(1, articles + 1) for p in range(2)
        ],
        "filings": [
            {"article_id": n, "position": 0, "category_id": n % 20 + 1} for n in range(1, articles + 1)
        ],
        "origins": [
            {"article_id": n, "position": 0, "title": "Lantern", "authors": [{"name": "Zoë", "n": n}]}
            for n in range(1, articles + 1, 7)
        ],
        "hosts": [{"name": f"h{n}.example", "fence": n} for n in range(5)],
        "sources": [
            {"id": n + 1, "slug": f"src-{n}", "name": f"S {n}", "url": f"https://h{n}.example/",
             "host": f"h{n}.example", "state": "active"}
            for n in range(5)
        ],
        "entries": [
            {
                "id": n, "source_id": n % 5 + 1, "key": f"k{n}", "key_kind": "id", "alias": f"k{n}",
                "raw": f"<entry>مقال {n}</entry>" * (n % 9), "raw_digest": f"{n}", "content_digest": f"{n}",
                "article_id": n % articles + 1, "verdict": "imported",
                "first_seen": at, "last_changed": at + n,
            }
            for n in range(1, entries + 1)
        ],
        "fates": [
            {"id": n, "entry_id": n, "at": at, "verdict": "imported"} for n in range(1, entries + 1, 3)
        ],
        "scopes": [{"scope": "all", "last_number": articles, "touched": at}],
        "positions": [{"scope": "all", "number": n, "article_id": n} for n in range(1, articles + 1)],
        "changes": [{"number": n, "scope": "all", "at": at} for n in range(1, articles + 1)],
    }  # fmt: skip
    with store.writing() as tx:
        for name, found in rows.items():
            tx.execute(Table(name, MetaData(), autoload_with=tx).insert(), found)


def digests(url: str, shape: dict[str, list[str]] | None = None) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and what they are; only of the columns in `shape`, if given."""
    shape = shape or columns(url)
    found = {}
    with closing(Store(url)) as store, store.reading() as tx:
        for name, wanted in shape.items():
            table = Table(name, MetaData(), autoload_with=tx)
            rows = sorted(
                repr(tuple(told[it] for it in wanted))
                for told in map(_as_of_old, tx.execute(select(table)).mappings())
            )
            found[name] = len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def _as_of_old(row: RowMapping) -> dict[str, Any]:
    """The row with `raw` as it stood before it was packed into `markup`."""
    return {**row, "raw": unpacked(row["markup"] or b"")} if "markup" in row else {**row}


def columns(url: str) -> dict[str, list[str]]:
    """Every table's columns, but the version's."""
    with closing(Store(url)) as store, store.reading() as tx:
        look = inspect(tx)
        names = sorted(set(look.get_table_names()) - {"alembic_version"})
        return {name: sorted(it["name"] for it in look.get_columns(name)) for name in names}


def revision(url: str) -> str | None:
    with closing(Store(url)) as store, store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_an_upgrade_from_the_first_schema_keeps_every_row(old):
    shape, before = columns(old), digests(old)
    assert before["entries"][0] == ENTRIES
    with closing(Store(old)) as store:
        assert storage.upgrade(store) == ("0001", _HEAD)
        with store.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts=COMPARED)
            assert compare_metadata(context, metadata) == []
        storage.check(store)
        with store.reading() as tx:
            assert spoken(tx)[1][:3] == [(1, "uberschrift"), (2, "1"), (3, "مقال")]
    assert digests(old, shape) == before


def test_an_sqlite_database_is_kept_as_it_was(tmp_path):
    url = f"sqlite:{tmp_path}/news.db"
    with closing(Store(url)) as store:
        fill(store, 20)
        before = digests(url)
        storage.upgrade(store)
        storage.upgrade(store)
    kept = tmp_path / f"news.db.before-{_HEAD}"
    assert revision(f"sqlite:{kept}") == "0001"
    assert digests(f"sqlite:{kept}") == before


def test_a_new_database_has_nothing_to_keep(tmp_path):
    with closing(Store(f"sqlite:{tmp_path}/new.db")) as store:
        storage.upgrade(store)
    assert list(tmp_path.glob("*before*")) == []


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """Adds a migration to the line, which is a copy of ours."""
    folder = tmp_path / "migrations"
    shutil.copytree(_SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(revisions, "SCRIPTS", folder)

    def add(body: str, head: str = "") -> None:
        (folder / "versions" / "9000_next.py").write_text(
            "from alembic import op\nimport sqlalchemy as sa\n"
            f'revision = "9000"\ndown_revision = "{_HEAD}"\nbranch_labels = depends_on = None\n{head}\n'
            f"def upgrade():\n    {body}\n"
        )

    return add


def test_a_migration_that_rebuilds_a_parent_keeps_its_children(small, scripts):
    scripts(
        'with op.batch_alter_table("articles", recreate="auto") as batch:\n'
        '        batch.alter_column("note", new_column_name="remark")'
    )
    shape, before = columns(small), digests(small)
    with closing(Store(small)) as store:
        storage.upgrade(store)
    shape.pop("articles")
    assert digests(small, shape) == {name: before[name] for name in shape}
    assert "remark" in columns(small)["articles"]


def test_a_migration_that_loses_rows_is_undone(small, scripts):
    scripts('op.execute("DELETE FROM fates")')
    before = digests(small)
    with closing(Store(small)) as store, pytest.raises(StoreError, match="0 of 7 rows of fates"):
        storage.upgrade(store)
    assert revision(small) == "0001"
    assert digests(small) == before


def test_a_migration_may_lose_what_it_says(small, scripts):
    scripts('op.execute("DELETE FROM fates")', 'loses = ("fates",)')
    with closing(Store(small)) as store:
        assert storage.upgrade(store) == ("0001", "9000")


def test_a_migration_that_orphans_rows_is_undone(tmp_path, scripts):
    """PostgreSQL does not let it come so far."""
    scripts('op.execute("UPDATE bylines SET author_id = 4711")')
    url = f"sqlite:{tmp_path}/old.db"
    with closing(Store(url)) as store:
        fill(store, 20)
        with pytest.raises(StoreError, match="without their parents"):
            storage.upgrade(store)
    assert revision(url) == "0001"


def test_an_upgrade_does_not_wait_for_ever_for_a_writer(small, monkeypatch):
    """Nor does it break in on one."""
    if not small.startswith("sqlite:"):
        monkeypatch.setattr(
            migrating, "_POSTGRES_TERMS",
            tuple(it.replace("10s", "200ms") for it in migrating._POSTGRES_TERMS),
        )  # fmt: skip
    else:
        monkeypatch.setattr("service.store.sqlite.PATIENCE", timedelta(milliseconds=200))
    with closing(Store(small)) as store, closing(Store(small)) as other:
        with other.writing(), pytest.raises(StoreBusy, match="stop the service"):
            storage.upgrade(store)
        assert revision(small) == "0001"
        storage.upgrade(store)


def run(*jobs) -> list[int]:
    started = [NURSERY.Process(target=job, args=arguments) for job, *arguments in jobs]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
    return [process.exitcode for process in started]


@pytest.mark.parametrize("kind", ["fresh", "old"])
def test_two_starters_at_once_migrate_once(request, nothing, kind):
    if kind == "old":
        request.getfixturevalue("small")
    assert run(*[(upgraded, nothing)] * 4) == [0] * 4
    with closing(Store(nothing)) as store:
        storage.check(store)


@pytest.mark.parametrize("points", [pytest.param(6), pytest.param(30, marks=pytest.mark.soak)])
@pytest.mark.timeout(300)
def test_an_upgrade_that_is_killed_leaves_the_old_or_the_new(small, points):
    shape, before = columns(small), digests(small)
    last = 40  # statements; an upgrade has more
    for point in range(points):
        statement = 1 + point * last // points
        assert run((upgraded_until, small, statement)) == [-signal.SIGKILL]
        assert revision(small) == "0001"
        assert columns(small) == shape
        assert digests(small) == before
    assert run((upgraded_until, small, 10_000)) == [-signal.SIGKILL]
    assert revision(small) == _HEAD
    assert digests(small, shape) == before
