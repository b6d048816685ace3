"""The office as its visitors meet it: a real Chromium before a real server on a real database, with the real sandbox.

Playwright's sync API keeps an event loop running in the thread that uses it, and Django rightly refuses to touch the
database in such a thread. So the tests drive the browser from the main thread, and look into the records and run the
jobs through `office.ask`, which does so in a thread of its own.
"""

import base64
import contextlib
import io
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from django.test import override_settings
from django.test.utils import setup_databases, teardown_databases
from PIL import Image, ImageOps
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response, sync_playwright

from copyhold.core.jobs import run_pending
from copyhold.core.models import LedgerHead
from copyhold.guards.browser import find_chromium
from copyhold.inspection import services as inspection
from copyhold.inspection.models import Patrol
from copyhold.people.models import Account
from copyhold.reference import live, reading
from copyhold.registry import services as registry
from copyhold.registry.models import Work
from copyhold.web.demonstration import job, media
from copyhold.web.demonstration.enforce import enforce
from copyhold.web.demonstration.furnish import PASSWORD, furnish
from copyhold.web.demonstration.sites import MALL, Sites

PATIENCE_MS = 20_000
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
OURS = "Failed to load resource"  # the browser's own words; who failed is told better by the response itself


class Office:
    """A furnished office at `url`; `ask(f)` runs `f` where the database may be used, `work()` runs the queued jobs."""

    def __init__(self, records: ThreadPoolExecutor, url: str) -> None:
        self._records, self.url = records, url

    def ask(self, question: Callable[[], Any]) -> Any:
        return self._records.submit(question).result()

    def work(self) -> int:
        return self.ask(run_pending)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """What was asked is told by the browser."""


@pytest.fixture(scope="session")
def sites() -> Iterator[Sites]:
    """The demonstration's five sites on loopback."""
    with Sites() as running:
        yield running


