"""RFC 9309, read from a real server."""

import pytest
from loopback import page, redirect

from copyhold.guards.egress import Egress, Policy
from copyhold.guards.errors import AddressRefused, RobotsRefused
from copyhold.guards.robots import Robots

RULES = """
User-agent: *
Disallow: /

User-agent: copyhold
Disallow: /private/
Allow: /private/open
Crawl-delay: 7
Sitemap: http://shop.demo/sitemap.xml
"""


@pytest.fixture
def now():
    return [1000.0]


@pytest.fixture
def robots(egress, now):
    return Robots(egress, clock=lambda: now[0])


def test_our_own_group_of_rules_is_obeyed(server, robots):
    server.pages["/robots.txt"] = page(RULES)
    assert robots.is_allowed("http://shop.demo/")
    assert robots.is_allowed("http://shop.demo/private/open")
    assert not robots.is_allowed("http://shop.demo/private/closed?a=b")
    assert robots.is_allowed("http://shop.demo/robots.txt")
    with pytest.raises(RobotsRefused, match="disallowed"):
        robots.fetch("GET", "http://shop.demo/private/closed")
    assert robots.sitemaps("http://shop.demo/") == ["http://shop.demo/sitemap.xml"]
    assert len(server.requests) == 1  # asked once, then kept; nothing that was refused was fetched


def test_crawl_delay_slows_us_down(server, robots):
    server.pages["/robots.txt"] = page(RULES)
    assert robots.crawl_delay_s("http://shop.demo/") == 0
    robots.check("http://shop.demo/")
    assert robots.crawl_delay_s("http://shop.demo/") == 7
    assert robots.crawl_delay_s("http://news.demo/") == 0


@pytest.mark.parametrize("status", ["404 Not Found", "401 Unauthorized", "403 Forbidden", "410 Gone"])
def test_no_rules_allow_everything(server, robots, status):
    server.pages["/robots.txt"] = page(RULES, status=status)
    assert robots.is_allowed("http://shop.demo/private/closed")


@pytest.mark.parametrize("answer", [page("", status="500 Oops"), page("", status="503 Later"), b"", b"garbage\r\n\r\n"])
def test_unreachable_rules_forbid_everything_for_a_while(server, robots, now, answer):
    server.pages["/robots.txt"] = answer
    with pytest.raises(RobotsRefused, match="robots.txt"):
        robots.check("http://shop.demo/")
    server.pages["/robots.txt"] = page("")
    assert not robots.is_allowed("http://shop.demo/")
    now[0] += 601
    assert robots.is_allowed("http://shop.demo/")


def test_rules_that_never_end_coming_forbid(server, policy, now):
    server.pages["/robots.txt"] = lambda connection, _request: connection.recv(1)
    robots = Robots(Egress(Policy(hosts=policy.hosts, delay_s=0, total_s=0.2)), clock=lambda: now[0])
    assert not robots.is_allowed("http://shop.demo/")


def test_rules_are_kept_for_a_day(server, robots, now):
    server.pages["/robots.txt"] = page(RULES)
    assert robots.is_allowed("http://shop.demo/a")
    server.pages["/robots.txt"] = page("User-agent: *\nDisallow: /a")
    now[0] += 24 * 3600 - 1
    assert robots.is_allowed("http://shop.demo/a")
    now[0] += 2
    assert not robots.is_allowed("http://shop.demo/a")


def test_a_redirect_to_a_forbidden_page_is_not_followed(server, robots):
    server.pages["/robots.txt"] = page(RULES)
    server.pages["/a"] = redirect("http://news.demo/private/b")
    server.pages["/private/b"] = page("secret")
    with pytest.raises(RobotsRefused):
        robots.fetch("GET", "http://shop.demo/a")
    assert not any(b"/private/b" in request for request in server.requests)


def test_an_address_that_is_refused_anyway_is_not_blamed_on_the_site(robots):
    with pytest.raises(AddressRefused):
        robots.check("http://127.0.0.1/")


@pytest.mark.parametrize(
    "text", [b"\xff\xfe\x00garbage\x00" * 100, b"Disallow: /\n" * 10, "User-agent: *\rDisallow: /b"]
)
def test_odd_rules_are_read_as_far_as_they_go(server, robots, text):
    server.pages["/robots.txt"] = page(text)
    assert robots.is_allowed("http://shop.demo/a")
