"""What a config file means once it is loaded."""

from __future__ import annotations

import pickle
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.config import (
    Config,
    Fetch,
    Server,
    Site,
    SourceSettings,
    Storage,
    database_url,
    duration_text,
    load,
    parse,
)
from service.config.durations import duration
from service.errors import ConfigError

SITE = '[site]\ntitle = "A"\ndescription = "B"\npublic_url = "https://review.example/"\n'


def test_defaults_make_a_whole_configuration():
    config = parse(SITE)
    site = Site(title="A", description="B", public_url="https://review.example")
    assert config.model_dump() == Config(site=site).model_dump()
    assert config.fetch == Fetch()
    assert config.content.feed_size == 40
    assert config.site.zone.key == "UTC"


def test_the_public_url_loses_its_last_slash():
    assert parse(SITE).site.public_url == "https://review.example"


def test_file_and_digest_tell_where_it_was_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("config.toml").write_text(SITE)
    config = load(Path("config.toml"))
    assert config.file == tmp_path / "config.toml"
    assert config.folder == tmp_path
    assert config.digest == sha256(SITE.encode()).hexdigest()
    assert pickle.loads(pickle.dumps(config)).file == config.file


def test_a_configuration_made_in_memory_has_no_file():
    config = Config(site=Site(title="A", description="B", public_url="https://review.example"))
    assert (config.file, config.digest, config.folder) == (None, "", Path.cwd())


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "::1", "localhost", "a.example", "a_b-1.example."]
)
def test_a_host_is_an_address_or_a_name(host):
    assert Server(host=host).host == host


@pytest.mark.parametrize(
    "host",
    ["", "127.0.0.1:8000", "http://a.example", "[::1]", "300.1.1.1", "1.2.3", "a b", "-a", "a..b", "é"],
)  # fmt: skip
def test_what_is_no_host_is_refused(host):
    with pytest.raises(ValueError, match="is no host; write an address"):
        Server(host=host)


@pytest.mark.parametrize("key", ["file", "digest", "folder", "_provenance"])
def test_the_file_cannot_say_where_it_was_read(key):
    with pytest.raises(ConfigError, match=f"{key}: unknown key"):
        parse(f'{key} = "x"\n{SITE}')


def test_nothing_changes_later():
    with pytest.raises(ValidationError):
        parse(SITE).site.title = "B"


def test_lists_become_tuples_and_paths_start_from_the_files_folder(tmp_path):
    (tmp_path / "articles").mkdir()
    text = SITE + '[fetch]\nallow_ports = [8080]\n[content]\nfirst_articles = "articles"\n'
    config = parse(text, tmp_path / "config.toml")
    assert config.fetch.allow_ports == (8080,)
    assert config.content.first_articles == tmp_path / "articles"


def test_networks_are_parsed():
    fetch = Fetch(allow_networks=("10.1.0.0/16", "fd00::/8", "127.0.0.1"))
    assert fetch.networks == tuple(map(ip_network, ("10.1.0.0/16", "fd00::/8", "127.0.0.1/32")))


def test_a_source_is_found_by_its_slug():
    text = SITE + '[[sources]]\nslug = "a"\nname = "A"\nurl = "https://a.example/feed"\n'
    config = parse(text)
    assert config.source("a") == SourceSettings(slug="a", name="A", url="https://a.example/feed")
    assert config.source("b") is None


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("sqlite:data/feedwright.db", "sqlite:/etc/review/data/feedwright.db"),
        ("sqlite:/var/lib/feedwright.db", "sqlite:/var/lib/feedwright.db"),
        ("postgresql://user:pw@db.example:5433/name", "postgresql://user:pw@db.example:5433/name"),
        ("postgresql:///name?host=/run/postgresql", "postgresql:///name?host=/run/postgresql"),
    ],
)
def test_the_database_starts_from_the_files_folder(written, resolved):
    config = parse(f'{SITE}[storage]\ndatabase = "{written}"\n', Path("/etc/review/config.toml"))
    assert database_url(config) == resolved


@pytest.mark.parametrize(
    "written",
    [
        "",
        "data.db",
        "sqlite:",
        "sqlite::memory:",
        "sqlite:///data.db",
        "postgresql://",
        "postgresql://host",
    ],
)
def test_other_databases_are_refused(written):
    with pytest.raises(ConfigError, match=r"storage\.database"):
        parse(f'{SITE}[storage]\ndatabase = "{written}"\n')


def test_the_database_is_not_printed_by_accident():
    assert "sqlite" not in repr(Storage())


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8000", "https://bücher.example/ä", "https://[::1]/", "HTTPS://a.example"],
)
def test_urls_are_kept_as_written(url):
    assert Fetch(contact=url).contact == url


@pytest.mark.parametrize(
    "url",
    [
        "https:/a.example",
        "//a.example",
        "https://",
        "https://:80",
        "https://a b.example",
        "https://[::1",
        "https://a:0",
        "https://a<b.example",
    ],
)
def test_what_is_no_whole_url_is_refused(url):
    with pytest.raises(ValidationError):
        Fetch(contact=url)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0s", timedelta(0)),
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("6 h", timedelta(hours=6)),
        ("366d", timedelta(days=366)),
    ],
)
def test_durations_are_read(written, value):
    assert duration(written) == duration(value) == value


@pytest.mark.parametrize(
    "written", ["", "s", "5x", "1.5h", "-1h", "1h30m", "٣h", "367d", "9" * 5000 + "d", 5, None]
)
def test_other_durations_are_refused(written):
    with pytest.raises(ValueError, match=r"not a duration|longer than a year"):
        duration(written)


@given(st.integers(0, 366 * 86400).map(lambda seconds: timedelta(seconds=seconds)))
def test_a_duration_is_read_as_it_is_written(value):
    assert duration(duration_text(value)) == value


@pytest.mark.parametrize(
    "text", ["“{title}” by {authors}, {source}: {url}", "All rights reserved", "{{braces}}"]
)
def test_credit_lines_are_taken(text):
    license_ = f'[licenses.house]\nname = "House"\ntext = "Ask."\nattribution = "{text}"\n'
    assert parse(SITE + license_).licenses["house"].attribution == text


def test_a_copy_with_other_sources_finds_those():
    first = SourceSettings(slug="a", name="A", url="https://a.example/feed")
    config = parse(SITE).model_copy(update={"sources": (first,)})
    assert config.source("a") == first
    other = SourceSettings(slug="b", name="B", url="https://b.example/feed")
    copied = config.model_copy(update={"sources": (other,)})
    assert (copied.source("a"), copied.source("b")) == (None, other)
    assert config.source("b") is None
