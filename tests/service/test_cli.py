"""The commands as people and machines call them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from service import cli
from service import config as configuration
from service.cli.later import Later
from service.config import Config
from service.config.starter import starter_text
from tests.fakes import Reply, Upstream, conditional
from tests.service.test_ingest import document, entry

WHOLE = 1000  # characters: no help is longer
ARTICLE = """\
+++
title = "A quay for two ferries"
date = 2026-10-02T08:00:00Z
authors = ["Ada Marsh", "Ben Okoro"]

[categories]
theme = ["energy"]
+++

The *second* ferry arrived.
"""


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        server.script("/feed.atom", conditional(Reply(body=document(entry(1), entry(2)))))
        yield server


@pytest.fixture
def file(configure: Callable[..., Config], upstream: Upstream) -> Path:
    config = configure(
        ("http://127.0.0.1:9/feed.atom", upstream.url("/feed.atom")),
        ("http://127.0.0.1:9/other.rss", upstream.url("/other.rss")),
        ("[fetch]", f'[fetch]\nallow_networks = ["127.0.0.0/8"]\nallow_ports = [{upstream.port}]'),
    )
    assert config.file is not None
    return config.file


@pytest.fixture
def run(file: Path) -> Callable[..., Result]:
    def invoke(*arguments: str, code: int = 0, **options) -> Result:
        result = CliRunner().invoke(cli.main, ["--config", str(file), *arguments], **options)
        assert result.exit_code == code, (result.output, result.exception)
        assert "Traceback" not in result.output
        return result

    return invoke


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "a-quay-for-two-ferries.md"
    path.write_text(ARTICLE, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["nope", "theme/", "/energy"])
def test_a_category_that_is_named_by_half(run, name):
    told = run("category", "relabel", name, "X", code=2).stderr
    assert f"{name!r} names no category; write theme/energy" in told


def test_a_category_that_is_not_there(run):
    told = run("category", "relabel", "theme/nope", "X", code=1).stderr
    assert told == "Error: there is no category theme/nope\n"


def listed_commands(group: click.Group, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command and group, as the help of its group knows it."""
    context = click.Context(group)
    for key in group.list_commands(context):
        listed = group.get_command(context, key)
        assert listed is not None
        yield name + key, listed
        command = loaded(listed)
        if isinstance(command, click.Group):
            yield from listed_commands(command, f"{name}{key} ")


def loaded(command: click.Command) -> click.Command:
    return command.loaded() if isinstance(command, Later) else command


@pytest.mark.parametrize(("name", "command"), list(listed_commands(cli.main)), ids=str)
def test_every_command_has_help(name, command):
    result = CliRunner().invoke(cli.main, [*name.split(), "--help"])
    assert result.exit_code == 0
    assert command.get_short_help_str(WHOLE), name
    assert command.get_short_help_str(WHOLE) == loaded(command).get_short_help_str(WHOLE)


@pytest.mark.parametrize(
    ("call", "unneeded"),
    [
        ("--help", ("service.config", "service.store", "pydantic", "sqlalchemy", "requests")),
        ("--version", ("service.config", "service.store", "pydantic", "sqlalchemy", "requests")),
        ("config check --help", ("service.runtime", "service.store", "sqlalchemy", "requests")),
        ("init --help", ("service.runtime", "service.store", "sqlalchemy", "requests")),
        ("poll --help", ("service.lists", "tomlkit", "sqlalchemy.dialects.postgresql", "rich")),
    ],
)
def test_a_start_loads_what_it_needs(call, unneeded):
    started = "import sys; from service.cli import main; main(sys.argv[1:], standalone_mode=False)"
    script = f"{started}; sys.exit(', '.join(sys.modules.keys() & {set(unneeded)}) or 0)"
    command = [sys.executable, "-c", script, *call.split()]
    told = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, "")


def test_a_command_that_is_misspelt_is_guessed(run):
    assert "Did you mean 'poll'?" in run("pol", code=2).stderr


def test_import_takes_articles_and_tells_what_it_did_not_take(run, written, tmp_path):
    (tmp_path / "broken.md").write_text("+++\ntitel = 'x'\n+++\n", encoding="utf-8")
    result = run("import", str(tmp_path), code=1)
    assert result.stdout == "1 created, 0 edited, 0 unchanged, 1 not taken\n"
    problems = [it for it in result.stderr.splitlines() if "broken.md" in it]
    assert len(problems) == 4
    assert all(it.startswith("not taken: broken.md: ") for it in problems)
    assert "not taken: broken.md: title: is missing" in problems
    assert "0 created, 0 edited, 1 unchanged, 0 not taken" in run("import", str(written)).stdout


