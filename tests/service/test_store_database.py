"""The two doors of the store, its migrations, and what they do when something is in the way."""

from __future__ import annotations

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect, select, text

from service import store as storage
from service.errors import StoreAhead, StoreBehind, StoreError
from service.store import Store
from service.store.schema import FULL_TEXT, meta, metadata
from service.store.types import UtcTime


def _same_type(_context, _inspected, _column, _found, declared):
    return None if not isinstance(declared, UtcTime) else False


def _is_in_schema(name, kind, _parents):
    """The indexes of full text are the migrations' alone, as the two engines have nothing in common there."""
    return kind == "schema" or not (kind == "table" and name.startswith(FULL_TEXT))


COMPARED = {"compare_type": _same_type, "include_name": _is_in_schema}


def test_the_migrations_make_exactly_the_declared_tables(store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, metadata) == []


def _bare(condition):
    """Without the brackets and types, of which PostgreSQL adds some."""
    return re.sub(r"::\w+|[()]", "", str(condition))


def _conditions(look):
    for table in metadata.tables:
        for it in look.get_indexes(table):
            where = it.get("dialect_options", {}).get(f"{look.dialect.name}_where")
            if where is not None:
                yield it["name"], _bare(where)


def test_the_partial_indexes_hold_the_declared_rows(store):
    with store.reading() as tx:
        made = dict(_conditions(inspect(tx)))
    declared = {
        it.name: _bare(it.info["where"])
        for table in metadata.tables.values()
        for it in table.indexes
        if "where" in it.info
    }
    assert made == declared


def test_upgrading_again_changes_nothing(store):
    before, after = storage.upgrade(store)
    assert before == after
    storage.check(store)


def test_an_empty_database_wants_an_upgrade(tmp_path):
    held = Store(f"sqlite:{tmp_path}/new.db")
    assert held.is_empty()
    with pytest.raises(StoreBehind, match="feedwright db upgrade"):
        storage.check(held)
    held.close()


def test_an_engine_that_is_too_old_is_told_with_what_helps(tmp_path, monkeypatch):
    monkeypatch.setattr("service.store.sqlite._OLDEST", (99, 1, 0))
    with pytest.raises(StoreError, match=r"too old, 99\.1\.0 is needed; install pysqlite3"):
        Store(f"sqlite:{tmp_path}/new.db")


@pytest.fixture
def newer(store):
    """A store that a newer release has upgraded."""
    set_version = text("UPDATE alembic_version SET version_num = :version")
    _, head = storage.upgrade(store)
    with store.writing() as tx:
        tx.execute(set_version, {"version": "9999"})
    yield store
    with store.writing() as tx:
        tx.execute(set_version, {"version": head})


@pytest.mark.parametrize("refusing", [storage.check, storage.upgrade])
def test_a_newer_schema_is_refused(newer, refusing):
    with pytest.raises(StoreAhead, match="9999"):
        refusing(newer)


def test_reading_writes_nothing(store):
    with pytest.raises(StoreError, match="read"), store.reading() as tx:
        tx.execute(insert(meta).values(key="a", value="b"))


def test_a_failed_transaction_leaves_nothing(store):
    def writes_and_fails():
        with store.writing() as tx:
            tx.execute(insert(meta).values(key="a", value="b"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        writes_and_fails()
    with store.reading() as tx:
        assert tx.execute(select(meta).where(meta.c.key == "a")).all() == []


def test_a_snapshot_does_not_move(store):
    with store.reading() as tx:
        before = tx.execute(select(meta)).all()
        with store.writing() as other:
            other.execute(insert(meta).values(key="a", value="b"))
        assert tx.execute(select(meta)).all() == before


def test_foreign_keys_hold_after_an_upgrade(store):
    storage.upgrade(store)
    with pytest.raises(StoreError), store.writing() as tx:
        tx.execute(text("INSERT INTO filings (article_id, position, category_id) VALUES (9, 0, 9)"))


def test_naive_datetimes_are_refused():
    from datetime import datetime

    with pytest.raises(ValueError, match="naive"):
        UtcTime().process_bind_param(datetime(2026, 1, 1), None)  # noqa: DTZ001  # the point of it
