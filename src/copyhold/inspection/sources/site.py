"""A web site, or a list of addresses: visited politely through the guards, every answer kept in a WARC as it arrives.

The frontier stands in rows, so a killed patrol goes on where it was. robots.txt, rate, size and time are the guards'
matter; what they refuse is an outcome in the address's row. A page that shows nothing without its scripts is
rendered by a browser whose every request goes through the same guards.
"""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from django.conf import settings

from copyhold.core import clock
from copyhold.errors import BadInput, Unavailable
from copyhold.guards.browser import Browser
from copyhold.guards.egress import Egress, Policy
from copyhold.guards.errors import FetchRefused, HostUnreachable, RedirectRefused
from copyhold.guards.recorder import Recorder, RecordRef
from copyhold.guards.robots import Robots
from copyhold.guards.sandbox import Limits, SandboxPool
from copyhold.inspection import frontier, pages
from copyhold.inspection.capture import Capture
from copyhold.inspection.errors import BadTarget
from copyhold.inspection.models import Address

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from copyhold.guards.egress import Response
    from copyhold.inspection.models import Patrol, Sighting

MODULE = "copyhold.inspection.pages"
MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")  # RFC 6838, shortened
HTML = ("text/html", "application/xhtml+xml")
MATCHABLE = ("image/", "audio/", "video/", "application/pdf", "application/epub+zip", "text/plain", "application/ogg")
LIMITS = Limits(memory_bytes=512 << 20, cpu_s=10, wall_s=20, input_bytes=64 << 20, output_bytes=8 << 20)


@cache
def readers() -> SandboxPool:
    """Where untrusted HTML is taken apart."""
    import atexit

    pool = SandboxPool(1, limits=LIMITS, preload=(MODULE,), warm=f"{MODULE}:warm")
    atexit.register(pool.close)
    return pool


class Site:
    name = "site"

    def prepare(self, patrol: Patrol) -> None:
        for place in patrol.target.places:
            try:
                frontier.normal(place)
            except FetchRefused as error:
                raise BadTarget(place=place, reason=str(error.params["reason"])) from error
        frontier.release(patrol)
        frontier.add(patrol, patrol.target.places, kind="page", depth=0)

    def captures(self, patrol: Patrol) -> Generator[Capture]:
        with Visitor(patrol) as visitor:
            while address := frontier.lease(patrol):
                yield from visitor.visit(address)


