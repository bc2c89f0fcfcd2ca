"""Where the config file is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.config import find
from service.errors import ConfigError


@pytest.fixture
def places(tmp_path, monkeypatch):
    """All the places, in the order of preference, none of them there yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FEEDWRIGHT_CONFIG", str(tmp_path / "environment.toml"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    return {
        "explicit": Path("named.toml"),
        "environment": tmp_path / "environment.toml",
        "here": Path("config.toml"),
        "user": tmp_path / "xdg/feedwright/config.toml",
    }


def make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_the_one_named_wins_over_the_environment(places):
    make(places["explicit"])
    make(places["environment"])
    assert find(places["explicit"]) == places["explicit"]
    assert find() == places["environment"]


def test_the_folder_one_works_in_wins_over_the_users(places, monkeypatch):
    monkeypatch.delenv("FEEDWRIGHT_CONFIG")
    make(places["user"])
    assert find() == places["user"]
    make(places["here"])
    assert find() == places["here"]


def test_the_users_folder_is_dot_config_by_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("FEEDWRIGHT_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    make(tmp_path / "home/.config/feedwright/config.toml")
    assert find() == tmp_path / "home/.config/feedwright/config.toml"
    monkeypatch.delenv("HOME")
    with pytest.raises(ConfigError):
        find()


def test_the_places_looked_in_are_told(places, monkeypatch):
    for name in ("explicit", "environment"):
        make(places["here"])
        with pytest.raises(
            ConfigError, match=f"no config file at .*{places[name].name}; .* feedwright init"
        ):
            find(places["explicit"] if name == "explicit" else None)
    places["here"].unlink()
    monkeypatch.delenv("FEEDWRIGHT_CONFIG")
    with pytest.raises(
        ConfigError, match=r"config\.toml, .*xdg/feedwright/config\.toml; .* init FOLDER"
    ):
        find()
