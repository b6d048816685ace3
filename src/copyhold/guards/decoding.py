"""Undo content codings (gzip, deflate, br) of an untrusted body within bounds: a small bomb must not
become a large one.
"""

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli

ACCEPTED = "gzip, deflate, br"
STEP = 64 * 1024
MAX_LAYERS = 2
RATIO_FROM = 1 << 20  # below this size no ratio is suspicious


class BombError(Exception):
    """Decoding gave more than is allowed; the text says which bound."""


class UndecodableError(Exception):
    """A coding we do not know, too many of them, or bytes that are not in the coding they claim."""


class _Decoder(Protocol):
    def pieces(self, untrusted: bytes) -> Iterator[bytes]: ...


class _Zlib:
    """gzip with any number of members, or deflate with and without its zlib frame."""

    def __init__(self, coding: str) -> None:
        self._is_gzip = coding != "deflate"

    def pieces(self, untrusted: bytes) -> Iterator[bytes]:
        while untrusted:
            window = 31 if self._is_gzip else 15 if untrusted[0] & 0x0F == 8 else -15
            stream = zlib.decompressobj(window)
            pending = untrusted
            while pending and not stream.eof:
                yield stream.decompress(pending, STEP)
                pending = stream.unconsumed_tail
            yield stream.flush(STEP)
            # Bytes behind the last member are ignored, as browsers do.
            untrusted = stream.unused_data if self._is_gzip and stream.unused_data[:2] == b"\x1f\x8b" else b""


class _Brotli:
    def pieces(self, untrusted: bytes) -> Iterator[bytes]:
        stream = brotli.Decompressor()
        yield stream.process(untrusted, output_buffer_limit=STEP)
        while not stream.is_finished() and not stream.can_accept_more_data():
            yield stream.process(b"", output_buffer_limit=STEP)


def decode(untrusted: bytes, codings: str, *, max_bytes: int, max_ratio: float) -> bytes:
    """The body without its `codings` (a Content-Encoding header's value, applied last coding first).

    A stream that ends early gives what could be decoded. Raises BombError beyond `max_bytes` (or `max_ratio` times
    the size
    received, from 1 MiB on) and UndecodableError.
    """
    names = [name.strip().lower() for name in codings.split(",") if name.strip().lower() not in {"", "identity"}]
    if len(names) > MAX_LAYERS:
        raise UndecodableError(f"{len(names)} content codings")
    received = len(untrusted)
    for name in reversed(names):
        if name not in {"gzip", "x-gzip", "deflate", "br"}:
            raise UndecodableError(f"content coding {name[:20]}")
        decoder: _Decoder = _Brotli() if name == "br" else _Zlib(name)
        decoded = bytearray()
        try:
            for piece in decoder.pieces(untrusted):
                decoded += piece
                if len(decoded) > max_bytes:
                    raise BombError(f"more than {max_bytes} bytes after decoding")
                if len(decoded) > RATIO_FROM and len(decoded) > max_ratio * received:
                    raise BombError(f"grows more than {max_ratio:g} times in decoding")
        except (zlib.error, brotli.error) as error:
            raise UndecodableError(f"broken {name}") from error
        untrusted = bytes(decoded)
    return untrusted
