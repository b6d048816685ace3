"""Length-framed messages between the sandbox and its worker: a small JSON header and a body of bytes.

    8 bytes  size of the header, size of the body (two unsigned 32-bit numbers, network order)
    header   UTF-8 JSON object, at most 64 KiB
    body     bytes

Each side checks the sizes before it reads on.
"""

import json
import struct
from typing import Any

SIZES = struct.Struct("!II")
HEADER_CAP = 64 * 1024


class BrokenFrameError(Exception):
    """The other side does not keep to the protocol."""


def pack(header: dict[str, Any], body_size: int) -> bytes:
    """Everything of a frame before its body. Raises ValueError when the header is too large."""
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    if len(text) > HEADER_CAP:
        raise ValueError("The arguments of a sandbox call are limited to 64 KiB of JSON; send large things as data.")
    return SIZES.pack(len(text), body_size) + text


def unpack_sizes(untrusted_sizes: bytes, body_cap: int) -> tuple[int, int]:
    """(size of header, size of body), both within their caps."""
    header_size, body_size = SIZES.unpack(untrusted_sizes)
    if header_size > HEADER_CAP or body_size > body_cap:
        raise BrokenFrameError(f"frame of {header_size} + {body_size} bytes")
    return header_size, body_size


def unpack_header(untrusted_header: bytes) -> dict[str, Any]:
    try:
        header = json.loads(untrusted_header)
    except (ValueError, RecursionError) as error:
        raise BrokenFrameError("header is not JSON") from error
    if not isinstance(header, dict):
        raise BrokenFrameError("header is not an object")
    return header
