"""feedwright config check, schema, show."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import main
from service.config.schema import schema

ROOT = Path(__file__).parents[2]
BROKEN = ROOT / "tests/data/config/six-mistakes.toml"


@pytest.fixture
def feedwright(monkeypatch):
    """Run a command line in the project's folder."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("FEEDWRIGHT_CONFIG", raising=False)
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


def test_a_good_file_is_summed_up(feedwright):
    outcome = feedwright("config", "check")
    assert outcome.exit_code == 0
    assert outcome.stdout == "config.toml: fine, 3 taxonomies, 4 licenses, 1 source\n"


def test_problems_go_to_stderr_and_the_exit_code(feedwright):
    outcome = feedwright("config", "check", BROKEN)
    assert outcome.exit_code == 1
    assert outcome.stdout == ""
    assert len(outcome.stderr.splitlines()) == 7
    assert "keeps its settings until this is mended" in outcome.stderr
    assert outcome.stderr.startswith(f"{BROKEN}:4: site.public_url: ")


def test_the_file_of_the_root_option_is_checked(feedwright):
    assert feedwright("--config", BROKEN, "config", "check").exit_code == 1
    assert feedwright("--config", BROKEN, "config", "check", "config.toml").exit_code == 0


def test_problems_as_json(feedwright):
    outcome = feedwright("config", "check", "--json", BROKEN)
    assert outcome.exit_code == 1
    problems = json.loads(outcome.stdout)["problems"]
    assert [problem["line"] for problem in problems] == [4, 6, 21, 22, 28, 29]
    assert set(problems[0]) == {"file", "line", "key", "message"}
    fine = feedwright("config", "check", "--json")
    assert (fine.exit_code, json.loads(fine.stdout)) == (0, {"problems": []})


def test_a_missing_file_is_told(feedwright):
    outcome = feedwright("config", "check", "nowhere.toml")
    assert outcome.exit_code == 1
    assert "no config file at nowhere.toml" in outcome.stderr


def test_a_folder_is_told(feedwright):
    outcome = feedwright("config", "check", "/tmp")
    assert outcome.exit_code == 1
    assert "/tmp is a folder; name the file in it: /tmp/config.toml" in outcome.stderr


def test_the_schema_is_printed(feedwright):
    assert json.loads(feedwright("config", "schema").stdout) == schema()


def test_the_settings_in_force_are_printed(feedwright):
    shown = tomllib.loads(feedwright("config", "show").stdout)
    assert shown["fetch"]["total"] == "20s"
    assert shown == json.loads(feedwright("config", "show", "--json").stdout)


def test_a_broken_file_is_not_shown(feedwright):
    outcome = feedwright("--config", BROKEN, "config", "show")
    assert outcome.exit_code == 1
    assert "sources[1].interval" in outcome.stderr