def test_import_for_machines(run, written):
    told = json.loads(run("import", "--json", str(written)).stdout)
    assert told["refused"] == []
    assert told["taken"][0]["path"] == "2026/10/a-quay-for-two-ferries"


@pytest.mark.parametrize("way", ["file", "stdin"])
def test_add_list_show_retract(run, written, way):
    if way == "file":
        added = run("article", "add", str(written))
    else:
        added = run("article", "add", "-", input=ARTICLE)
    url = "https://gazette.example/articles/2026/10/a-quay-for-two-ferries"
    assert added.stdout == f"created, published: {url}\n"
    (listed,) = json.loads(run("article", "list", "--json").stdout)
    assert (listed["title"], listed["by"]) == ("A quay for two ferries", "Ada Marsh, Ben Okoro")
    assert "A quay for two ferries" in run("article", "list").stdout
    shown = run("article", "show", url).stdout
    assert "filed:      theme/energy" in shown
    assert json.loads(run("article", "show", listed["path"], "--json").stdout)["id"] == 1
    retracted = run("article", "retract", listed["path"], "--reason", "Told twice")
    assert retracted.stdout.startswith(f"retracted: {url}; ")
    again = run("article", "retract", listed["path"], "--reason", "Told twice", code=1)
    assert "is retracted, only what is published is retracted" in again.stderr
    assert json.loads(run("article", "list", "--status", "published", "--json").stdout) == []
    assert run("article", "restore", listed["path"]).stdout == f"published again: {url}\n"
    again = run("article", "restore", listed["path"], code=1)
    assert "is published, not retracted" in again.stderr
    (back,) = json.loads(run("article", "list", "--json").stdout)
    assert back == listed


def test_add_and_retract_for_machines(run, written):
    added = json.loads(run("article", "add", str(written), "--json").stdout)
    assert (added["change"], added["status"]) == ("created", "published")
    told = json.loads(
        run("article", "retract", added["path"], "--reason", "Wrong", "--json").stdout
    )
    assert (told["id"], told["reason"]) == (added["id"], "Wrong")
    assert told["address"] == added["address"]


def test_a_retracted_file_stays_retracted(run, written):
    run("article", "add", str(written))
    path = "2026/10/a-quay-for-two-ferries"
    assert "needs a reason" in run("article", "retract", path, "--reason", " ", code=1).stderr
    run("article", "retract", path, "--reason", "Wrong")
    again = run("article", "add", str(written), code=1)
    assert f"{path} was retracted and stays retracted" in again.stderr


def test_titles_are_shown_as_they_are(run, tmp_path):
    text = ARTICLE.replace("A quay for two ferries", "Price [/b] rises [sic]")
    run("article", "add", "-", input=text)
    told = run("article", "list").stdout
    assert told.splitlines()[0].split("  ")[0] == "published (UTC)"
    assert "Price [/b] rises [sic]" in told
    assert all(line == line.rstrip() for line in told.splitlines())


def test_links_to_own_pages_are_shown_where_they_lead(run):
    text = ARTICLE.replace("arrived.", "[arrived](/theme/energy).")
    path = run("article", "add", "-", input=text).stdout.strip().partition("/articles/")[2]
    shown = json.loads(run("article", "show", path, "--json").stdout)
    assert 'href="https://gazette.example/theme/energy"' in shown["content"]


def test_an_unknown_article_is_told(run):
    assert (
        "there is no article '2026/01/none'"
        in run("article", "show", "2026/01/none", code=1).stderr
    )


def test_an_editor_that_writes_nothing_adds_nothing(run):
    assert "nothing was written" in run("article", "add", env={"EDITOR": "true"}, code=1).stderr


def test_poll_and_source(run, upstream):
    assert "lantern: new content; 2 imported; next at" in run("poll", "lantern").stdout
    assert "lantern: not modified" in run("poll", "lantern").stdout
    failed = run("poll", code=1).stdout
    assert failed.startswith("unclear: failed; the server answered 404")
    assert run("poll").stdout == "nothing is due\n"
    listed = {it["slug"]: it for it in json.loads(run("source", "list", "--json").stdout)}
    assert (listed["lantern"]["failures"], listed["unclear"]["failures"]) == (0, 1)
    assert "lantern" in run("source", "list").stdout
    shown = json.loads(run("source", "show", "lantern", "--json").stdout)
    assert [it["http_status"] for it in shown["polls"]] == [304, 200]
    told = run("source", "show", "lantern").stdout
    assert "The Lantern" in told
    assert "poll (UTC)" in told
    assert "withdrawn" in told
    assert "no source 'none'" in run("source", "show", "none", code=1).stderr
    assert "no source 'none'" in run("poll", "none", code=1).stderr
    assert len([it for it in upstream.journal if it.path == "/feed.atom"]) == 2


