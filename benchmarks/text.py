# ruff: noqa: E501
"""Text: how many edited passages are found inside unrelated pages, and what is found where nothing is.

    python benchmarks/text.py [--data FOLDER] [--queries 60]

Data: the Debian packages fortunes-zh, manpages-zh and debian-handbook, installed or unpacked below FOLDER
(`apt-get download … && dpkg -x … FOLDER`); without them the documents of iscc-samples, which say little.
Works are the poems and sayings (zh) and half of the handbook's pages (en); pages to hide passages in are manual pages (zh)
and the other half (en). Half of these pages hold no passage: what is found there is false. The last line is JSON.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path

import iscc_samples

from copyhold.recognition.core import NotMatchable
from copyhold.recognition.index import HASH_CAP
from copyhold.recognition.matching import identify
from copyhold.recognition.media.text import RECOGNISER
from copyhold.recognition.media.text_decode import TextDocument
from copyhold.recognition.segments import SegmentIndex

LENGTHS = {"zh": (40, 60, 120, 500), "en": (30, 60, 120, 500)}
RATES = (0.0, 0.1, 0.2, 0.3)


def chinese(root: Path) -> tuple[list[str], list[str]]:
    games, man = root / "usr/share/games/fortunes", root / "usr/share/man/zh_CN"
    colours = re.compile(r"\x1b\[[\d;]*m")
    sayings = [
        colours.sub("", one).strip()
        for name in ("chinese", "tang300", "song100")
        for one in (games / name).read_text().split("\n%")
    ]
    pages = []
    for path in sorted(man.glob("man*/*.gz")):
        source = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
        pages.append(re.sub(r"(?m)^[.'].*$|\\f.|\\-|\\", "", source))
    # Only what is mostly Chinese: the sayings hold English ones and code, of which 40 characters are seven words.
    return (
        [one for one in sayings if len(one) >= 50 and han(one) > 0.6],
        [page for page in pages if len(page) > 2500 and han(page) > 0.3],
    )


def han(text: str) -> float:
    return sum("\u3400" <= character <= "\u9fff" for character in text) / len(text)


def english(root: Path) -> tuple[list[str], list[str]]:
    book = root / "usr/share/doc/debian-handbook/html/en-US"
    pages = [RECOGNISER.decode(path.read_bytes()).text for path in sorted(book.glob("*.html"))]
    seen = Counter(line for page in pages for line in set(page.splitlines()))
    pages = ["\n".join(line for line in page.splitlines() if seen[line] < 3) for page in pages]
    pages = [page for page in pages if len(page) > 4000]
    return pages[::2], pages[1::2]


def samples() -> tuple[list[str], list[str]]:
    texts = {
        path.suffix: RECOGNISER.decode(path.read_bytes()).text
        for path in iscc_samples.texts()
        if path.suffix in {".txt", ".pdf", ".epub"}
    }
    return [texts[".pdf"], texts[".txt"]], [texts[".epub"]] * 2


def units(text: str, language: str) -> list[str]:
    return list(text) if language == "zh" else text.split()


def edited(passage: list[str], rate: float, spare: list[str], chance: random.Random) -> list[str]:
    """A third of the edits each: another unit, none, one more."""
    result = []
    for unit in passage:
        kind = chance.randrange(3) if chance.random() < rate else 3
        if kind in (0, 2):
            result.append(chance.choice(spare))
        if kind in (2, 3):
            result.append(unit)
    return result


def interval(hits: int, tries: int) -> tuple[float, float]:
    """Wilson's 95 % interval."""
    if not tries:
        return 0.0, 1.0
    share, z = hits / tries, 1.96
    middle = (share + z * z / (2 * tries)) / (1 + z * z / tries)
    half = z / (1 + z * z / tries) * math.sqrt(share * (1 - share) / tries + z * z / (4 * tries * tries))
    return max(0.0, middle - half), min(1.0, middle + half)


