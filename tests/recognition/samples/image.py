"""Samples of pictures: scikit-image's own (public domain, CC0) and the ISCC samples (CC-BY-4.0), with usual edits."""

import io
import struct
import zlib
from pathlib import Path

import iscc_samples
import numpy as np
import segno
import skimage
from PIL import Image, ImageDraw, ImageOps

FOLDER = Path(skimage.__file__).parent / "data"


def photo(name):
    return Image.open(FOLDER / name).convert("RGB")


def saved(image, kind="PNG", **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def cropped(image, share):
    """The middle, `share` of the area, somewhat off centre."""
    width, height = (round(side * share**0.5) for side in image.size)
    left, top = (image.width - width) // 3, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def captioned(image):
    page = Image.new("RGB", (image.width, image.height + image.height // 6), "white")
    page.paste(image, (0, image.height // 6))
    ImageDraw.Draw(page).text((8, 4), "WHEN THE FORM IS COMPLETE", fill="black", font_size=image.height // 12)
    return page


def screenshot(image, title="Forum", scale=0.5):
    """A page with a bar, buttons and text; the picture at `scale` on it."""
    page = Image.new("RGB", (800, 600), (244, 245, 247))
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 800, 48), fill=(32, 44, 66))
    for place, word in enumerate([title, "Pictures", "Search", "Sign in"]):
        draw.text((20 + 150 * place, 14), word, fill="white", font_size=18)
    for line in range(16):
        draw.text((560, 80 + 30 * line), f"Reply {line * 7 + 3}: what a view", fill=(40, 40, 40), font_size=14)
    page.paste(
        image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS), (30, 80)
    )
    return page


def pasted(image, onto, share):
    page = onto.copy()
    factor = (share * onto.width * onto.height / (image.width * image.height)) ** 0.5
    small = image.resize((round(image.width * factor), round(image.height * factor)), Image.Resampling.LANCZOS)
    page.paste(small, (onto.width - small.width - 9, 7))
    return page


def turned(image, degrees):
    return image.rotate(degrees, expand=True, resample=Image.Resampling.BICUBIC, fillcolor="white")


def works():
    names = ["astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg", "coins.png"]
    found = {name.partition(".")[0]: (FOLDER / name).read_bytes() for name in names}
    return found | {"demo": Path(iscc_samples.images("jpg")[0]).read_bytes()}


def copies():
    astronaut, coffee, chelsea = photo("astronaut.png"), photo("coffee.png"), photo("chelsea.png")
    street = photo("motorcycle_left.png")
    return {
        "crop to 50 %": ("astronaut", saved(cropped(astronaut, 0.5))),
        "crop to 30 %": ("coffee", saved(cropped(coffee, 0.3))),
        "crop to 15 %": ("astronaut", saved(cropped(astronaut, 0.15))),
        "caption bar": ("chelsea", saved(captioned(chelsea))),
        "JPEG quality 20": ("coffee", saved(coffee, "JPEG", quality=20)),
        "half size": ("chelsea", saved(chelsea.reduce(2))),
        "screenshot": ("astronaut", saved(screenshot(astronaut))),
        "mirrored": ("coffee", saved(ImageOps.mirror(coffee))),
        "mirrored and cropped": ("astronaut", saved(ImageOps.mirror(cropped(astronaut, 0.3)))),
        "inverted": ("chelsea", saved(ImageOps.invert(chelsea))),
        "turned by 5": ("astronaut", saved(turned(astronaut, 5))),
        "turned by 90": ("coffee", saved(turned(coffee, 90))),
        "blended": ("astronaut", saved(Image.blend(astronaut, street.resize(astronaut.size), 0.5))),
        "pasted on 15 %": ("astronaut", saved(pasted(astronaut, street, 0.15))),
        "grey WebP": ("chelsea", saved(chelsea.convert("L"), "WEBP", quality=50)),
        "another format": ("demo", Path(iscc_samples.images("png")[0]).read_bytes()),
    }


def drawn():
    """Pictures that are all alike in being pictures of nothing: they match neither photographs nor each other."""
    y, x = np.mgrid[:400, :400]
    chance = np.random.default_rng(11)
    grey = {
        "blank": np.full((400, 400), 255),
        "black": np.zeros((400, 400)),
        "gradient": x * 255 / 399,
        "stripes": (x // 20 % 2) * 255,
        "checks": ((x // 25 + y // 25) % 2) * 255,
        "rings": 127 + 120 * np.sin(np.hypot(x - 200, y - 200) / 6),
        "dots": (np.hypot(x % 30 - 15, y % 30 - 15) < 9) * 255,
        "noise": chance.integers(0, 256, (400, 400)),
        "other noise": chance.integers(0, 256, (400, 400)),
    }
    pictures = {name: saved(Image.fromarray(values.astype(np.uint8))) for name, values in grey.items()}
    for name, words in (("QR code", "https://example.org/works/1"), ("other QR code", "certificate 2026-00017")):
        out = io.BytesIO()
        segno.make(words, error="m").save(out, kind="png", scale=10)
        pictures[name] = out.getvalue()
    return pictures


def unrelated():
    pictures = {name: data for name, data in drawn().items() if "noise" in name or "QR" in name}
    return pictures | {
        "a street": saved(photo("motorcycle_right.png"), "JPEG", quality=80),
        "a page": (FOLDER / "page.png").read_bytes(),
        "a wall": (FOLDER / "brick.png").read_bytes(),
        "a screenshot of another picture": saved(screenshot(photo("motorcycle_left.png"))),
    }


def not_matchable():
    pictures = drawn()
    names = ("blank", "black", "gradient", "stripes", "checks", "rings", "dots")
    tiny = saved(photo("astronaut.png").resize((16, 16)))
    return {name: ("featureless", pictures[name]) for name in names} | {"tiny": ("featureless", tiny)}


def bomb():
    """A PNG of 70 bytes that says it is 30,000 × 30,000 pixels."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")


def hostile():
    coffee = (FOLDER / "coffee.png").read_bytes()
    photograph = (FOLDER / "rocket.jpg").read_bytes()
    return {
        "empty": b"",
        "text": b"This is not a picture.",
        "truncated PNG": coffee[: len(coffee) // 2],
        "truncated JPEG": photograph[: len(photograph) // 2],
        "only a JPEG header": photograph[:20],
        "only a GIF header": b"GIF89a",
        "decompression bomb": bomb(),
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EOF\n",
        "damaged PNG": coffee[:60] + bytes(200) + coffee[260:],
        "TIFF that points outside": b"II*\0\xff\xff\xff\x7f" + bytes(40),
    }
