"""A web site, or a list of addresses: visited politely through the guards, every answer kept in a WARC as it arrives.

The frontier stands in rows, so a killed patrol goes on where it was. robots.txt, rate, size and time are the guards'
matter; what they refuse is an outcome in the address's row. A page that shows nothing without its scripts is
rendered by a browser whose every request goes through the same guards.
"""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from django.conf import settings

from copyhold.core import clock
from copyhold.guards.egress import Egress, Policy
from copyhold.guards.errors import FetchRefused, HostUnreachable
from copyhold.guards.recorder import Recorder
from copyhold.guards.robots import Robots
from copyhold.guards.sandbox import Limits, SandboxPool
from copyhold.inspection import frontier, pages
from copyhold.inspection.capture import Capture
from copyhold.inspection.errors import BadTarget
from copyhold.inspection.models import Address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copyhold.guards.egress import Response
    from copyhold.inspection.models import Patrol

MODULE = "copyhold.inspection.pages"
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
            parts = urlsplit(place)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise BadTarget(place=place, reason="it is not an http or https address")
        frontier.release(patrol)
        frontier.add(patrol, patrol.target.places, kind="page", depth=0)

    def captures(self, patrol: Patrol) -> Iterator[Capture]:
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.recorder.close()

    def visit(self, address: Address) -> Iterator[Capture]:
        """Fetch one address; write its outcome down; hand over what can be looked at."""
        try:
            response = self.robots.fetch("GET", address.url)
        except HostUnreachable as error:
            frontier.finish(address, Address.State.FAILED, f"{error.instance_code}: {error}")
            return
        except FetchRefused as error:
            frontier.finish(address, Address.State.REFUSED, f"{error.instance_code}: {error}")
            return
        kind = response.header("content-type").partition(";")[0].strip().lower()
        captures: list[Capture] = []
        if response.status == 200 and urlsplit(response.url).hostname in self.patrol.target.hosts:
            captures = self._page(address, response) if kind in HTML else self._medium(address, response, kind)
        yield from captures
        # Only now: a kill before this line visits the address again, and the sightings know each other.
        frontier.finish(address, Address.State.VISITED, str(response.status), response.record)

    def _page(self, address: Address, response: Response) -> list[Capture]:
        found = pages.parse_links(readers().call(f"{MODULE}:extract_links", response.body, url=response.url))
        html = response.body
        if found.needs_browser:
            html, found = self._rendered(response)
        frontier.add(self.patrol, found.links, kind="page", depth=address.depth + 1, found_on=response.url)
        frontier.add(self.patrol, found.media, kind="media", depth=address.depth, found_on=response.url)
        page = Capture(
            page_url=response.url,
            resource_url=response.url,
            filename="page.html",
            media_type="text/html",
            data=html,
            captured_at=clock.now(),
            medium="text",
            record=response.record,
            facts={"status": response.status, "ip": response.ip, "rendered": found.needs_browser},
        )
        return [page]

    def _rendered(self, response: Response) -> tuple[bytes, pages.Links]:
        """The page as a browser shows it. Without a browser it stays as fetched, and the outcome says so."""
        from copyhold.guards import browser

        rendered = browser.render(
            response.url, self.egress, check=self.robots.check, chromium=settings.COPYHOLD_CHROMIUM or None
        )
        html = rendered.html.encode()
        again = pages.parse_links(readers().call(f"{MODULE}:extract_links", html, url=rendered.final_url))
        return html, pages.Links(again.links, again.media, needs_browser=True)

    def _medium(self, address: Address, response: Response, kind: str) -> list[Capture]:
        if not kind.startswith(MATCHABLE):
            return []
        return [
            Capture(
                page_url=address.found_on or response.url,
                resource_url=response.url,
                filename=PurePosixPath(urlsplit(response.url).path).name or "file",
                media_type=kind,
                data=response.body,
                captured_at=clock.now(),
                record=response.record,
                facts={"status": response.status, "ip": response.ip},
            )
        ]


SOURCE = Site()
