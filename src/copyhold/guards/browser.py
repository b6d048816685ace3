"""Show a page that needs JavaScript, in Chromium, while every byte it loads goes through the egress.

The browser itself has no way out: its proxy is a closed port, and each request is answered here with what `fetch`
brought
(checked, bounded, recorded). Service workers, WebSockets, WebRTC and downloads are off. What cannot be fetched is an
aborted request, as on a bad line, and is listed with its reason.
"""

import contextlib
import html
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Playwright, Route, WebSocketRoute, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from copyhold.guards.egress import Response
from copyhold.guards.errors import BrowserUnavailable, FetchRefused, RenderFailed

Fetch = Callable[..., Response]

NO_WAY_OUT = (
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-quic",
    "--no-first-run",
    "--no-pings",
    "--dns-prefetch-disable",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-dev-shm-usage",
)
# Runs in each page before its own scripts.
TAKE_AWAY = """
for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'WebTransport', 'Worker', 'SharedWorker'])
  try { Object.defineProperty(window, name, {value: undefined}); } catch (error) {}
"""
# Describe the connection or the coding, not the page we hand over.
DROPPED = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive", "alt-svc"})
FORWARDED = frozenset({"accept", "accept-language", "content-type", "referer", "origin", "x-requested-with", "cookie"})


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """wall_s: seconds for the whole page · settle_s: quiet seconds waited for after loading · requests, bytes: in all
    html_bytes, text_chars: of the result · width, height: of the window and the picture, CSS pixels"""

    wall_s: float = 30.0
    settle_s: float = 0.5
    requests: int = 200
    bytes: int = 64 << 20
    html_bytes: int = 8 << 20
    text_chars: int = 1_000_000
    width: int = 1280
    height: int = 960


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the page: `status` 0 and a `reason` when it was not answered."""

    url: str
    kind: str  # document, script, image, xhr, ...
    status: int
    reason: str
    response: Response | None


@dataclass(frozen=True, slots=True)
class Rendered:
    html: str
    screenshot_png: bytes
    text: str
    requests: tuple[Request, ...]
    final_url: str


def find_chromium() -> str | None:
    """COPYHOLD_CHROMIUM, the system's Chromium or Chrome, or Playwright's own download; None when there is none."""
    for name in (os.environ.get("COPYHOLD_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if os.path.exists(own) else None  # noqa: PTH110


class Browser:
    """One Chromium, used by one thread: `with Browser(robots.fetch) as browser: page = browser.render(url)`.

    `fetch` is `Egress.fetch` or `Robots.fetch`. Each page gets a fresh context without cookies or storage.
    """

    def __init__(self, fetch: Fetch, *, limits: RenderLimits | None = None, executable: str | None = None) -> None:
        self._fetch, self.limits = fetch, limits or RenderLimits()
        self._executable = executable
        self._playwright: Playwright | None = None
        self._chromium: Chromium | None = None

    def __enter__(self) -> Self:
        executable = self._executable or find_chromium()
        if executable is None:
            raise BrowserUnavailable(reason="none found")
        self._playwright = sync_playwright().start()
        # As root Chromium's own sandbox does not start.
        arguments = [*NO_WAY_OUT, *(["--no-sandbox"] if os.getuid() == 0 else [])]
        try:
            self._chromium = self._playwright.chromium.launch(executable_path=executable, args=arguments)
        except PlaywrightError as error:
            self.close()
            raise BrowserUnavailable(reason=str(error).splitlines()[0][:300]) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        chromium, self._chromium = self._chromium, None
        playwright, self._playwright = self._playwright, None
        if chromium is not None:
            chromium.close()
        if playwright is not None:
            playwright.stop()

    def render(self, url: str) -> Rendered:
        """Load `url`, run its scripts, and return what a visitor sees. Raises RenderFailed; FetchRefused (as
        `fetch`) for the
        page itself; BrowserUnavailable when the browser is gone."""
        if self._chromium is None or not self._chromium.is_connected():
            raise BrowserUnavailable(reason="it is not running")
        limits = self.limits
        context = self._chromium.new_context(
            viewport={"width": limits.width, "height": limits.height},
            service_workers="block",
            accept_downloads=False,
            permissions=[],
        )
        visit = _Visit(self._fetch, limits)
        try:
            return self._visit(context, visit, url)
        except PlaywrightError as error:
            if visit.refusal is not None:
                raise visit.refusal from error
            raise RenderFailed(url=url[:200], reason=str(error).splitlines()[0][:200]) from error
        finally:
            context.close()

    def _visit(self, context: BrowserContext, visit: "_Visit", url: str) -> Rendered:
        limits = self.limits
        context.set_default_timeout(limits.wall_s * 1000)
        context.add_init_script(TAKE_AWAY)
        context.route("**/*", visit.answer)
        context.route_web_socket("**/*", _refuse_socket)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.on("popup", lambda popup: popup.close())
        page.goto(url, wait_until="load", timeout=limits.wall_s * 1000)
        visit.settle(page.wait_for_timeout)
        # What is taken down is a still page: its timers could ask for more, and change it, for ever.
        context.new_cdp_session(page).send("Emulation.setScriptExecutionDisabled", {"value": True})
        markup = page.content().encode()[: limits.html_bytes].decode(errors="ignore")
        text = str(page.evaluate("n => (document.body ? document.body.innerText : '').slice(0, n)", limits.text_chars))
        # Handlers still at work would hold up the closing; what asks from now on meets the closed proxy.
        context.unroute_all(behavior="ignoreErrors")
        picture = page.screenshot(full_page=False, animations="disabled", caret="hide")
        return Rendered(markup, picture, text, tuple(visit.requests), page.url)


@dataclass  # no slots: Playwright keeps its wrapper of a handler on the handler's object
class _Visit:
    """The requests of one page. A redirected navigation is sent on in the browser too, and then answered
    from `ready`.
    """

    fetch: Fetch
    limits: RenderLimits
    requests: list[Request] = field(default_factory=list)
    refusal: FetchRefused | None = None
    ready: dict[str, Response] = field(default_factory=dict)
    received: int = 0
    started_s: float = field(default_factory=time.monotonic)

    def answer(self, route: Route) -> None:
        request = route.request
        reason = self._exhausted()
        response = None
        if not reason:
            try:
                response = self.ready.pop(request.url, None) or self._fetched(route)
            except (FetchRefused, ValueError) as error:
                reason = str(error)
                # Nothing was answered yet: this is the page itself (or where its redirects lead).
                if isinstance(error, FetchRefused) and not any(known.status for known in self.requests):
                    self.refusal = error
        status = response.status if response else 0
        if len(self.requests) <= self.limits.requests:  # of those beyond the limit, one tells enough
            self.requests.append(Request(request.url, request.resource_type, status, reason, response))
        with contextlib.suppress(PlaywrightError):  # the frame or popup that asked may be closed by now
            self._hand_over(route, response)

    def _hand_over(self, route: Route, response: Response | None) -> None:
        request = route.request
        if response is None:
            route.abort("blockedbyclient")
        elif request.is_navigation_request() and len(response.hops) > 1 and response.url != request.url:
            self.ready[response.url] = response
            onward = html.escape(response.url)
            page = f'<meta http-equiv="refresh" content="0;url={onward}">'
            route.fulfill(status=200, content_type="text/html", body=page)
        else:
            kept = {name: value for name, value in response.headers if name.lower() not in DROPPED}
            route.fulfill(status=response.status, headers=kept, body=response.body)

    def settle(self, wait_ms: Callable[[float], None]) -> None:
        """Wait until no request has come for `settle_s`, within the time of the page."""
        seen = -1
        while seen != len(self.requests) and not self._exhausted():
            seen = len(self.requests)
            wait_ms(self.limits.settle_s * 1000)

    def _fetched(self, route: Route) -> Response:
        request = route.request
        headers = [(name, value) for name, value in request.headers.items() if name in FORWARDED]
        response = self.fetch(request.method, request.url, headers, body=request.post_data_buffer or b"")
        self.received += len(response.body)
        return response

    def _exhausted(self) -> str:
        if len(self.requests) >= self.limits.requests:
            return f"more than {self.limits.requests} requests"
        if self.received > self.limits.bytes:
            return f"more than {self.limits.bytes} bytes"
        if time.monotonic() - self.started_s > self.limits.wall_s:
            return f"more than {self.limits.wall_s:g} s"
        return ""


def _refuse_socket(socket: WebSocketRoute) -> None:
    socket.close(code=1001, reason="WebSockets are off")