class Visitor:
    """One patrol's way out: guards, recorder, robots, and a browser when a page needs one."""

    def __init__(self, patrol: Patrol) -> None:
        self.patrol = patrol
        policy = Policy(delay_s=patrol.target.delay_s, hosts=settings.COPYHOLD_EGRESS_HOSTS)
        self.recorder = Recorder(
            Path(settings.COPYHOLD_WARC) / patrol.number,
            now=clock.now,
            prefix=patrol.number,
            facts={"isPartOf": patrol.number, "description": str(patrol.target)},
        )
        self.egress = Egress(policy, self.recorder)
        self.robots = Robots(self.egress, clock=time.monotonic)
        self.browsing = Browsing(self.robots)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.browsing.close()
        self.recorder.close()

    def visit(self, address: Address) -> Iterator[Capture]:
        """Fetch one address; hand over what can be looked at; then write the outcome down."""
        if seen := self.patrol.sightings.filter(resource_url=address.url).order_by("pk").first():
            # A kill came between its sighting and its outcome: what it links to is in the frontier already.
            frontier.finish(address, Address.State.VISITED, "200", record_of(seen))
            return
        try:
            response = self.egress.fetch("GET", address.url, before_hop=self._check_hop)
        except HostUnreachable as error:
            frontier.finish(address, Address.State.FAILED, f"{error.instance_code}: {error}")
            return
        except FetchRefused as error:
            frontier.finish(address, Address.State.REFUSED, f"{error.instance_code}: {error}")
            return
        if response.status == 200:
            yield from self._look(address, response)
        # Only now: a kill before this line visits the address again, and the sightings know each other.
        frontier.finish(address, Address.State.VISITED, str(response.status), response.record)

    def _check_hop(self, url: str) -> None:
        """Every hop of a redirect stays on the target's hosts and within their robots.txt."""
        if urlsplit(url).hostname not in self.patrol.target.hosts:
            raise RedirectRefused(url=url, reason="it leaves the hosts of the target")
        self.robots.check(url)

    def _look(self, address: Address, response: Response) -> Iterator[Capture]:
        kind = response.header("content-type").partition(";")[0].strip().lower()
        if not MEDIA_TYPE.fullmatch(kind):
            kind = "application/octet-stream"
        if kind in HTML:
            yield self._page(address, response)
        elif address.kind == "media" or kind.startswith(MATCHABLE):
            yield self._medium(address, response, kind)

    def _page(self, address: Address, response: Response) -> Capture:
        found, html, how = links_of(response.body, response.url), response.body, "as fetched"
        if found.needs_browser:
            html, how = self.browsing.html_of(response)
            found = links_of(html, response.url)
        frontier.add(self.patrol, found.links, kind="page", depth=address.depth + 1, found_on=response.url)
        frontier.add(self.patrol, found.media, kind="media", depth=address.depth, found_on=response.url)
        return Capture(
            page_url=response.url,
            resource_url=response.url,
            filename="page.html",
            media_type="text/html",
            data=html,
            captured_at=clock.now(),
            medium="text",
            record=response.record,
            facts={"status": response.status, "ip": response.ip, "shown": how},
        )

    def _medium(self, address: Address, response: Response, kind: str) -> Capture:
        return Capture(
            page_url=address.found_on or response.url,
            resource_url=response.url,
            filename=PurePosixPath(urlsplit(response.url).path).name or "file",
            media_type=kind,
            data=response.body,
            captured_at=clock.now(),
            record=response.record,
            page_record=self._page_record(address.found_on),
            facts={"status": response.status, "ip": response.ip},
        )

    def _page_record(self, url: str) -> RecordRef | None:
        """Where the page that showed it lies in the WARC: the exhibit holds it too."""
        if not url:
            return None
        page = self.patrol.addresses.filter(url_digest=frontier.digest(url)).first()
        return record_of(page) if page else None


def record_of(row: Address | Sighting) -> RecordRef | None:
    """The place in the WARC that a row remembers; its digest is that of what lies there."""
    if row.warc_offset is None or row.warc_length is None:
        return None
    return RecordRef(row.warc_file, row.warc_offset, row.warc_length, "")


def links_of(html: bytes, url: str) -> pages.Links:
    """What a page links to. A page that breaks its reader links to nothing; its text is still looked at."""
    try:
        return pages.parse_links(readers().call(f"{MODULE}:extract_links", html, url=url))
    except BadInput:
        return pages.Links((), (), needs_browser=False)


class Browsing:
    """A browser in a thread of its own (its event loop and the database's connection must not share one), on demand."""

    def __init__(self, robots: Robots) -> None:
        self._robots = robots
        self._thread: ThreadPoolExecutor | None = None
        self._browser: Browser | None = None

    def html_of(self, response: Response) -> tuple[bytes, str]:
        """The page as a visitor sees it, and how that came about. Without a browser it stays as fetched."""
        try:
            if self._thread is None:
                self._thread = ThreadPoolExecutor(1, thread_name_prefix="browser")
                self._browser = self._thread.submit(self._open).result()
            if self._browser is None:
                return response.body, "as fetched: there is no browser on this machine"
            rendered = self._thread.submit(self._browser.render, response.url).result()
        except (FetchRefused, Unavailable) as error:
            return response.body, f"as fetched: {error}"[:200]
        return rendered.html.encode(), "by a browser"

    def _open(self) -> Browser:
        return Browser(self._robots.fetch, executable=settings.COPYHOLD_CHROMIUM or None).__enter__()

    def close(self) -> None:
        if self._thread is not None:
            if self._browser is not None:
                self._thread.submit(self._browser.close).result()
            self._thread.shutdown()


SOURCE = Site()
