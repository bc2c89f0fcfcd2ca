"""`feedwright doctor`: each finding tells what, where, and how to mend it."""

from __future__ import annotations

import json
import shutil
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from service import cli, tasks
from service import config as configuration
from service import runtime as running
from service.care import doctor
from service.care.findings import Finding, Health
from service.config import Config
from service.runtime import Current, Runtime
from service.store import revisions
from tests.serving import free_port, served_at_once

CANARY = "CaNaRy7f3a"


def found(config: Config, *, deep: bool = False) -> dict[str, Finding]:
    """The findings by what they are about; of several about one thing, the worst."""
    assert config.file is not None
    findings: dict[str, Finding] = {}
    for finding in doctor.examine(config.file, deep=deep):
        worse = findings.get(finding.about)
        if worse is None or worse.health is Health.GOOD:
            findings[finding.about] = finding
    return findings


@pytest.fixture
def config(configure: Callable[..., Config]) -> Config:
    return configure(("[fetch]", f"[server]\nport = {free_port()}\n\n[fetch]"))


def sql(runtime: Runtime, statement: str) -> None:
    with runtime.store.writing() as tx:
        tx.exec_driver_sql(statement)


def test_all_is_well(runtime, config):
    running.prepare(config, serving=True)
    tasks.beat(Current(runtime))
    if runtime.store.sqlite_path is not None:
        runtime.store.sqlite_path.chmod(0o600)
    findings = found(config, deep=True)
    findings.pop("due work")  # the newsroom's clock is not this machine's
    troubles = {name for name, it in findings.items() if it.health is not Health.GOOD}
    assert {name for name in troubles if not name.startswith("library ")} == set()
    assert findings["soundness"].told == "no fault found"
    assert {"scheduler", "clock", "leases", "size", "disk", "library expat", "port"} <= set(
        findings
    )


@pytest.mark.parametrize(
    ("about", "statement", "told", "remedy"),
    [
        ("scheduler", "UPDATE beats SET at = at - 3600000000", "last beat 36", "feedwright serve"),
        ("leases", "UPDATE hosts SET leased_until = 9000000000000000", "held beyond", "set the clock"),
        ("source lantern", "UPDATE sources SET state = 'stopped', last_error = '410'",
         "stopped: 410", "ask the partner"),
        ("source lantern", "UPDATE sources SET last_poll = 1, failures = 1, quarantined = '1:x',"
         " last_error = 'slow'",
         "quarantined: slow", "mend the feed"),
        ("source lantern", "UPDATE sources SET last_poll = 2, last_success = 1, failures = 1,"
         f" last_error = 'https://a:{CANARY}@b/'", "failed at its last poll: https://***@b/", "source show"),
        ("due work", "UPDATE sources SET next_at = 1", "2 sources are overdue", "hosts_at_once"),
    ],
)  # fmt: skip
def test_what_stands_still_or_fails_is_told(runtime, config, about, statement, told, remedy):
    tasks.beat(Current(runtime))
    sql(runtime, statement)
    finding = found(config)[about]
    assert finding.health is Health.WARNING
    assert finding.told.startswith(told)
    assert remedy in finding.remedy


def test_a_quarantine_that_harms_nothing_is_not_told(runtime, config):
    sql(
        runtime,
        "UPDATE sources SET last_poll = 2, last_success = 1, quarantined = '1:x', failures = 0",
    )
    assert not [it for it in found(config) if it.startswith("source ")]


def test_a_newer_release_has_been_here(runtime, config):
    sql(runtime, "UPDATE alembic_version SET version_num = '9999'")
    try:
        assert found(config)["database"].remedy == "update feedwright"
    finally:
        sql(
            runtime,
            f"UPDATE alembic_version SET version_num = '{revisions.known(revisions.SCRIPTS)[-1]}'",
        )


def test_nobody_listens(config):
    told = found(config)["port"].told
    assert told.endswith("; the service does not run, or with another port")


def test_openssl_is_told_with_its_patch(config):
    assert found(config)["library OpenSSL"].told == ssl.OPENSSL_VERSION.split()[1]


