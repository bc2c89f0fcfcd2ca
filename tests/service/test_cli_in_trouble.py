"""Commands while something is amiss: errors in config.toml, no database yet, two drafts of one name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service import cli
from service import runtime as running
from service.config import Config

DRAFT = '+++\ntitle = "{title}"\ndate = 2026-10-02T08:00:00Z\n+++\nText.\n'

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def call(config: Config, *words: str, code: int = 0, text: str | None = None) -> Result:
    result = CliRunner().invoke(cli.main, ["--config", str(config.file), *words], input=text)
    assert result.exit_code == code, (result.output, result.exception)
    return result


ERRORS = ("[nonsense]", "[site", '[[sources]]\nslug = "all"', "[server]\nport = 0")


def test_a_command_works_by_the_settings_in_force_while_the_file_has_errors(config, tmp_path):
    running.prepare(config, serving=True)
    text = config.file.read_text(encoding="utf-8")
    for error in ERRORS:
        config.file.write_text(f"{text}\n{error}\n", encoding="utf-8")
        result = call(config, "source", "list", "--json")
        assert "so this works by the settings in force since 20" in result.stderr
        assert result.stderr.startswith(f"{config.file}:"), error
        assert "lantern" in {it["slug"] for it in json.loads(result.stdout)}
    backup = tmp_path / "backup.db"
    assert "checked" in call(config, "backup", str(backup)).stdout
    assert backup.exists()
    for refused in (["config", "diff"], ["config", "show"], ["serve"]):
        assert "in force" not in call(config, *refused, code=1).output


@on_sqlite
@pytest.mark.parametrize(
    "tail", ["\n[site\n[storage]\ndatabase = \n", "\n[storage]\ndatabase = 3\n", "\n[site\n"]
)
def test_a_command_refuses_where_the_file_does_not_tell_the_database(config, tail):
    running.prepare(config, serving=True)
    text = config.file.read_text(encoding="utf-8").partition("[storage]")[0]
    config.file.write_text(text + tail, encoding="utf-8")
    result = call(config, "source", "list", code=1)
    assert "settings in force" not in result.stderr


@on_sqlite
def test_settings_of_another_file_are_not_taken(config, tmp_path):
    running.prepare(config, serving=True)
    other = tmp_path / "other.toml"
    other.write_text(config.file.read_text() + "\n[nonsense]\n")
    result = CliRunner().invoke(cli.main, ["--config", str(other), "source", "list"])
    assert result.exit_code == 1
    assert "nonsense" in result.stderr
    assert "settings in force" not in result.stderr


@on_sqlite
def test_what_only_looks_makes_no_database(configure: Callable[..., Config], tmp_path: Path):
    (tmp_path / "test.db").unlink()
    config = configure()
    for words in (
        ["article", "list"],
        ["article", "show", "1"],
        ["article", "retract", "1", "--reason", "x"],
        ["source", "list"],
        ["source", "show", "lantern"],
        ["author", "rename", "ada", "Ada"],
        ["category", "relabel", "theme/energy", "Energy"],
        ["config", "diff"],
    ):
        assert "Error: " in call(config, *words, code=1).stderr
        assert not (tmp_path / "test.db").exists()
    assert "is empty; `feedwright serve`" in call(config, "source", "list", code=1).stderr


def test_a_draft_does_not_take_the_place_of_another_of_its_name(bare, config, tmp_path):
    file = tmp_path / "draft.md"
    file.write_text(DRAFT.format(title="One quay"))
    assert "created" in call(config, "article", "add", str(file)).stdout
    file.write_text(DRAFT.format(title="One quay") + "More.\n")
    assert "edited" in call(config, "article", "add", str(file)).stdout
    file.write_text(DRAFT.format(title="Another quay"))
    refused = call(config, "article", "add", str(file), code=1).stderr
    assert "2026/10/draft is “One quay” already; give this one a slug" in refused
    told = json.loads(call(config, "article", "list", "--json").stdout)
    assert [it["title"] for it in told] == ["One quay"]
    assert "edited" in call(config, "article", "add", "--force", str(file)).stdout
    file.write_text(DRAFT.format(title="A third").replace("+++\nText", 'slug = "third"\n+++\nText'))
    assert "created" in call(config, "article", "add", str(file)).stdout
    named = DRAFT.replace("+++\nText", 'id = "tag:a.example,2026:1"\n+++\nText')
    for title, change in (("Four", "created"), ("Five", "edited")):
        file.write_text(named.format(title=title))
        assert change in call(config, "article", "add", str(file)).stdout
