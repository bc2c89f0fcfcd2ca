"""Names whose addresses change between one look and the next: only what was checked is dialled."""

from __future__ import annotations

from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import AddressRefused, FetchError, Unreachable
from service.fetch import Fetcher
from service.guard import Guard
from tests.fakes import Listener
from tests.service.fetching import within

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2", "127.0.0.3", "::1"])

GOOD = ["127.0.0.2", "127.0.0.3"]
BAD = [
    "127.0.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "0.0.0.0",
    "10.0.0.1",
    "64:ff9b::7f00:1",
    "::",
    "nonsense",
]
ANSWERS = st.lists(st.sampled_from(GOOD) | st.sampled_from(BAD), max_size=3)


class Rebinding:
    """A resolver that says something else each time, and a fetcher that believes it."""

    def __init__(self, port):
        self.answers = []
        config = within(allow_networks=tuple(GOOD), allow_ports=(port,))
        guard = Guard(networks=config.fetch.networks, ports=[port], resolve=self.resolve)
        self.fetcher = Fetcher(config, guard=guard)

    def resolve(self, host, port):
        if not self.answers:
            raise OSError("no such name any more")
        return self.answers.pop(0)


@pytest.fixture(scope="module")
def listener():
    def onward(said):
        step = len(said.split()[1])
        return f"HTTP/1.1 302 Found\r\nLocation: /{'x' * step}\r\n\r\n".encode()

    with Listener(onward) as listening:
        yield listening


@pytest.fixture(scope="module")
def rebinding(listener):
    return Rebinding(listener.port)


def is_good(answer):
    return bool(answer) and set(answer) <= set(GOOD)


@settings(max_examples=1000)
@given(st.lists(ANSWERS, min_size=1, max_size=4))
def test_no_sequence_of_answers_leads_inside(listener, rebinding, sequence):
    listener.heard.clear()
    rebinding.answers = list(sequence)
    with pytest.raises(FetchError) as caught:
        rebinding.fetcher.get(f"http://rebinding.example:{listener.port}/")
    followed = list(takewhile(is_good, sequence))
    assert listener.dialled == [answer[0] for answer in followed]
    assert len(rebinding.answers) == max(0, len(sequence) - len(followed) - 1)
    refused = len(followed) < len(sequence) and bool(sequence[len(followed)])
    assert caught.type is (AddressRefused if refused else Unreachable)


def test_each_redirect_is_resolved_and_checked_anew(listener, rebinding):
    listener.heard.clear()
    rebinding.answers = [["127.0.0.2"], ["127.0.0.1"]]
    with pytest.raises(AddressRefused, match=r"127\.0\.0\.1"):
        rebinding.fetcher.get(f"http://rebinding.example:{listener.port}/")
    assert listener.dialled == ["127.0.0.2"]


def test_a_mixed_answer_is_refused_whole(listener, rebinding):
    listener.heard.clear()
    rebinding.answers = [["127.0.0.2", "127.0.0.1"]]
    with pytest.raises(AddressRefused):
        rebinding.fetcher.get(f"http://rebinding.example:{listener.port}/")
    assert listener.dialled == []