@pytest.fixture(scope="session")
def database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """pytest-django makes the database for tests that bear its mark, and the mark would wrap each test in its own way."""
    if connection.settings_dict["NAME"] == connection.creation._get_test_db_name():
        yield
        return
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="module")
def office(
    database: None, django_db_blocker: Any, sites: Sites, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """One office a file of tests: committed for all threads to see, emptied afterwards."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    url = f"http://127.0.0.1:{server.server_port}"
    home = tmp_path_factory.mktemp("office")
    changed = override_settings(
        ALLOWED_HOSTS=["127.0.0.1"],
        COPYHOLD_PUBLIC_URL=url,
        COPYHOLD_EGRESS_HOSTS=sites.egress_hosts,
        COPYHOLD_INDEX=home / "index",
        COPYHOLD_WARC=home / "warc",
    )
    live.forget()  # the fingerprints of another file of tests
    with django_db_blocker.unblock(), ThreadPoolExecutor(1, "records") as records, changed, server:
        office = Office(records, url)
        try:
            office.ask(_furnished)
            server.set_app(get_wsgi_application())
            with serving(server):
                yield office
        finally:
            office.ask(_emptied)


@contextlib.contextmanager
def serving(server: ThreadedWSGIServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, name="server")
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def _furnished() -> None:
    LedgerHead.objects.get_or_create(pk=1)
    furnish()
    Account.objects.update(language="en")
    with reading.pool().checkout():
        """The sandbox is warm before anyone waits for it."""


def _emptied() -> None:
    call_command("flush", verbosity=0, interactive=False)
    connections.close_all()


@pytest.fixture(scope="module")
def stocked(office: Office) -> Office:
    """The office with a record of each kind: works, a draft, a correction, a likeness, findings, a clue, a case, a notice."""
    office.ask(lambda: (register("cat", "salt"), _pending(), patrol(), _enforced(), run_pending()))
    return office


def register(*keys: str) -> list[Work]:
    """Works of the demonstration, filed, examined and certified."""
    cast, works = furnish(), []
    for piece in media.REGISTERED:
        if piece.key in keys:
            application = job._filed(cast, piece)
            run_pending()
            works.append(job._examine(cast, application))
            run_pending()
    return works


def _pending() -> None:
    """A draft, a correction asked for, and an edited copy to be examined."""
    cast = furnish()
    registry.start_application(
        cast.actor("reedbank"), applicant=cast.organisation("reedbank"), office=cast.office, title="草稿"
    )
    for piece in (media.CORRECTED, media.COPYIST):
        application = job._filed(cast, piece)
        run_pending()
        registry.accept_application(cast.actor("examiner"), application)
        if piece is media.CORRECTED:
            registry.ask_correction(cast.actor("examiner"), application, text="请补充创作说明。")


def patrol(name: str = "半月商城", *paths: str) -> Patrol:
    """Two pages of the mall that show copies of “Cat at the Window”, visited and matched."""
    cast = furnish()
    target = inspection.add_target(
        cast.actor("officer"), name=name, name_en="Halfmoon Mall", office=cast.corps, max_pages=6, max_depth=1, delay_s=0.01,
        places=[f"http://{MALL}{path}" for path in paths or ("/item/6.html", "/item/1.html")],
        platform=cast.organisation("halfmoon"),
    )  # fmt: skip
    return inspection.run_patrol(inspection.queue_patrol(cast.actor("officer"), target, by_worker=False))


def _enforced() -> None:
    """The first finding becomes a clue, a case and a served notice; the others wait."""
    enforce(furnish(), job.Report(), lambda *_: None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    executable = find_chromium()
    assert executable, "The journeys need Chromium: install it, or set COPYHOLD_CHROMIUM"
    flags = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A person at a window of their own. `wrong` collects what the browser complains of: it must stay empty."""

    office: Office
    page: Page
    language: str = "en"
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("response", self._answered)
        self.page.on("requestfailed", self._unanswered)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(OURS):
            self.wrong.append(f"{self.page.url}: {message.text}")

    def _answered(self, response: Response) -> None:
        is_page = response.request.is_navigation_request()
        if response.status >= (500 if is_page else 400):
            self.wrong.append(f"{response.status} {response.url}")

    def _unanswered(self, request: Request) -> None:
        if request.failure and "ERR_ABORTED" not in request.failure:  # a page that was left, or a download
            self.wrong.append(f"{request.failure} {request.url}")

    def say(self, english: str, chinese: str) -> str:
        """The words that stand on the page in this visitor's language."""
        return chinese if self.language.startswith("zh") else english

    def open(self, path: str) -> Response:
        """Go to an address of the office."""
        answer = self.page.goto(path if path.startswith("http") else f"{self.office.url}{path}")
        assert answer is not None
        return answer

    def sign_in(self, login: str, then: str = "/desk/") -> None:
        self.open(f"/sign-in/?next={then}&lang={self.language}")
        self.page.fill("#id_login", login)
        self.page.fill("#id_password", PASSWORD)
        self.button("Sign in", "登录").click()
        self.page.wait_for_url(lambda url: "/sign-in/" not in url)

    def button(self, english: str, chinese: str) -> Locator:
        return self.page.locator("main").get_by_role("button", name=self.say(english, chinese), exact=True)

    def link(self, english: str, chinese: str) -> Locator:
        return self.page.locator("main").get_by_role("link", name=self.say(english, chinese), exact=True)

    def press(self, english: str, chinese: str) -> None:
        """Press a button and wait for the page that follows."""
        with self.page.expect_navigation():
            self.button(english, chinese).first.click()

    def follow(self, english: str, chinese: str) -> None:
        with self.page.expect_navigation():
            self.link(english, chinese).first.click()

    def sees(self, english: str, chinese: str) -> None:
        """The words stand on the page, or the test says what stands there instead."""
        words, text = self.say(english, chinese), self.text()
        assert words in text, f"{words!r} is not on {self.page.url}:\n{text[:3000]}"

    def text(self) -> str:
        return self.page.locator("body").inner_text()

    def chooses(self, selector: str, name: str, media_type: str, data: bytes) -> None:
        self.page.set_input_files(selector, {"name": name, "mimeType": media_type, "buffer": data})

    def drops(self, zone: str, name: str, media_type: str, data: bytes) -> None:
        """Drag a file from the desktop onto a place of the page."""
        make = """([name, type, data]) => { const moved = new DataTransfer();
          moved.items.add(new File([Uint8Array.from(atob(data), c => c.charCodeAt(0))], name, {type})); return moved; }"""
        moved = self.page.evaluate_handle(make, [name, media_type, base64.b64encode(data).decode()])
        self.page.dispatch_event(zone, "drop", {"dataTransfer": moved})

    def downloads(self, link: Locator) -> bytes:
        with self.page.expect_download() as waiting:
            link.click()
        return waiting.value.path().read_bytes()

    def reads_qr(self, selector: str) -> str:
        """What a telephone's camera, held close, reads from the QR code on the screen (see `sharpness`)."""
        shot = Image.open(io.BytesIO(self.page.locator(selector).first.screenshot(animations="disabled"))).convert("L")
        framed = ImageOps.expand(shot, 80, 255)
        return cv2.QRCodeDetector().detectAndDecode(np.asarray(framed))[0]


@pytest.fixture
def visitor(chromium: Browser, office: Office) -> Iterator[Callable[..., Visitor]]:
    """`visitor("examiner")` signs in and gives that person's window; `visitor()` is the public."""
    contexts, everyone = [], []

    def arrive(
        login: str = "", *, language: str = "en", size: dict[str, int] = WIDE, sharpness: int = 1, then: str = "/desk/"
    ) -> Visitor:
        context = chromium.new_context(
            viewport=size, device_scale_factor=sharpness, locale=language, service_workers="block"
        )
        contexts.append(context)
        one = Visitor(office, context.new_page(), language)
        everyone.append(one)
        if login:
            one.sign_in(login, then)
        else:
            one.open(f"/?lang={language}")
        return one

    yield arrive
    for context in contexts:
        context.close()
    assert [wrong for one in everyone for wrong in one.wrong] == []
