"""The settings in force, as they are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.config import Config, load, parse
from service.config.database import without_secrets
from service.config.showing import effective, effective_toml

ROOT = Path(__file__).parents[2]
SITE = '[site]\ntitle = "A"\ndescription = "B"\npublic_url = "https://review.example"\n'


def settings(config: Config) -> dict[str, object]:
    return config.model_dump(exclude={"storage"})


def test_what_is_shown_loads_again_from_anywhere(tmp_path):
    config = load(ROOT / "config.toml")
    again = parse(effective_toml(config), tmp_path / "config.toml")
    assert settings(again) == settings(config)
    assert effective(again) == effective(config)


def test_defaults_are_filled_in():
    shown = effective(parse(SITE, Path("/etc/review/config.toml")))
    assert shown["fetch"]["total"] == "20s"
    assert shown["server"]["port"] == 8000
    assert shown["storage"]["database"] == "sqlite:/etc/review/data/feedwright.db"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("postgresql://user:hunter2@db.example/name", "postgresql://user:********@db.example/name"),
        ("postgresql://user@db.example:5433/name", "postgresql://user@db.example:5433/name"),
        (
            "postgresql:///name?host=/run&password=hunter2",
            "postgresql:///name?host=/run&password=********",
        ),
        ("postgresql://h/n?sslpassword=hunter2", "postgresql://h/n?sslpassword=********"),
        ("sqlite:/data/a?b@c.db", "sqlite:/data/a?b@c.db"),
    ],
)
def test_passwords_are_hidden(written, shown):
    assert without_secrets(written) == shown
    config = parse(f'{SITE}[storage]\ndatabase = "{written}"\n')
    assert "hunter2" not in effective_toml(config)
    assert "hunter2" not in repr(config)
    assert parse(effective_toml(config)).site == config.site
