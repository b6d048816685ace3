"""Identification latency: from the bytes of a file to its matches, by medium, in a large index.

    python benchmarks/identification.py [--distractors 2000] [--rounds 10]

The register holds the demonstration's works; the index further holds distractors: fingerprints with random hashes, of
the size of the real ones, so that lookups meet a large index. `whole` is reading the file in the sandbox, looking up,
confirming and fetching the rows; `search` leaves the reading out. Milliseconds. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

MEDIA = ("text", "image", "audio")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--distractors", type=int, default=2000)
    options.add_argument("--rounds", type=int, default=10)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="copyhold-bench-") as home:
        Path(home).chmod(0o755)
        os.environ["COPYHOLD_HOME"] = home
        _open()
        _distract(chosen.distractors)
        figures = {medium: _measure(medium, chosen.rounds) for medium in MEDIA}
        _close(Path(home))
    print(f"{'ms':<8}{'whole p50':>11}{'p95':>8}{'search p50':>12}{'p95':>8}{'files':>7}{'found':>7}{'works':>8}")
    for medium, row in figures.items():
        print(f"{medium:<8}{row['whole_p50']:>11}{row['whole_p95']:>8}{row['search_p50']:>12}{row['search_p95']:>8}"
              f"{row['files']:>7}{row['found']:>7}{row['works']:>8}")  # fmt: skip
    print(json.dumps(figures))


def _open() -> None:
    from copyhold.web.commands.setup import open_office

    open_office()
    from copyhold.reference.services import fingerprint_deposit
    from copyhold.web.demonstration import job, media
    from copyhold.web.demonstration.furnish import furnish

    cast = furnish()
    for piece in media.REGISTERED:
        application = job._filed(cast, piece)
        for deposit in application.deposits.all():
            fingerprint_deposit(deposit=deposit)
        job._examine(cast, application)


def _distract(count: int) -> None:
    """Postings of works that do not exist, straight into the segments."""
    from copyhold.recognition.segments import SegmentIndex
    from copyhold.reference.live import index_of, matchable

    chance = np.random.default_rng(1)
    for medium in MEDIA:
        size = int(statistics.median(row.postings for row in matchable(medium)))
        index = index_of(medium)
        index.compact(at=1)
        writer = SegmentIndex(index.folder)
        hashes = chance.integers(0, 2**64, size * count, dtype=np.uint64)
        works = np.repeat(np.arange(1_000_000, 1_000_000 + count, dtype=np.uint32), size)
        writer.append(hashes, works, np.tile(np.arange(size, dtype=np.uint32), count))


def _measure(medium: str, rounds: int) -> dict[str, float]:
    from copyhold.reference import reading, services
    from copyhold.web.demonstration import sites

    truths = [truth for truth in sites.TRUTH if sites.PIECES[truth.key].medium == medium and truth.host != sites.OWN]
    server = sites.Sites()
    try:
        files = [server.answer(truth.host, truth.path)[2] for truth in truths]
    finally:
        server.server_close()
    names = ["page.html" if medium == "text" else truth.path.rpartition("/")[2] for truth in truths]
    whole, search, found, works = [], [], 0, 0
    for turn in range(rounds + 1):
        for data, name in zip(files, names, strict=True):
            began = time.perf_counter()
            answer = services.identify(data, name, medium=medium)
            ended = time.perf_counter()
            taken = reading.read(data, name, side="query", medium=medium)
            read = time.perf_counter()
            services._found(taken, scope="registered", exclude=())
            if turn:  # the first round warms
                whole.append((ended - began) * 1000)
                search.append((time.perf_counter() - read) * 1000)
                found += bool(answer.matches) and turn == 1
                works = answer.works_searched
    return {**_p("whole", whole), **_p("search", search), "files": len(files), "found": found, "works": works}


def _p(name: str, values: list[float]) -> dict[str, float]:
    return {
        f"{name}_p50": round(statistics.median(values), 1),
        f"{name}_p95": round(statistics.quantiles(values, n=20)[-1], 1),
    }


def _close(home: Path) -> None:
    from django.db import connections

    from copyhold.core import postgres

    connections.close_all()
    postgres.remove(home / "database")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "copyhold.web.settings")
    main()
