"""What is said about a config file that cannot be used. Pairs: NAME.toml and NAME.problems.txt."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.config import Problem, check, load, parse
from service.errors import ConfigError

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests/data/config").glob("*.toml"))
SHIPPED = (ROOT / "config.toml").read_text(encoding="utf-8")
JARGON = ("Input", "pydantic", "str", "int", "dict", "tuple", "NoneType", "None", "Traceback")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_problem_is_named_with_its_line_and_remedy(file, monkeypatch):
    monkeypatch.chdir(file.parent)
    told = [str(problem) for problem in check(Path(file.name))]
    assert told == file.with_suffix(".problems.txt").read_text(encoding="utf-8").splitlines()


def test_six_mistakes_are_told_at_once_with_their_lines():
    problems = check(ROOT / "tests/data/config/six-mistakes.toml")
    assert [(problem.line, problem.key) for problem in problems] == [
        (4, "site.public_url"),
        (6, "sitee"),
        (21, "sources[0].license"),
        (22, "sources[0].intervall"),
        (28, "sources[1].interval"),
        (29, "sources[1].categories.themes"),
    ]
    hints = (
        '"https://meridian-review.example"',
        '"site"',
        '"cc-by"',
        '"interval"',
        '"5m"',
        '"theme"',
    )
    for problem, hint in zip(problems, hints, strict=True):
        assert "did you mean" in problem.message
        assert hint in problem.message


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_messages_are_plain_words_on_one_line(file):
    for problem in check(file):
        assert not set(problem.message.replace('"', " ").split()) & set(JARGON)
        assert str(problem).isprintable()
        assert problem.file == file


@pytest.mark.parametrize(
    "database",
    [
        "postgres://user:hunter2@db.example/name",
        "postgresql://user:hunter2@db.example",
        "postgresql://user:hunter2/@db.example/name",
        "postgresql://user:hunter2@db.example:port/name",
        "postgresql://user:hunter2@[db.example/name",
        "postgresql:user:hunter2@db.example/name",
        "mysql://user:hunter2@db.example/name",
    ],
)
def test_messages_never_repeat_a_password(database, tmp_path):
    text = (ROOT / "tests/data/config/secrets.toml").read_text(encoding="utf-8")
    file = tmp_path / "config.toml"
    file.write_text(
        text.replace("postgresql://feedwright:hunter2/@db.example/feedwright", database)
    )
    problems = check(file)
    assert problems[-1].key == "storage.database"
    assert "hunter2" not in "\n".join(map(str, problems))


def test_load_raises_every_problem_one_a_line():
    file = ROOT / "tests/data/config/six-mistakes.toml"
    with pytest.raises(ConfigError) as raised:
        load(file)
    assert str(raised.value).splitlines() == [str(problem) for problem in check(file)]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path):
    missing = tmp_path / "nowhere.toml"
    assert check(missing) == [Problem(missing, 0, "", "cannot be read: No such file or directory")]
    assert str(check(tmp_path)[0]) == f"{tmp_path}: cannot be read: Is a directory"


def test_polling_without_a_pause_is_refused_even_if_agreed():
    source = 'slug = "a"\nurl = "https://a.example/"\nname = "A"\ninterval_agreed = true'
    text = f'{SHIPPED}\n[[sources]]\n{source}\ninterval = "0s"'
    with pytest.raises(ConfigError) as raised:
        parse(text, ROOT / "config.toml")
    assert str(raised.value).endswith('interval: no time at all; write at least "1s"')


@pytest.mark.parametrize("ports", ["port = 9100\nmetrics_port = 9100", "metrics_port = 8000"])
def test_metrics_on_the_port_of_the_pages_are_refused(ports):
    text = f'[site]\ntitle = "A"\npublic_url = "https://a.example"\n\n[server]\n{ports}\n'
    with pytest.raises(ConfigError) as raised:
        parse(text, ROOT / "config.toml")
    (told,) = [it for it in str(raised.value).splitlines() if "metrics_port" in it]
    line = text.splitlines().index(ports.splitlines()[-1]) + 1
    assert told.startswith(f"{ROOT / 'config.toml'}:{line}: server.metrics_port: ")
    assert "another" in told


def test_deep_nesting_and_endless_numbers_are_problems_too():
    for text, words in (
        ("a = " + "[" * 5000, "nested too deeply"),
        ("a = " + "9" * 5000, "too long"),
        ("a = 0x" + "f" * 5000, "unknown key"),
        (SHIPPED.replace("[server]", "[server]\nport = 0x" + "f" * 5000), "must be 65535 or less"),
        ("fetch.gap = 0x" + "f" * 5000, "fetch.gap"),
        ("[content]\nfirst_articles = '" + "a" * 5000 + "'", "there is no folder"),
        (".".join("a" * 2000) + " = 1", "unknown table"),
    ):
        with pytest.raises(ConfigError, match=words):
            parse(text, ROOT / "config.toml")


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path):
    file = tmp_path / "config.toml"
    text = SHIPPED.replace("first_articles", "# first_articles")
    file.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert check(file) == []
    file.write_bytes(
        text.replace("[site]", "[site]\nx = 1").replace("\n", "\r\n").encode("utf-8-sig")
    )
    assert check(file)[0].line == text.splitlines().index("[site]") + 2


@given(st.binary())
def test_no_bytes_crash_the_check(tmp_path_factory, data):
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(data)
    assert check(file)


TOML_PARTS = st.sampled_from(
    [
        "site", "sources", "terms", "taxonomies", "interval", "=", "[", "]", "[[", "]]", "{", "}", ".", ",",
        "\n", '"', "'", '"""', "1", "0.5", "true", "2026-11-22", '"1h"', '"theme"', "#", " ", "\\u0041", "é",
    ]
)  # fmt: skip


def parse_or_problems(text: str) -> None:
    """Nothing but a Config or a ConfigError with a line for each problem may come of it."""
    try:
        told = ""
        parse(text, ROOT / "config.toml")
    except ConfigError as error:
        told = str(error)
    assert all(line.startswith(str(ROOT)) for line in told.split("\n") if told)


@given(st.text() | st.lists(TOML_PARTS, max_size=30).map("".join))
def test_no_text_crashes_the_check(text):
    parse_or_problems(text)


@given(st.data())
def test_no_change_of_the_shipped_file_crashes_the_check(data):
    start = data.draw(st.integers(0, len(SHIPPED)))
    length = data.draw(st.integers(0, 40))
    put = data.draw(st.text(max_size=8) | st.lists(TOML_PARTS, max_size=5).map("".join))
    parse_or_problems(SHIPPED[:start] + put + SHIPPED[start + length :])


TOML_VALUES = st.sampled_from(
    [
        '""',
        '"x"',
        "''",
        "0",
        "-1",
        "1e400",
        "true",
        "[]",
        "[[]]",
        "[{}]",
        "{}",
        "{a = 1}",
        "2026-11-22",
        "07:30:00",
    ]
)


@given(st.sampled_from([line for line in SHIPPED.splitlines() if " = " in line]), TOML_VALUES)
def test_no_value_of_any_key_crashes_the_check(line, value):
    key = line.removeprefix("# ").split(" = ")[0]
    parse_or_problems(SHIPPED.replace(line, f"{key} = {value}"))
