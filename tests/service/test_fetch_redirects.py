"""Where redirects lead: each hop is checked like the first, and nothing is sent that tells on us."""

from __future__ import annotations

import pytest

from service.errors import AddressRefused, FetchError, TooManyHops
from service.fetch import Fetcher, Hop
from tests.fakes import Listener, Reply, Upstream
from tests.service.fetching import within

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2", "::1"])


@pytest.fixture
def canary():
    with Listener() as listener:
        yield listener


@pytest.fixture
def upstream():
    with Upstream("127.0.0.2") as server:
        yield server


@pytest.fixture
def get(upstream):
    """Fetch, from 127.0.0.2 and no other address here."""
    return Fetcher(within(allow_networks=("127.0.0.2",), allow_ports=(upstream.port,))).get


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:10.0.0.1]/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://[::1]:{port}/",
        "http://127.0.0.1:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f.1:{port}/",
        "http://①②⑦.⓪.⓪.①:{port}/",
        "http://localhost:{port}/",
        "http://0:{port}/",
        "https://127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
        "http://127.0.0.2:{canary}/",
        "http://127.0.0.2:0/",
        "http://127.0.0.2:22/",
        "http://user:password@127.0.0.2:{port}/",
        "http://127.0.0.2:{port}@127.0.0.1:{port}/",
        "file:///etc/passwd",
        "ftp://127.0.0.2:{port}/",
        "gopher://127.0.0.2:{port}/_GET",
        "dict://127.0.0.2:{port}/info",
        "feed://127.0.0.2:{port}/",
        "javascript:alert(1)",
        "data:text/xml,<rss/>",
        "http://:{port}/",
        "http://[",
    ],
)
def test_a_redirect_that_leads_inside_is_not_followed(upstream, canary, get, location):
    told = location.format(port=upstream.port, canary=canary.port)
    url = upstream.script("/", Reply(302, {"Location": told.encode().decode("latin-1")}))
    with pytest.raises(AddressRefused):
        get(url)
    assert len(upstream.journal) == 1
    assert canary.heard == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    ["/feed", "feed", "./x/../feed", "//127.0.0.2:{port}/feed", "http://127.0.0.2:{port}/feed"],
)
def test_a_redirect_within_bounds_is_followed(upstream, get, status, location):
    told = location.format(port=upstream.port)
    url = upstream.script("/", Reply(status, {"Location": told}))
    upstream.script("/feed", Reply(body=b"<rss/>"))
    answer = get(url)
    assert answer.body == b"<rss/>"
    assert [hop.status for hop in answer.hops] == [status]


def test_five_hops_are_followed_and_six_are_not(upstream, get):
    for n in range(6):
        upstream.script(f"/{n}", Reply(302, {"Location": f"/{n + 1}"}))
    upstream.script("/6", Reply(body=b"<rss/>"))
    assert get(upstream.url("/1")).hops[-1] == Hop(302, upstream.url("/6"))
    with pytest.raises(TooManyHops, match="more than 5"):
        get(upstream.url("/0"))


def test_a_redirect_to_itself_is_a_circle(upstream, get):
    url = upstream.script("/", Reply(302, {"Location": "/#again"}))
    with pytest.raises(TooManyHops, match="circle"):
        get(url)
    assert len(upstream.journal) == 1


def test_nothing_about_the_first_host_is_told_to_the_next(upstream, get):
    cookie = {"Set-Cookie": "session=1", "Location": "/feed"}
    url = upstream.script("/secret", Reply(302, cookie))
    upstream.script("/feed", Reply(body=b"<rss/>"))
    get(url, etag='"1"', validators_url=url)
    sent = upstream.journal[1].headers
    for name in ("Cookie", "Referer", "Authorization", "If-None-Match"):
        assert name not in sent


def test_a_password_in_a_redirect_is_not_told_to_anybody(upstream, get):
    told = "http://user:pa℀ssword@127.0.0.2/".encode().decode("latin-1")
    url = upstream.script("/", Reply(302, {"Location": told}))
    with pytest.raises(FetchError) as caught:
        get(url)
    assert "ssword" not in str(caught.value)


def test_a_redirect_without_location_is_an_answer(upstream, get):
    answer = get(upstream.script("/", Reply(302)))
    assert (answer.status, answer.hops, answer.body) == (302, (), b"")
