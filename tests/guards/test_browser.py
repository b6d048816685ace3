"""A real Chromium, whose every request goes through the egress into the WARC."""

import hashlib
from datetime import UTC, datetime

import pytest
from loopback import page, redirect

from copyhold.guards.browser import Browser, RenderLimits, find_chromium
from copyhold.guards.egress import Egress
from copyhold.guards.errors import AddressRefused, BrowserUnavailable, HostUnreachable
from copyhold.guards.recorder import Recorder, read_record

pytestmark = pytest.mark.browser
HTML = "Content-Type: text/html; charset=utf-8"


@pytest.fixture
def browser(egress):
    with Browser(egress.fetch, limits=RenderLimits(wall_s=20, requests=20)) as one:
        yield one


def test_scripts_run_and_everything_they_load_is_recorded(server, policy, tmp_path):
    server.pages["/"] = page("<h1>before</h1><script src=/app.js></script>", HTML)
    server.pages["/app.js"] = page(
        "fetch('/data.json').then(r => r.json()).then(d => document.querySelector('h1').textContent = d.title)",
        "Content-Type: text/javascript",
    )
    server.pages["/data.json"] = page('{"title": "作品 after"}', "Content-Type: application/json")
    recorder = Recorder(tmp_path, now=lambda: datetime.now(UTC))
    with Browser(Egress(policy, recorder).fetch) as browser:
        rendered = browser.render("http://shop.demo/")
    assert rendered.text.strip() == "作品 after"
    assert "<h1>作品 after</h1>" in rendered.html
    assert rendered.screenshot_png.startswith(b"\x89PNG")
    assert rendered.final_url == "http://shop.demo/"
    answered = {request.url: request for request in rendered.requests if request.status == 200}
    for path in ("/", "/app.js", "/data.json"):
        record = answered[f"http://shop.demo{path}"].response.record
        assert read_record(tmp_path / record.file, record.offset).block == server.pages[path]
    recorder.close()


def test_a_redirect_ends_at_the_final_address_and_is_fetched_once(server, browser):
    server.pages["/old"] = redirect("http://news.demo/new?a=1&b=2")
    server.pages["/new?a=1&b=2"] = page("<p>arrived</p>", HTML)
    rendered = browser.render("http://shop.demo/old")
    assert rendered.final_url == "http://news.demo/new?a=1&b=2"
    assert rendered.text.strip() == "arrived"
    assert sum(b"GET /new" in request for request in server.requests) == 1


def test_the_browser_has_no_way_out(server, browser):
    port = server.port
    server.pages["/"] = page(
        f"""<img src="http://127.0.0.1:{port}/direct.png"><iframe src="http://localhost:{port}/frame"></iframe>
        <p id=p>none</p><script>
        const told = [typeof RTCPeerConnection, typeof WebTransport];
        navigator.serviceWorker?.register('/sw.js').catch(() => 0);
        window.open('http://127.0.0.1:{port}/popup');
        const socket = new WebSocket('ws://127.0.0.1:{port}/socket');
        socket.onclose = () => {{ document.getElementById('p').textContent = [...told, 'closed'].join(' '); }};
        fetch('http://127.0.0.1:{port}/fetch', {{mode: 'no-cors'}}).catch(() => 0);
        navigator.sendBeacon('http://127.0.0.1:{port}/beacon', 'x');
        </script>""",
        HTML,
    )
    rendered = browser.render("http://shop.demo/")
    assert rendered.text.strip() == "undefined undefined closed"
    directly = [request for request in server.requests if b"Host: shop.demo" not in request]
    assert directly == []
    refused = [request for request in rendered.requests if "127.0.0.1" in request.url]
    assert refused
    assert all(request.status == 0 and "not a public web address" in request.reason for request in refused)


def test_endless_requests_are_bounded(server, browser):
    server.pages["/"] = page("<script>setInterval(() => fetch('/' + Math.random()), 1)</script>", HTML)
    rendered = browser.render("http://shop.demo/")
    assert len(server.requests) <= 20
    assert any(request.reason == "more than 20 requests" for request in rendered.requests)


def test_a_page_that_is_refused_raises_as_the_egress_does(browser):
    with pytest.raises(AddressRefused):
        browser.render("http://127.0.0.1/")
    with pytest.raises(HostUnreachable):
        browser.render("http://shop.demo.invalid/")


def test_a_script_that_never_ends_does_not_hold_us_for_ever(server, egress):
    server.pages["/"] = page("<p>a</p><script>while (true) {}</script>", HTML)
    server.pages["/good"] = page("<p>good</p>", HTML)
    from copyhold.guards.errors import RenderFailed

    with Browser(egress.fetch, limits=RenderLimits(wall_s=2)) as browser:
        with pytest.raises(RenderFailed):
            browser.render("http://shop.demo/")
        assert browser.render("http://shop.demo/good").text.strip() == "good"


def test_the_same_page_gives_the_same_picture(server, browser):
    server.pages["/"] = page("<h1>same</h1>", HTML)
    pictures = {hashlib.sha256(browser.render("http://shop.demo/").screenshot_png).digest() for _ in range(2)}
    assert len(pictures) == 1


def test_a_browser_that_is_not_there_is_said(egress, tmp_path):
    assert find_chromium()
    missing = tmp_path / "chromium"
    with pytest.raises(BrowserUnavailable, match="COPYHOLD_CHROMIUM"), Browser(egress.fetch, executable=str(missing)):
        pass
