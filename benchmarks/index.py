# ruff: noqa: E501
"""The index: lookups per CPU-second and bytes a posting, beside a dictionary and SQLite on the same postings.

    python benchmarks/index.py [--postings 4000000]

Random postings are the worst case for every cache and fair to all three. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import time
import tracemalloc
from collections import defaultdict
from pathlib import Path

import numpy as np

from copyhold.recognition.segments import SegmentIndex

HASHES_PER_QUERY = 100
SEGMENTS = 4


def rate(ask, queries) -> tuple[float, float]:
    """(queries per CPU-second, median milliseconds)."""
    ask(queries[0])
    times, began = [], time.process_time()
    for query in queries:
        start = time.perf_counter()
        ask(query)
        times.append(time.perf_counter() - start)
    return len(queries) / (time.process_time() - began), float(np.median(times)) * 1e3


def segments(folder: Path, hashes, works, positions, queries) -> dict:
    index = SegmentIndex(folder)
    began = time.process_time()
    for part in np.array_split(np.arange(len(hashes)), SEGMENTS):
        index.append(hashes[part], works[part], positions[part])
    built = time.process_time() - began
    each, median = rate(index.lookup, queries)
    index.compact(at=1)
    whole, whole_median = rate(index.lookup, queries)
    size = sum(path.stat().st_size for path in folder.iterdir())
    return {
        "queries_per_cpu_s": round(whole),
        "median_ms": round(whole_median, 3),
        "queries_per_cpu_s_in_4_segments": round(each),
        "median_ms_in_4_segments": round(median, 3),
        "bytes_per_posting": round(size / len(hashes), 2),
        "postings_per_cpu_s_built": round(len(hashes) / built),
    }


def dictionary(hashes, works, positions, queries) -> dict:
    tracemalloc.start()
    began = time.process_time()
    table = defaultdict(list)
    for hash_, work, position in zip(hashes.tolist(), works.tolist(), positions.tolist(), strict=True):
        table[hash_].append((work, position))
    built = time.process_time() - began
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    each, median = rate(lambda query: [table.get(hash_) for hash_ in query.tolist()], queries)
    return row(each, median, size, len(hashes), built)


def sqlite(path: Path, hashes, works, positions, queries) -> dict:
    began = time.process_time()
    base = sqlite3.connect(path)
    base.execute(
        "create table posting (hash integer, work integer, position integer, primary key (hash, work, position)) without rowid"
    )
    order = np.lexsort((positions, works, hashes.view(np.int64)))
    rows = zip(hashes.view(np.int64)[order].tolist(), works[order].tolist(), positions[order].tolist(), strict=True)
    base.executemany("insert or ignore into posting values (?, ?, ?)", rows)
    base.commit()
    built = time.process_time() - began
    marks = ",".join("?" * HASHES_PER_QUERY)
    ask = f"select hash, work, position from posting where hash in ({marks})"
    each, median = rate(lambda query: base.execute(ask, query.view(np.int64).tolist()).fetchall(), queries)
    base.close()
    return row(each, median, path.stat().st_size, len(hashes), built)


def row(each: float, median: float, size: int, count: int, built: float) -> dict:
    return {
        "queries_per_cpu_s": round(each),
        "median_ms": round(median, 3),
        "bytes_per_posting": round(size / count, 2),
        "postings_per_cpu_s_built": round(count / built),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postings", type=int, default=4_000_000)
    count = parser.parse_args().postings
    chance = np.random.default_rng(3)
    hashes = chance.integers(0, 1 << 63, count, np.uint64)
    hashes[count // 2 :] = hashes[chance.integers(0, count // 2, count - count // 2)]  # hashes that several works share
    works = chance.integers(0, count // 500, count).astype(np.uint32)
    positions = chance.integers(0, 1 << 20, count).astype(np.uint32)
    queries = []
    for _ in range(1000):  # a third of a query's hashes is in the index
        known = hashes[chance.integers(0, count, HASHES_PER_QUERY // 3)]
        queries.append(np.concatenate([known, chance.integers(0, 1 << 63, HASHES_PER_QUERY - len(known), np.uint64)]))
    with tempfile.TemporaryDirectory() as folder:
        results = {
            "segments": segments(Path(folder) / "segments", hashes, works, positions, queries),
            "sqlite": sqlite(Path(folder) / "one.db", hashes, works, positions, queries),
        }
    fewer = min(count, 1_000_000)  # the dictionary needs some 200 bytes a posting
    results["dict_of_1_million"] = dictionary(hashes[:fewer], works[:fewer], positions[:fewer], queries)
    print(f"{count:,} postings, queries of {HASHES_PER_QUERY} hashes, warm")
    print(f"{'engine':<20}{'queries/CPU-s':>15}{'median ms':>11}{'bytes/posting':>15}{'built/CPU-s':>13}")
    for name, one in results.items():
        print(
            f"{name:<20}{one['queries_per_cpu_s']:>15,}{one['median_ms']:>11}{one['bytes_per_posting']:>15}{one['postings_per_cpu_s_built']:>13,}"
        )
    print(json.dumps({"postings": count, **results}))


if __name__ == "__main__":
    main()
