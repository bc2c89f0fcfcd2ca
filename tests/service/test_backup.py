"""Backups, and what they are for: the same database again, on either engine."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text, update

from service import cli
from service import runtime as running
from service import store as storage
from service.config import database_url
from service.errors import Refused, StoreAhead, StoreError
from service.model import EVERYTHING
from service.packing import unpacked
from service.store import Store, articles, changelog, files, partial, revisions
from service.store.schema import articles as articles_table
from service.store.schema import hosts
from tests import newsroom
from tests.newsroom import NOW
from tests.service.keeping import (
    backup,
    config_for,
    contents,
    new_postgresql,
    restore,
    sequences,
)
from tests.service.test_migrations import fill

HEAD = revisions.known(revisions.SCRIPTS)[-1]

CHANGED = {"changes", "scopes", "hosts", "settings", "alembic_version"}  # a restore moves these on


# a restore wants the database for itself
pytestmark = pytest.mark.usefixtures("own_connections")


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request, tmp_path):
    """The settings of another newsroom on a machine of its own, with nothing in its database."""
    if request.param == "sqlite":
        yield config_for(f"sqlite:{tmp_path}/elsewhere/data/other.db", tmp_path / "elsewhere")
        return
    for url in new_postgresql(request.getfixturevalue("postgresql")):
        yield config_for(url, tmp_path / "elsewhere")


@pytest.fixture
def made(runtime, tmp_path):
    """A backup of the test newsroom."""
    file = tmp_path / "backup.db"
    backup(runtime.config, file)
    return file


def kept(rows):
    return {name: found for name, found in rows.items() if name not in CHANGED}


def test_a_backup_holds_everything_and_is_one_file(runtime, tmp_path):
    file = tmp_path / "backups" / "newsroom.db"
    file.parent.mkdir()
    told = backup(runtime.config, file)
    assert told.articles == 15
    assert contents(f"sqlite:{file}") == contents(runtime.store.url)
    assert sequences(f"sqlite:{file}") == sequences(runtime.store.url)


def test_a_backup_lies_alone_and_only_its_owner_reads_it(runtime, tmp_path):
    file = tmp_path / "backups" / "newsroom.db"
    file.parent.mkdir()
    backup(runtime.config, file)
    assert [it.name for it in file.parent.iterdir()] == ["newsroom.db"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_backup_restores_on_either_engine(runtime, made, elsewhere):
    told = restore(elsewhere, made)
    url = database_url(elsewhere)
    assert told.articles == 15
    assert kept(contents(url)) == kept(contents(runtime.store.url))
    with running.opened(elsewhere) as there, there.store.writing() as tx:
        saved = articles.save(tx, [newsroom.article(90)], now=NOW)
        assert saved[0].id == 16


def test_sqlite_to_postgresql_and_back_keeps_every_row_byte_for_byte(
    sqlite_template, postgresql, tmp_path
):
    here = config_for(f"sqlite:{tmp_path}/here.db", tmp_path / "here")
    running.prepare(here)
    with running.opened(here) as runtime, runtime.store.writing() as tx:
        articles.save(tx, newsroom.articles(), now=NOW)
    backup(here, tmp_path / "1.db")
    for url in new_postgresql(postgresql):
        there = config_for(url, tmp_path / "there")
        restore(there, tmp_path / "1.db")
        moved = contents(url)
        backup(there, tmp_path / "2.db")
    assert contents(f"sqlite:{tmp_path}/2.db") == moved
    assert kept(moved) == kept(contents(f"sqlite:{tmp_path}/1.db"))
    assert sequences(f"sqlite:{tmp_path}/2.db")["articles"] == 15
    assert _raw(tmp_path / "2.db") == _raw(tmp_path / "1.db")


def _raw(file: Path) -> list[tuple]:
    """What SQLite itself keeps, types and all, of the tables with the most kinds of columns."""
    with closing(sqlite3.connect(file)) as connection:
        return [
            row
            for table, key in (("articles", "id"), ("origins", "article_id"), ("categories", "id"))
            for row in connection.execute(f"SELECT * FROM {table} ORDER BY {key}")
        ]


def test_change_numbers_row_ids_and_fences_never_come_again(bare, tmp_path):
    file = tmp_path / "backup.db"
    backup(bare.config, file)
    with bare.store.writing() as tx:
        articles.save(tx, newsroom.articles(), now=NOW + timedelta(hours=1))
        tx.execute(update(hosts).values(fence=7, owner="gone", leased_until=NOW))
        newest = changelog.last(tx)
        told = changelog.touched_at(tx, ["all"])
    before = sequences(bare.store.url)
    bare.store.close()
    restore(bare.config, file)
    after = sequences(bare.store.url)
    with bare.store.reading() as tx:
        assert changelog.since(tx, newest) == {EVERYTHING: newest + 1}
        assert changelog.touched_at(tx, ["all"]) > told
        found = tx.execute(select(hosts.c.fence, hosts.c.owner, hosts.c.leased_until)).all()
    assert {tuple(row) for row in found} == {(8, None, None)}
    assert all(after[name] >= number for name, number in before.items())
    with bare.store.writing() as tx:
        assert articles.save(tx, [newsroom.article(90)], now=NOW)[0].id == 16


def test_a_restore_is_refused_while_the_database_is_in_use(runtime, made):
    before = contents(runtime.store.url)
    with runtime.store.reading() as tx:
        tx.execute(select(articles_table)).all()
        with pytest.raises(Refused, match="in use"):
            restore(runtime.config, made)
    assert contents(runtime.store.url) == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_previous_sqlite_database_is_kept(runtime, made, clock):
    with runtime.store.writing() as tx:
        articles.save(tx, [newsroom.article(90)], now=NOW)
    before = contents(runtime.store.url)
    runtime.store.close()
    told = restore(runtime.config, made, clock=clock)
    assert told.previous.endswith("test.db.before-restore-20261122T120000.000000Z")
    assert contents(f"sqlite:{told.previous}") == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_a_killed_service_left_in_its_log_is_no_part_of_the_restored_database(
    runtime, made, database
):
    path = runtime.store.sqlite_path
    expected = kept(contents(database))
    with runtime.store.writing() as tx:
        articles.save(tx, [newsroom.article(90)], now=NOW)
    crashed = path.with_name("crashed.db")
    for name in ("", "-wal"):
        crashed.with_name(crashed.name + name).write_bytes(
            path.with_name(path.name + name).read_bytes()
        )
    config = config_for(f"sqlite:{crashed}", path.parent / "crashed")
    told = restore(config, made)
    assert kept(contents(f"sqlite:{crashed}")) == expected
    assert len(contents(f"sqlite:{told.previous}")["articles"]) == 16


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("damage", [b"This is a letter.\n" * 900, None])
def test_a_broken_database_can_be_restored_over(made, tmp_path, damage):
    target = tmp_path / "broken.db"
    broken = damage or made.read_bytes()[:40_000]
    target.write_bytes(broken)
    target.with_name("broken.db-wal").write_bytes(b"left over")
    config = config_for(f"sqlite:{target}", tmp_path / "elsewhere")
    told = restore(config, made)
    assert kept(contents(f"sqlite:{target}")) == kept(contents(f"sqlite:{made}"))
    assert Path(told.previous).exists()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_live_database_is_no_backup(runtime, elsewhere):
    with runtime.store.reading(), pytest.raises(Refused, match="live database"):
        restore(elsewhere, runtime.store.sqlite_path)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda file: file.write_bytes(b"nothing of the kind" * 400), "not a database"),
        (lambda file: file.write_bytes(file.read_bytes()[:60_000]), "damaged|malformed"),
        (lambda file: _run(file, "DELETE FROM bylines; DELETE FROM authors"), "lack what they"),
        (lambda file: _run(file, "DROP TABLE alembic_version"), "no database of feedwright's"),
        (lambda file: _run(file, "UPDATE alembic_version SET version_num = '9999'"), "9999"),
    ],
)
def test_a_spoilt_backup_is_refused_and_changes_nothing(made, elsewhere, spoil, told):
    restore(elsewhere, made)
    before = contents(database_url(elsewhere))
    spoil(made)
    with pytest.raises(StoreError, match=told):
        restore(elsewhere, made)
    assert contents(database_url(elsewhere)) == before


def _run(file: Path, script: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(script)


def test_a_database_of_a_newer_release_is_not_backed_up(store, config, tmp_path):
    with store.writing() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    try:
        with pytest.raises(StoreAhead, match="9999"):
            backup(config, tmp_path / "backup.db")
    finally:
        with store.writing() as tx:
            tx.execute(text(f"UPDATE alembic_version SET version_num = '{HEAD}'"))
    assert not (tmp_path / "backup.db").exists()
    assert not list(tmp_path.glob("*partial*"))


def test_a_file_that_is_there_is_replaced_only_when_asked(runtime, made):
    before = made.read_bytes()
    with pytest.raises(Refused, match="--force"):
        backup(runtime.config, made)
    assert made.read_bytes() == before
    backup(runtime.config, made, replace=True)
    assert contents(f"sqlite:{made}") == contents(runtime.store.url)


def test_a_backup_that_fails_leaves_nothing(runtime, tmp_path):
    def interrupted(stage, _share):
        if stage == "checking":
            raise KeyboardInterrupt

    file = tmp_path / "backups" / "newsroom.db"
    file.parent.mkdir()
    with pytest.raises(KeyboardInterrupt):
        backup(runtime.config, file, watch=interrupted)
    assert list(file.parent.iterdir()) == []


def test_what_a_killed_backup_left_is_removed_by_the_next(runtime, tmp_path):
    stale = tmp_path / f"yesterday.db{partial.SUFFIX}"
    for name in ("", "-journal", "-wal"):
        stale.with_name(stale.name + name).write_bytes(b"half")
    backup(runtime.config, tmp_path / "today.db")
    assert list(tmp_path.glob(f"*{partial.SUFFIX}*")) == []


def test_two_backups_at_once_into_one_file_are_refused(runtime, tmp_path):
    file = tmp_path / "backup.db"
    with partial.scratch(file):
        process = command(runtime.config, "backup", str(file))
    assert process.returncode == 1
    assert "another process is making" in process.stderr
    assert not file.exists()


def test_a_full_disk_is_told_before_anything_is_written(runtime, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(Refused, match="0 MB free"):
        backup(runtime.config, tmp_path / "backup.db")
    assert not list(tmp_path.glob("backup.db*"))


def command(config, *arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "service.cli", "--config", str(config.file), *arguments],
        capture_output=True, text=True, check=False, timeout=60, **options,
    )  # fmt: skip


def test_the_commands(runtime, elsewhere, tmp_path):
    def run(config, *arguments, code=0):
        done = CliRunner().invoke(cli.main, ["--config", str(config.file), *arguments])
        assert done.exit_code == code, done.output
        return done

    file = str(tmp_path / "backup.db")
    assert "15 articles" in run(runtime.config, "backup", file).stdout
    assert "--force" in run(runtime.config, "backup", file, code=1).stderr
    told = json.loads(run(runtime.config, "backup", "--force", "--json", file).stdout)
    assert told["articles"] == 15
    assert "restored" in run(elsewhere, "restore", file).stdout
    assert "add --yes" in run(elsewhere, "restore", file, code=1).stderr
    told = json.loads(run(elsewhere, "restore", "--yes", "--json", file).stdout)
    assert told["schema"] == HEAD


def test_a_backup_of_an_older_schema_is_upgraded_as_it_is_restored(elsewhere, tmp_path):
    file = tmp_path / "old.db"
    with closing(Store(f"sqlite:{file}")) as old:
        fill(old, 20)
    with files.opened(file, "mode=rw") as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    before = file.read_bytes()
    assert restore(elsewhere, file).schema == "0001"
    with closing(Store(database_url(elsewhere))) as store:
        storage.check(store)
    markup = [row[-1] for row in contents(database_url(elsewhere))["entries"]]
    assert sorted(unpacked(it or b"") for it in markup) == sorted(
        f"<entry>مقال {n}</entry>" * (n % 9) for n in range(1, 21)
    )
    assert file.read_bytes() == before