def test_poll_for_machines(run):
    (told,) = json.loads(run("poll", "lantern", "--json").stdout)
    assert (told["result"], told["imported"]) == ("new content", 2)


def test_doctor_tells_how_things_stand(run, file):
    run("poll", "unclear", code=1)
    findings = doctor(run)
    assert findings["database"]["health"] == "good"
    assert findings["sources"]["told"] == "2 polled, 1 failing"
    assert findings["source unclear"]["health"] == "warning"
    assert findings["source unclear"]["told"] == "never succeeded: the server answered 404"
    assert "ok" in run("doctor").stdout
    file.write_text("[site]\ntitel = 1\n", encoding="utf-8")
    assert "titel" in run("doctor", code=1).stdout


def test_doctor_names_a_source_whose_last_poll_failed(run, upstream):
    run("poll", "lantern")
    upstream.script("/feed.atom", Reply(status=500))
    run("poll", "lantern", code=1)
    findings = doctor(run)
    assert findings["source lantern"]["told"].startswith("failed at its last poll: ")
    assert findings["sources"]["told"] == "2 polled, 1 failing"


def doctor(run) -> dict[str, dict[str, str]]:
    return {it["about"]: it for it in json.loads(run("doctor", "--json").stdout)}


def test_doctor_makes_no_database(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text(starter_text("T", "https://quay.example"), encoding="utf-8")
    told = CliRunner().invoke(cli.main, ["--config", str(file), "doctor"])
    assert told.exit_code == 0
    assert f"free at {tmp_path}\n" in told.output
    assert "empty" in told.output
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}], ids=str)
def test_colors_are_left_out_on_request(run, environment, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    told = run("doctor", color=True, env=environment).stdout
    assert ("\x1b[" in told) is not bool(environment)


def test_db_upgrade_tells_the_schema(run):
    assert re.fullmatch(r"schema [0-9]{4}, as before\n", run("db", "upgrade").stdout)


@pytest.mark.parametrize("command", ["article show", "explain", "source show", "poll", "stats"])
def test_an_argument_that_is_not_utf_8_is_told(run, command):
    run("db", "upgrade")
    told = run(*command.split(), "harbour\udc80", code=1).stderr
    assert told.startswith("Error: ")
    assert "is not UTF-8" in told


def test_init_makes_a_folder_that_works(tmp_path):
    folder = tmp_path / "newsroom"
    call = ["init", str(folder), "--title", "The Quay", "--public-url", "https://quay.example"]
    result = CliRunner().invoke(cli.main, call)
    assert result.exit_code == 0, result.output
    file = str(folder / "config.toml")
    assert CliRunner().invoke(cli.main, ["config", "check", file]).exit_code == 0
    listed = CliRunner().invoke(cli.main, ["--config", file, "article", "list"])
    assert listed.exit_code == 1
    assert (
        "is empty; `feedwright serve`, `import` and `article add` make its tables" in listed.output
    )
    assert not (folder / "data" / "feedwright.db").exists()  # looking makes none
    again = CliRunner().invoke(cli.main, call)
    assert again.exit_code == 1
    assert "is there already; nothing was changed" in again.output


def test_init_serves_at_an_address_on_this_machine(tmp_path):
    call = ["init", str(tmp_path / "a b"), "--public-url", "http://127.0.0.1:8123"]
    result = CliRunner().invoke(cli.main, call)
    assert "it serves at http://127.0.0.1:8123/" in result.output
    assert f"cd '{tmp_path}/a b' && feedwright serve" in result.output
    config = configuration.load(tmp_path / "a b" / "config.toml")
    assert config.server.port == 8123
    assert config.licenses["house"].republish == "summary"


def test_init_that_cannot_write_is_told(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = CliRunner().invoke(cli.main, ["init", str(tmp_path / "file" / "newsroom")])
    assert result.exit_code == 1
    assert f"cannot write {tmp_path}/file/newsroom/config.toml" in result.output
    assert "name a folder that you may write to" in result.output


def test_init_refuses_an_address_that_is_none(tmp_path):
    folder = tmp_path / "newsroom"
    result = CliRunner().invoke(cli.main, ["init", str(folder), "--public-url", "quay"])
    assert result.exit_code == 1
    assert "public_url" in result.output
    assert not folder.exists()


def test_a_missing_config_file_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("FEEDWRIGHT_CONFIG", raising=False)
    result = CliRunner().invoke(cli.main, ["article", "list"])
    assert result.exit_code == 1
    assert "feedwright init FOLDER" in result.output