def measure(language: str, works: list[str], pages: list[str], queries: int, folder: Path) -> dict:
    chance = random.Random(20)
    index, references = SegmentIndex(folder / language), {}
    RECOGNISER.fingerprint(TextDocument(works[0]))  # compiles
    began = time.process_time()
    for work, text in enumerate(works):
        try:
            references[work] = RECOGNISER.fingerprint(TextDocument(text))
        except NotMatchable:
            continue
    seconds = time.process_time() - began
    size = sum(len(one.encode()) for one in works)
    postings = sum(len(one.hashes) for one in references.values())
    import numpy as np

    index.append(
        np.concatenate([one.hashes for one in references.values()]),
        np.concatenate([np.full(len(one.hashes), work, np.uint32) for work, one in references.items()]),
        np.concatenate([one.positions for one in references.values()]),
    )
    hosts, negatives = pages[::2], pages[1::2]
    recall: dict[str, float] = {}
    print(
        f"\n{language}: {len(works)} works, {size / 1e6:.1f} MB; {len(hosts)} pages to hide in, {len(negatives)} without"
    )
    print("length  " + "".join(f"{rate:>7.0%}" for rate in RATES) + "   edits; share found, right work and place")
    began, asked = time.process_time(), 0
    for length in LENGTHS[language]:
        long_enough = [work for work in references if len(units(works[work], language)) >= length]
        row = []
        for rate in RATES:
            found = 0
            for _ in range(queries):
                work = chance.choice(long_enough)
                source = units(works[work], language)
                start = chance.randrange(len(source) - length + 1)
                host = units(chance.choice(hosts), language)[:2500]
                passage = edited(source[start : start + length], rate, host, chance)
                glue = "" if language == "zh" else " "
                before = glue.join(host[:1000]) + "\n"
                page = before + glue.join(passage) + "\n" + glue.join(host[1000:])
                matches = identify("text", TextDocument(page), index, references.__getitem__)
                asked += 1
                end = len(before) + len(glue.join(passage))
                found += any(
                    match.work == work and any(s.query[0] < end and s.query[1] > len(before) for s in match.segments)
                    for match in matches
                ) or any(  # the same saying stands in several works
                    s.query[0] < end and s.query[1] > len(before) and s.bits > 100 for m in matches for s in m.segments
                )
            row.append(found / queries)
            recall[f"{length}@{rate:.0%}"] = round(found / queries, 3)
        print(f"{length:>6}  " + "".join(f"{share:>7.1%}" for share in row))
    query_s = (time.process_time() - began) / max(asked, 1)
    false = 0
    for page in negatives:
        matches = identify("text", TextDocument(page), index, references.__getitem__)
        false += bool(matches)
        for match in matches[:1]:
            start, end = match.segments[0].query
            print(f"  found on a page without: {match.bits} bits: {page[start:end][:90]!r}")
    low, high = interval(false, len(negatives))
    print(f"false: {false} of {len(negatives)} pages ({low:.1%} to {high:.1%})")
    print(
        f"fingerprint {size / 1e6 / max(seconds, 1e-9):.1f} MB per CPU-s, {16 * postings / size:.2f} index bytes a byte; a page {query_s * 1e3:.0f} ms CPU"
    )
    return {
        "recall": recall,
        "false_pages": false,
        "pages": len(negatives),
        "false_interval": [round(low, 4), round(high, 4)],
        "index_bytes_per_byte": round(16 * postings / size, 3),
        "page_cpu_ms": round(query_s * 1e3, 1),
        "hash_cap": HASH_CAP,
    }


def main() -> None:
    import tempfile

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("/"))
    parser.add_argument("--queries", type=int, default=60)
    options = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for language, load in (("zh", chinese), ("en", english)):
            try:
                works, pages = load(options.data)
            except OSError:
                works, pages = [], []
            if not works or not pages:
                print(f"{language}: the Debian packages are not there; using iscc-samples", file=sys.stderr)
                language, (works, pages) = "en", samples()  # noqa: PLW2901
            results[language] = measure(language, works, pages, options.queries, Path(folder))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
