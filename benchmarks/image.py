"""Recall, false positives and speed of the image recogniser on a folder of pictures.

    python benchmarks/image.py [FOLDER] [--works N]

Half of the pictures are registered, edited, and must be found first. The other half are negatives, edited likewise: the
threshold is the highest score of every other negative; the rest tell the false positives, with a 95 % interval. Without
FOLDER: scikit-image's pictures, iscc-samples and Debian's backgrounds, as far as installed. Of files whose names begin
with the same word (sizes, stereo pairs, series) one is taken. Peers, where installed: `imagehash` and `pdqhash`.
"""

# ruff: noqa: ARG001, ARG005 (every edit takes the same three arguments)

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import re
import time
from collections import defaultdict
from pathlib import Path

import cv2
import iscc_samples
import numpy as np
import skimage
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps
from rich.console import Console
from rich.progress import track
from rich.table import Table

from copyhold.errors import BadInput
from copyhold.recognition.core import NotMatchable
from copyhold.recognition.index import MemoryIndex
from copyhold.recognition.matching import identify_fingerprints
from copyhold.recognition.media.image import RECOGNISER

PLACES = (
    Path(skimage.__file__).parent / "data",
    Path(iscc_samples.__file__).parent / "files/image",
    Path("/usr/share/backgrounds"),
    Path("/usr/share/wallpapers"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--works", type=int, default=40, help="pictures registered; as many again are negatives")
    arguments = parser.parse_args()
    pictures, left_out = load((arguments.folder,) if arguments.folder else PLACES, 2 * arguments.works)
    if len(pictures) < 8:
        raise SystemExit("At least eight pictures that can be recognised are needed: give a folder.")
    works, strangers = pictures[0::2], pictures[1::2]
    hosts = [*strangers[1:], strangers[0]]
    methods = {"copyhold": Own(works)} | peers(works)
    random = np.random.default_rng(5)
    scores: dict[tuple[str, str], list[float]] = defaultdict(list)
    negatives: dict[str, list[float]] = defaultdict(list)
    spent: dict[str, float] = defaultdict(float)
    for name, edit in track(EDITS.items(), "edits", console=Console(stderr=True)):
        asked = [(work, edit(picture, random, hosts[work % len(hosts)])) for work, picture in enumerate(works)]
        others = [edit(picture, random, hosts[place]) for place, picture in enumerate(strangers)]
        for method, own in methods.items():
            begin = time.process_time()
            scores[method, name] = [score if found == work else -1e9 for work, q in asked for found, score in [own(q)]]
            negatives[method] += [own(query)[1] for query in others]
            spent[method] += (time.process_time() - begin) / (len(asked) + len(others))
    report(methods, scores, negatives, spent, {"works": len(works), "negatives": len(strangers), "left_out": left_out})


def load(folders, most):
    """Pictures that can be registered, one of each first word of a name; and how many were not matchable."""
    files = sorted(
        path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in RECOGNISER.suffixes
    )
    found, left_out, seen = [], 0, set()
    for place in np.random.default_rng(3).permutation(len(files)):
        word = re.split(r"[-_. ]", files[place].stem.lower())[0]
        if len(found) == most or word in seen:
            continue
        seen.add(word)
        try:
            picture = RECOGNISER.decode(files[place].read_bytes())
            RECOGNISER.fingerprint(picture)
        except BadInput:
            left_out += 1
            continue
        found.append(Image.fromarray(picture.pixels))
    return found, left_out


def encoded(image):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


class Own:
    """Score: bits; 0 when nothing is found."""

    def __init__(self, works):
        self.index, self.references = MemoryIndex(), {}
        files = [encoded(work) for work in works]
        begin = time.process_time()
        for number, data in enumerate(files):
            self.references[number] = RECOGNISER.fingerprint(RECOGNISER.decode(data))
        self.reference_ms = 1000 * (time.process_time() - begin) / len(works)
        for number, known in self.references.items():
            self.index.add(number, known)
        self.found_ms, self.unfound_ms = [], []

    def __call__(self, query):
        data = encoded(query)
        begin = time.process_time()
        try:
            queries = RECOGNISER.query(RECOGNISER.decode(data))
            matches = identify_fingerprints("image", queries, self.index, self.references.__getitem__)
        except NotMatchable:
            matches = []
        (self.found_ms if matches else self.unfound_ms).append(1000 * (time.process_time() - begin))
        return (matches[0].work, matches[0].bits) if matches else (-1, 0.0)


class Nearest:
    """A code of the whole picture. Score: minus the number of bits that differ."""

    def __init__(self, works, code):
        self.code = code
        self.codes = np.array([code(work) for work in works])

    def __call__(self, query):
        apart = (self.codes != self.code(query)).sum(axis=1)
        return int(apart.argmin()), -float(apart.min())


def peers(works):
    found = {}
    if importlib.util.find_spec("imagehash"):
        import imagehash

        found["pHash 64"] = Nearest(works, lambda image: imagehash.phash(image).hash.ravel())
        found["dHash 64"] = Nearest(works, lambda image: imagehash.dhash(image).hash.ravel())
    if importlib.util.find_spec("pdqhash"):
        import pdqhash

        found["PDQ"] = Nearest(works, lambda image: pdqhash.compute(np.asarray(image.convert("RGB")))[0].astype(bool))
    return found


def crop(share):
    def edit(image, random, host):
        width, height = (round(side * share**0.5) for side in image.size)
        left, top = random.integers(0, image.width - width + 1), random.integers(0, image.height - height + 1)
        return image.crop((left, top, left + width, top + height))

    return edit


def jpeg(quality):
    def edit(image, random, host):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality)
        return Image.open(io.BytesIO(out.getvalue())).convert("RGB")

    return edit


def paste(share):
    def edit(image, random, host):
        page = host.copy()
        factor = (share * page.width * page.height / (image.width * image.height)) ** 0.5
        factor = min(factor, page.width / image.width, page.height / image.height)
        small = image.resize((max(8, int(image.width * factor)), max(8, int(image.height * factor))))
        left, top = random.integers(0, page.width - small.width + 1), random.integers(0, page.height - small.height + 1)
        page.paste(small, (left, top))
        return page

    return edit


def caption(image, random, host):
    bar = max(12, image.height // 6)
    page = Image.new("RGB", (image.width, image.height + bar), "white")
    page.paste(image, (0, bar))
    ImageDraw.Draw(page).text((5, 2), "WHEN THE FORM IS COMPLETE", fill="black", font_size=0.6 * bar)
    return page


def screenshot(image, random, host):
    page = Image.new("RGB", (1280, 900), (245, 246, 248))
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 1280, 64), fill=(30, 40, 60))
    for place, word in enumerate(("Home", "Pictures", "Videos", "Forum", "Shop", "Sign in")):
        draw.text((80 + place * 150, 20), word, fill="white", font_size=22)
    for line in range(24):
        draw.text((900, 100 + line * 32), f"Reply {7 * line}: what a view", fill=(40, 40, 40), font_size=18)
    factor = min(800 / image.width, 780 / image.height, 0.8)
    page.paste(image.resize((int(image.width * factor), int(image.height * factor))), (40, 90))
    return page


