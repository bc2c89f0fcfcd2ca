"""No secret and no forged line comes out of the log, whatever goes in (T29, T30)."""

from __future__ import annotations

import json
import logging
import sys
import threading
import time

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from service import telemetry
from service.telemetry import redact
from service.telemetry.lines import MOST_BYTES

CANARY = "CaNaRy7f3a"


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch):
    """What is set for the whole process, set back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(params=["text", "json"])
def form(request: pytest.FixtureRequest):
    telemetry.configure(request.param)
    return request.param


PLACES = [
    f"Exception on /partner/{CANARY}/feed.atom [GET]",
    f"https://gazette.example/partner/{CANARY}/feed.rss?x=1",
    f"/partner%2F{CANARY}%2Ffeed.atom",
    f"the token fwp_{CANARY}-_0123456789 is odd",
    f"https://ada:{CANARY}@gazette.example/feed",
    f"https://{CANARY}@gazette.example/feed",
    f"https://ada:a/{CANARY}@gazette.example/feed",
    f"https://ada:a?{CANARY}#{CANARY}@gazette.example/feed",
    f"postgresql://feedwright:#a/{CANARY}@db.example/feedwright",
    f'{{"url": "https:\\/\\/ada:{CANARY}@gazette.example\\/feed"}}',
    f'{{"url": "https:\\/\\/ada:a\\/{CANARY}@gazette.example\\/feed"}}',
    f"//ada:{CANARY}@gazette.example/feed",
    f"it moved to //ada:a/{CANARY}@gazette.example/feed",
    f"https://gazette.example/feed?access_token={CANARY}&page=2",
    f"https://gazette.example/feed?api_key={CANARY}#top",
    f"https://gazette.example/feed?X-Amz-Signature={CANARY}",
    f"https://gazette.example/?%74oken={CANARY}",
    f"https://gazette.example/?next=https%3A%2F%2Fx.example%2F%3Ftoken%3D{CANARY}%26y%3D1",
    f"postgresql://feedwright:{CANARY}@db.example/feedwright",
    f"postgresql://feedwright:a@{CANARY}@db.example/feedwright",
    f"host=db.example password={CANARY} dbname=feedwright",
    f"host=db.example password='with {CANARY} and \\' in it' dbname=feedwright",
    f"Authorization: Bearer {CANARY}",
    f"authorization: basic {CANARY}",
    f"Cookie: theme=dark; sid={CANARY}; x={CANARY}",
    f'{{"refreshToken": "{CANARY}", "page": 2}}',
    f"{{'client_secret': '{CANARY}'}}",
    f"the session: {CANARY}",
    {"headers": {"X-Auth-Token": CANARY, "Accept": "*/*"}},
    {"deep": [{"er": ({"password": CANARY},)}]},
    {"secret": ["a", CANARY]},
    [("Authorization", f"Basic {CANARY}"), ("Accept", "*/*")],
    {f"https://x:{CANARY}@y.example/": 1},
    f"token={CANARY}".encode(),
    ValueError(f"no answer of https://u:{CANARY}@x.example/"),
]


@pytest.mark.parametrize("value", PLACES, ids=repr)
def test_a_secret_in_its_place_is_hidden(form, capsys, value):
    telemetry.log().info("event", value=value)
    told = capsys.readouterr().err
    assert CANARY not in told
    assert "***" in told


@pytest.mark.parametrize("value", PLACES[:24], ids=repr)
def test_a_secret_in_an_event_a_traceback_and_a_librarys_line_is_hidden(form, capsys, value):
    telemetry.log().warning(value)
    logging.getLogger("apscheduler").warning("it said %s", value)
    try:
        try:
            raise ValueError(value)
        except ValueError as error:
            raise RuntimeError("and so") from error
    except RuntimeError:
        telemetry.log().exception("broke")
        logging.getLogger("alembic").exception("broke there")
    told = capsys.readouterr().err
    assert CANARY not in told
    assert told.count("RuntimeError: and so") == 2


@pytest.mark.parametrize(
    "harmless",
    [
        "https://gazette.example/feed?page=2&sort=new",
        "https://gazette.example:8443/feed?page=2",
        "https://gazette.example/@ada/feed",
        "https://gazette.example:8443/feed and mail to ada@gazette.example",
        "a // b: c@d",
        "author=Ada Marsh",
        "monkey=1",
        "the author: Ada Marsh",
        "2 entries beyond [fetch] items wait for the next poll",
        "mail to ada@gazette.example",
    ],
)
def test_what_is_no_secret_stays(harmless):
    assert redact(harmless) == harmless


def test_plain_values_stay_what_they_are():
    value = {"number": 1, "none": None, "yes": True, "list": [1.5, "a"]}
    assert redact(value) == value


def test_a_concealed_secret_is_hidden_wherever_it_turns_up(form, capsys):
    telemetry.conceal('p/w "7x\\Q')
    telemetry.log().info('it is p/w "7x\\Q', quoted="p%2Fw%20%227x%5CQ", shown=['p/w "7x\\Q'])
    told = capsys.readouterr().err
    assert "7x" not in told


@given(st.recursive(st.text(), lambda it: st.lists(it) | st.dictionaries(st.text(), it)))
def test_anything_can_be_told(value):
    json.dumps(redact(value))


FORGED = '{"event": "forged"}'
BREAKS = ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1b[2K", "\x85", "\u2028", "\u2029", "\x00", "\x1c"]


@pytest.mark.parametrize("mark", BREAKS, ids=ascii)
def test_a_line_cannot_be_forged(form, capsys, mark):
    telemetry.log().info(f"one{mark}{FORGED}", **{f"a{mark}b": f"x{mark}{FORGED}"})
    logging.getLogger("werkzeug").warning("two%s%s", mark, FORGED)
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 2
    assert told.replace("\n", "").isprintable()


def test_a_value_is_escaped_once(capsys):
    telemetry.configure("text")
    telemetry.log().info(
        "told", lines=["a\nb", 'c "d"'], text="e\n=f", path="C:\\g", plain="h/i", table={"j": "k\t"}
    )
    told = capsys.readouterr().err
    for shown in (r"lines=['a\nb', 'c " + '"d"' + "']", r"text='e\n=f'", r"path='C:\\g'", "plain=h/i",
                  r"table={'j': 'k\t'}"):  # fmt: skip
        assert shown in told


def test_a_traceback_cannot_forge_a_line_either(form, capsys):
    try:
        raise ValueError(f"one\n{FORGED}\x1b[1A\r2026-11-23 [info] forged")
    except ValueError:
        telemetry.log().exception("broke")
    lines = capsys.readouterr().err.splitlines()
    if form == "json":
        assert len(lines) == 1
    else:
        assert all(line.startswith("    | ") for line in lines[1:])
    assert all(line.isprintable() for line in lines)


def test_a_line_has_an_end(form, capsys):
    many = {f"value{number}": "é" * 5_000 for number in range(50)}
    telemetry.log().info("e" * 100_000, **many)
    try:
        raise ValueError("v" * 100_000)
    except ValueError:
        telemetry.log().exception("broke")
    for line in capsys.readouterr().err.splitlines():
        assert len(line.encode()) < MOST_BYTES
        if form == "json":
            json.loads(line)


def test_json_lines_are_objects_with_level_and_time(capsys):
    telemetry.configure("json")
    telemetry.log().info("poll ended", source="lantern", imported=2)
    told = json.loads(capsys.readouterr().err)
    assert told.pop("timestamp").endswith("Z")
    assert told == {
        "event": "poll ended", "level": "info", "source": "lantern", "imported": 2,
    }  # fmt: skip


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")], ids=str)
def test_a_json_line_with_a_number_that_json_has_not_is_valid(capsys, number):
    telemetry.configure("json")
    telemetry.log().info("event", number=number, deep=[{"a": (number, 1.5)}])
    told = json.loads(capsys.readouterr().err, parse_constant=pytest.fail)
    assert (told["number"], told["deep"]) == (str(number), [{"a": [str(number), 1.5]}])


@pytest.mark.parametrize("text", ["//a:", "//", "://:", ":/\\", "x:@", "\\/\\/a:"])
def test_looking_for_secrets_takes_time_that_grows_as_the_text(text):
    def taken(size: int) -> float:
        before = time.process_time()
        redact(text * (size // len(text)))
        return time.process_time() - before

    assert min(taken(64_000) for _ in range(3)) < 6 * max(
        min(taken(16_000) for _ in range(3)), 0.005
    )


def test_libraries_tell_warnings_and_no_chatter(form, capsys):
    logging.getLogger("apscheduler.scheduler").info("added job")
    logging.getLogger("apscheduler.scheduler").warning("missed by 1 s")
    told = capsys.readouterr().err
    assert "added job" not in told
    assert "missed by 1 s" in told
    assert "apscheduler.scheduler" in told


def test_configuring_again_doubles_no_line(form, capsys):
    telemetry.configure(form)
    logging.getLogger("granian").warning("once")
    assert capsys.readouterr().err.count("once") == 1


def test_what_nobody_catches_is_logged(form, capsys):
    def breaks():
        raise ValueError(f"token={CANARY} broke")

    def works():
        with telemetry.told("scheduler"):
            thread = threading.Thread(target=breaks, name="poll")
            thread.start()
            thread.join()
            breaks()

    with pytest.raises(SystemExit, match="1"):
        works()
    told = capsys.readouterr().err
    assert told.count("ValueError: token=*** broke") == 2
    assert "thread broke" in told
    assert "process broke" in told
    assert CANARY not in told


def test_an_uncaught_exception_of_a_command_is_logged_without_secrets(form, capsys):
    try:
        raise ValueError(f"https://u:{CANARY}@x.example/ broke")
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    told = capsys.readouterr().err
    assert "https://***@x.example/ broke" in told
