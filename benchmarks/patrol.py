"""Pages per second: our patrol (guards, WARC, frontier in rows, recognition) against the same crawl by bare Scrapy.

    python benchmarks/patrol.py

An office of its own is opened in a temporary folder, with the demonstration's sites on loopback and a register of four
works. Both crawl the same three sites (shop, newspaper, forum) with one request at a time, no delay, robots obeyed.
Three figures of ours: fetching and recording alone, the whole patrol on a warm sandbox, and Scrapy, which neither
records nor recognises, in a process of its own. The last line is JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SPIDER = """
import json, sys, time
import scrapy
from scrapy.crawler import CrawlerProcess

hosts, port = sys.argv[1].split(","), sys.argv[2]
seen = []

class Whole(scrapy.Spider):
    name = "whole"
    def start_requests(self):
        for host in hosts:
            yield self.ask(f"http://{host}/", host)
    async def start(self):
        for request in self.start_requests():
            yield request
    def ask(self, url, host):
        return scrapy.Request(url, callback=self.parse, cb_kwargs={"host": host}, errback=lambda _failure: None)
    def parse(self, response, host):
        seen.append(response.url)
        if not response.headers.get("Content-Type", b"").startswith(b"text/html"):
            return
        for link in response.css("a::attr(href), img::attr(src), audio::attr(src)").getall():
            url = response.urljoin(link)
            if url.startswith(f"http://{host}/"):
                yield self.ask(url, host)

process = CrawlerProcess({
    "LOG_ENABLED": False, "ROBOTSTXT_OBEY": True, "CONCURRENT_REQUESTS": 1, "DOWNLOAD_DELAY": 0, "DEPTH_LIMIT": 6,
    "TELNETCONSOLE_ENABLED": False, "HTTPPROXY_ENABLED": True, "DOWNLOAD_MAXSIZE": 64 << 20, "RETRY_ENABLED": False,
    "REQUEST_FINGERPRINTER_IMPLEMENTATION": "2.7",
})
process.crawl(Whole)
began = time.perf_counter()
process.start()
print(json.dumps({"responses": len(seen), "seconds": time.perf_counter() - began}))
"""
KEYS = ("cat", "rocket", "salt", "lamp")


def main() -> None:
    from copyhold.web.demonstration.sites import FORUM, MALL, NEWS, Sites

    hosts = (MALL, NEWS, FORUM)
    with tempfile.TemporaryDirectory(prefix="copyhold-bench-") as home, Sites() as sites:
        Path(home).chmod(0o755)
        os.environ["COPYHOLD_HOME"] = home
        os.environ["COPYHOLD_EGRESS_HOSTS"] = ",".join(f"{n}={ip}:{at}" for n, (ip, at) in sites.egress_hosts.items())
        _fill(sites)
        rows = {
            "bare Scrapy": _scrapy(hosts, sites),
            "ours: fetch and record": _ours(hosts, is_bare=True),
            "ours: the whole patrol": _ours(hosts, is_bare=False),
        }
        _close(Path(home))
    peer = rows["bare Scrapy"]
    print(f"{'':<26}{'answers':>8}{'seconds':>9}{'per s':>8}{'ratio':>7}")
    for name, row in rows.items():
        row["per_s"] = round(row["responses"] / row["seconds"], 1)
        row["ratio"] = round(row["per_s"] / round(peer["responses"] / peer["seconds"], 1), 2)
        print(f"{name:<26}{row['responses']:>8}{row['seconds']:>9.2f}{row['per_s']:>8}{row['ratio']:>7}")
    print(json.dumps(rows))


def _fill(sites: object) -> None:
    """Make all media first, so that nobody waits for their encoding, and open the office."""
    from copyhold.web.commands.setup import open_office
    from copyhold.web.demonstration.sites import MEDIA

    for host, path in MEDIA:
        sites.answer(host, path)  # type: ignore[attr-defined]
    sites.answer("news.riverside.example", "/archive/bomb.html")  # type: ignore[attr-defined]
    open_office()
    from copyhold.web.demonstration import job, media
    from copyhold.web.demonstration.furnish import furnish

    cast = furnish()
    for piece in (piece for piece in media.REGISTERED if piece.key in KEYS):
        application = job._filed(cast, piece)
        for deposit in application.deposits.all():
            from copyhold.reference.services import fingerprint_deposit

            fingerprint_deposit(deposit=deposit)
        job._examine(cast, application)


def _ours(hosts: tuple[str, ...], *, is_bare: bool) -> dict[str, float]:
    from copyhold.inspection import services
    from copyhold.inspection.sources import source
    from copyhold.people.actors import system
    from copyhold.people.models import Organisation

    office = Organisation.objects.get(code="lanting-corps")
    seconds = responses = 0.0
    for host in hosts:
        target = services.add_target(
            system("benchmark"), name=host, places=[f"http://{host}/"], office=office, delay_s=0.0, max_pages=500
        )
        patrol = services.queue_patrol(system("benchmark"), target, by_worker=False)
        began = time.perf_counter()
        if is_bare:
            site = source("site")
            site.prepare(patrol)
            for _ in site.captures(patrol):
                pass
        else:
            services.run_patrol(patrol)
        seconds += time.perf_counter() - began
        responses += patrol.addresses.filter(state="visited").count()
    return {"responses": responses, "seconds": seconds}


def _scrapy(hosts: tuple[str, ...], sites: object) -> dict[str, float]:
    """Through a proxy that is the sites' own server: it tells them apart by the name asked for."""
    port = sites.server_address[1]  # type: ignore[attr-defined]
    environment = {**os.environ, "http_proxy": f"http://127.0.0.1:{port}"}
    spider = Path(os.environ["COPYHOLD_HOME"]) / "spider.py"  # a file: Scrapy reads its callbacks' source
    spider.write_text(SPIDER)
    command = [sys.executable, str(spider), ",".join(hosts), str(port)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def _close(home: Path) -> None:
    from django.db import connections

    from copyhold.core import postgres

    connections.close_all()
    postgres.remove(home / "database")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "copyhold.web.settings")
    main()