def noise(image, random, host):
    values = np.asarray(image, float)
    return Image.fromarray(np.clip(values + random.normal(0, 25, values.shape), 0, 255).astype(np.uint8))


def perspective(image, random, host):
    width, height = image.size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    moved = (corners + random.uniform(0, 0.15, (4, 2)) * inwards * (width, height)).astype(np.float32)
    return Image.fromarray(
        cv2.warpPerspective(np.asarray(image), cv2.getPerspectiveTransform(corners, moved), (width, height))
    )


def turn(degrees):
    bicubic = Image.Resampling.BICUBIC
    return lambda image, random, host: image.rotate(degrees, expand=True, resample=bicubic, fillcolor="white")


def mirrored(edit):
    return lambda image, random, host: edit(ImageOps.mirror(image), random, host)


def unchanged(image, random, host):
    return image


EDITS = {
    "unchanged": unchanged,
    **{f"crop {share:.0%}": crop(share) for share in (0.5, 0.3, 0.15)},
    **{f"JPEG q{quality}": jpeg(quality) for quality in (20, 8)},
    "half size": lambda image, random, host: image.reduce(2),
    "160 wide": lambda image, random, host: image.resize((160, max(1, 160 * image.height // image.width))),
    "caption": caption,
    "screenshot": screenshot,
    "mirrored": mirrored(unchanged),
    "inverted": lambda image, random, host: ImageOps.invert(image),
    **{f"turned {degrees}°": turn(degrees) for degrees in (5, 30, 90)},
    "blend": lambda image, random, host: Image.blend(image, host.resize(image.size), 0.5),
    **{f"pasted {share:.0%}": paste(share) for share in (0.5, 0.3, 0.15)},
    "noise": noise,
    "blur": lambda image, random, host: image.filter(ImageFilter.GaussianBlur(max(image.size) / 250)),
    "contrast": lambda image, random, host: ImageEnhance.Contrast(image).enhance(1.8),
    "perspective": perspective,
    "mirrored crop 30%": mirrored(crop(0.3)),
    "mirrored pasted 30%": mirrored(paste(0.3)),
}


def interval(count, total, z=1.96):
    """Wilson's 95 % interval."""
    share, spread = count / total, z * z / total
    middle = share + spread / 2
    reach = z * (share * (1 - share) / total + spread / (4 * total)) ** 0.5
    return [round(max(0.0, (middle - reach) / (1 + spread)), 4), round((middle + reach) / (1 + spread), 4)]


def report(methods, scores, negatives, spent, sizes):
    table = Table("edit", *methods)
    limits = {method: max(values[0::2]) for method, values in negatives.items()}
    recall = {m: {e: float(np.mean(np.array(scores[m, e]) > limits[m])) for e in EDITS} for m in methods}
    for edit in EDITS:
        table.add_row(edit, *(f"{recall[method][edit]:.2f}" for method in methods))
    results = {}
    for method in methods:
        held = np.array(negatives[method][1::2])
        wrong = int((held > limits[method]).sum())
        results[method] = {
            "recall": round(float(np.mean(list(recall[method].values()))), 4),
            "threshold": limits[method],
            "false_positives": wrong,
            "of_negatives": len(held),
            "interval_95": interval(wrong, len(held)),
            "ms_a_query": round(1000 * spent[method] / len(EDITS), 1),
            "recall_by_edit": {edit: round(value, 3) for edit, value in recall[method].items()},
        }
    own = methods["copyhold"]
    results["copyhold"] |= {
        "ms_a_reference": round(own.reference_ms, 1),
        "ms_a_query_found": round(float(np.mean(own.found_ms)), 1),
        "ms_a_query_not_found": round(float(np.mean(own.unfound_ms)), 1),
        "any_match_among_negatives": int((np.array(negatives["copyhold"]) > 0).sum()),
        "postings_a_work": round(float(np.mean([len(one.hashes) for one in own.references.values()]))),
        "bytes_a_work": round(float(np.mean([len(one.to_bytes()) for one in own.references.values()]))),
    }
    table.add_row("all", *(f"{results[method]['recall']:.3f}" for method in methods))
    Console().print(table)
    print(json.dumps(sizes | results))


if __name__ == "__main__":
    main()
