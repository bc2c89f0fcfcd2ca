"""SQLite's file: who may read it, what lies beside it, and what is told when it cannot be used."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from service import runtime as running
from service import store as storage
from service.care import backups, doctor
from service.care.findings import Health
from service.errors import Refused, StoreAhead, StoreError
from service.store import Store, files
from tests.service.keeping import backup, config_for, restore

BESIDE = ["", "-wal", "-shm", "-journal", "-beacon"]


@pytest.fixture
def config(tmp_path):
    """The test newsroom's settings, its database made."""
    made = config_for(f"sqlite:{tmp_path}/data/news.db", tmp_path)
    running.prepare(made)
    return made


@pytest.fixture
def database(tmp_path, config):
    """The file of it."""
    return tmp_path / "data" / "news.db"


@contextmanager
def nobody() -> Iterator[None]:
    """Root may look everywhere; somebody else takes its place for the block."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(me)


@pytest.fixture
def closed_folder():
    """A folder that its user may not enter, in one that everybody may."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(name, "closed")
        folder.mkdir(0o000)
        yield folder
        folder.chmod(0o700)


@pytest.mark.parametrize("part", BESIDE)
@pytest.mark.parametrize("by_link", [False, True])
def test_a_backup_never_takes_the_place_of_the_live_database(config, database, part, by_link):
    before = database.read_bytes()
    folder = database.parent
    if by_link:
        folder = database.parents[1] / "link"
        folder.symlink_to(database.parent)
    with pytest.raises(Refused, match="name another file"):
        backup(config, folder / f"news.db{part}", replace=True)
    assert database.read_bytes() == before


def test_a_backup_may_take_the_place_of_an_older_one(config, database):
    other = database.with_name("other.db")
    backup(config, other)
    backup(config, other, replace=True)


def test_a_database_in_a_folder_that_may_not_be_entered(closed_folder):
    told = r"cannot look at .*news\.db \(Permission denied\); run as the user that owns it"
    with (
        closing(Store(f"sqlite:{closed_folder}/data/news.db")) as store,
        nobody(),
        pytest.raises(StoreError, match=told),
    ):
        store.is_empty()


def test_the_commands_tell_of_a_folder_that_may_not_be_entered(closed_folder):
    config = config_for(f"sqlite:{closed_folder}/data/news.db", closed_folder.parent)
    saved = closed_folder.parent / "backup.db"
    saved.write_bytes(b"")
    saved.chmod(0o644)
    with nobody():
        findings = doctor.examine(config.file)
        assert backups.held(config) == "a database that cannot be read"
        with pytest.raises(StoreError, match="cannot look at"):
            backup(config, saved, replace=True)
        with pytest.raises(StoreError, match="Permission denied"):
            restore(config, saved)
    (told,) = [it.told for it in findings if it.about == "database"]
    assert "run as the user that owns it" in told


def test_a_backup_into_a_folder_that_may_not_be_entered(config, closed_folder):
    config.file.parent.chmod(0o755)
    with closing(Store(f"sqlite:{closed_folder.parent}/news.db")) as store:
        storage.upgrade(store)
    for file in closed_folder.parent.glob("news.db*"):
        file.chmod(0o666)
    closed_folder.parent.chmod(0o777)
    here = config_for(f"sqlite:{closed_folder.parent}/news.db", closed_folder.parent)
    with nobody(), pytest.raises(StoreError, match="cannot look at"):
        backup(here, closed_folder / "backup.db")


def test_a_restore_leaves_only_the_database_and_what_it_needs(config, database):
    file = database.parents[1] / "backup.db"
    backup(config, file)
    restore(config, file)
    assert list(database.parent.glob("*partial*")) == []


def test_a_restore_tells_of_the_file_that_was_named(config, database):
    file = database.parents[1] / "backup.db"
    backup(config, file)
    whole = file.read_bytes()
    file.write_bytes(whole[:60_000])
    with pytest.raises(StoreError, match=r"backup\.db") as raised:
        restore(config, file)
    assert "partial" not in str(raised.value)
    file.write_bytes(whole)
    with files.opened(file, "mode=rw") as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreAhead, match=f"the backup {file} is of a newer release"):
        restore(config, file)


@pytest.mark.parametrize("damage", [b"This is a letter.\n" * 900, None])
def test_an_upgrade_of_what_is_no_database(database, damage):
    whole = database.read_bytes()
    database.write_bytes(damage or whole[:100] + b"\xff" * (len(whole) - 100))
    told = f"{database} is no database of SQLite's; restore a backup"
    with closing(Store(f"sqlite:{database}")) as store, pytest.raises(StoreError, match=told):
        storage.upgrade(store)


@pytest.mark.parametrize("damage", [b"This is a letter.\n" * 900, None])
def test_doctor_knows_what_to_do_about_damage(config, database, damage):
    whole = database.read_bytes()
    database.write_bytes(damage or whole[:100] + b"\xff" * (len(whole) - 100))
    (bad,) = [it for it in doctor.examine(config.file) if it.health is Health.BAD]
    assert bad.remedy == "stop the service and restore a backup"


def modes(database: Path) -> set[int]:
    return {it.stat().st_mode & 0o777 for it in database.parent.glob(f"{database.name}*")}


def test_only_its_owner_reads_a_new_database(tmp_path):
    file = tmp_path / "data" / "news.db"
    with closing(Store(f"sqlite:{file}")) as store:
        storage.upgrade(store)
        with store.writing():
            pass
        assert {it.name for it in file.parent.iterdir()} >= {f"news.db{it}" for it in BESIDE[:3]}
        assert modes(file) == {0o600}


def test_a_link_to_a_new_database_leads_to_one_that_only_its_owner_reads(tmp_path):
    file, link = tmp_path / "disk" / "news.db", tmp_path / "news.db"
    file.parent.mkdir()
    link.symlink_to(file)
    with closing(Store(f"sqlite:{link}")) as store:
        storage.upgrade(store)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [None, 0o640])
def test_a_restored_database_keeps_its_mode_or_is_for_its_owner(config, database, mode):
    file = database.parents[1] / "backup.db"
    backup(config, file)
    if mode is None:
        for it in database.parent.iterdir():
            it.unlink()
    else:
        database.chmod(mode)
    restore(config, file)
    assert database.stat().st_mode & 0o777 == (mode or 0o600)