def test_a_disk_that_fills_up(config, monkeypatch):
    usage = shutil.disk_usage(config.folder)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=1000))
    assert found(config)["disk"].remedy == "make room"


def test_settings_that_wait_for_a_start(runtime, config):
    running.prepare(config, serving=True)
    port = config.server.port
    config.file.write_text(
        config.file.read_text().replace(f"port = {port}", f"port = {port}\nworkers = 3")
    )
    finding = found(configuration.load(config.file))["setting that waits"]
    assert finding.told == "~ server.workers = 1 -> 3"
    assert "restart" in finding.remedy


def test_other_settings_than_those_in_force(runtime, config):
    running.prepare(config, serving=True)
    assert found(config)["settings in force"].health is Health.GOOD
    config.file.write_text(config.file.read_text() + "\n# changed\n")
    finding = found(config)["settings in force"]
    assert finding.health is Health.WARNING
    assert str(config.file) in finding.told


def test_rows_without_their_parents(runtime, config):
    if runtime.store.sqlite_path is None:
        return  # PostgreSQL lets nobody make them
    with runtime.store.engine.connect() as connection:
        raw = connection.connection.cursor()
        raw.execute("ROLLBACK") if connection.in_transaction() else None
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("INSERT INTO bylines (article_id, position, author_id) VALUES (999, 0, 999)")
        raw.execute("PRAGMA foreign_keys=ON")
    finding = found(config)["soundness"]
    assert finding.health is Health.BAD
    assert "2 rows lack what they refer to" in finding.told
    assert "restore a backup" in finding.remedy


def test_a_damaged_file_is_told_and_nothing_breaks(config, runtime):
    path = runtime.store.sqlite_path
    if path is None:
        return
    runtime.store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * 8192 + whole[12288:])
    findings = doctor.examine(config.file)
    assert any(it.health is Health.BAD for it in findings)
    assert all(it.remedy for it in findings if it.health is not Health.GOOD)


def test_files_that_everybody_may_read(runtime, config):
    path = runtime.store.sqlite_path
    if path is None:
        return
    path.chmod(0o644)
    finding = found(config)["permissions"]
    assert finding.health is Health.WARNING
    assert finding.remedy == f"chmod o= {path}"


def test_a_port_that_something_else_has(runtime, configure, config):
    from tests.fakes import Upstream

    with Upstream() as other:
        config = configure(("[fetch]", f"[server]\nport = {other.port}\n\n[fetch]"))
        finding = found(config)["port"]
    assert finding.health is Health.WARNING
    assert "set another [server] port" in finding.remedy


def test_a_running_service_is_known_from_that_of_another_database(config, tmp_path):
    text = config.file.read_text(encoding="utf-8")
    other = tmp_path / "other" / "config.toml"
    other.parent.mkdir()
    other.write_text(text.partition("[storage]")[0], encoding="utf-8")
    with served_at_once(config.file, config.server.port):
        assert found(config)["port"].told.startswith("the service answers on 127.0.0.1:")
        finding = found(configuration.load(other))["port"]
    assert finding.health is Health.WARNING
    assert "of another database" in finding.told


def test_no_secret_is_told_anywhere(tmp_path):
    text = (Path(__file__).parents[1] / "data/newsroom/config.toml").read_text()
    file = tmp_path / "config.toml"
    url = f"postgresql://ada:{CANARY}@127.0.0.1:1/nowhere?sslpassword={CANARY}"
    file.write_text(f'{text}\n[storage]\ndatabase = "{url}"\n')
    for command, code in ((["doctor"], 1), (["doctor", "--json"], 1), (["config", "show"], 0)):
        result = CliRunner().invoke(cli.main, ["--config", str(file), *command])
        assert result.exit_code == code, result.output
        assert CANARY not in result.output
    told = json.loads(
        CliRunner().invoke(cli.main, ["--config", str(file), "doctor", "--json"]).stdout
    )
    (lost,) = [it for it in told if it["about"] == "database"]
    assert lost["health"] == "bad"
    assert "[storage] database" in lost["remedy"]
    (open_file,) = [it for it in told if it["about"] == "permissions"]
    assert open_file["health"] == "warning"
