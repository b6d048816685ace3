"""One ZIP file for one set of files: stored, in the given order, dated 1980-01-01, no comment, no extra field.

Any ZIP program opens it, but only these exact bytes are ours: `unpack` refuses whatever `pack` would not write.
Written by hand, so that no library version can change a byte of what was issued. Below 4 GiB (no ZIP64).
"""

import struct
import zlib
from collections.abc import Mapping
from typing import Final

from copyhold.proofs.errors import Malformed

WHAT: Final = "bundle"
MAGIC: Final = b"PK\x03\x04"
VERSION: Final = 20
MADE_BY_UNIX: Final = 3 << 8 | VERSION
UTF8_NAMES: Final = 0x0800
STORED: Final = 0
MIDNIGHT: Final = 0
FIRST_DAY: Final = 1 << 5 | 1  # 1980-01-01
PLAIN_FILE: Final = 0o100644 << 16
LIMIT: Final = 2**32 - 1
MAX_FILES: Final = 2**16 - 1
LOCAL: Final = struct.Struct("<4s5H3L2H")
CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
END: Final = struct.Struct("<4s4H2LH")


def pack(files: Mapping[str, bytes]) -> bytes:
    """The container over these files, in their order. Raises `Malformed` when they do not fit."""
    body, directory, offset = [], [], 0
    for name, data in files.items():
        encoded = name.encode()
        fields = (UTF8_NAMES, STORED, MIDNIGHT, FIRST_DAY, zlib.crc32(data), len(data), len(data), len(encoded))
        if len(data) > LIMIT or len(encoded) > MAX_FILES:
            raise Malformed(what=WHAT, why=f"“{name}” is larger than 4 GiB; keep such files apart")
        body += [LOCAL.pack(MAGIC, VERSION, *fields, 0), encoded, data]
        directory += [
            CENTRAL.pack(b"PK\x01\x02", MADE_BY_UNIX, VERSION, *fields, 0, 0, 0, 0, PLAIN_FILE, offset),
            encoded,
        ]
        offset += LOCAL.size + len(encoded) + len(data)
        if offset > LIMIT:
            raise Malformed(what=WHAT, why="it is larger than 4 GiB; split the exhibit")
    if len(files) > MAX_FILES:
        raise Malformed(what=WHAT, why="it has too many files")
    listing = b"".join(directory)
    end = END.pack(b"PK\x05\x06", 0, 0, len(files), len(files), len(listing), offset, 0)
    return b"".join([*body, listing, end])


def unpack(data: bytes) -> dict[str, bytes]:
    """The files, if these are exactly the bytes that `pack` writes for them. Raises `Malformed`."""
    files = split(data)
    need_exact(files, data)
    return files


def need_exact(files: Mapping[str, bytes], data: bytes) -> None:
    """Raises `Malformed` unless `data` is the one spelling of these files."""
    if pack(files) != data:
        raise Malformed(what=WHAT, why="its bytes are not exactly those that the office writes")


def split(data: bytes) -> dict[str, bytes]:
    """The files as their local headers tell, so that a changed bundle can still be judged file by file.

    Trust nothing of it before `need_exact`. Raises `Malformed` when it is cut off.
    """
    files: dict[str, bytes] = {}
    place = 0
    while data[place : place + 4] == MAGIC:
        if len(data) < place + LOCAL.size:
            raise Malformed(what=WHAT, why="it is cut off")
        header = LOCAL.unpack_from(data, place)
        start = place + LOCAL.size + header[9]
        place = start + header[8]
        if place > len(data):
            raise Malformed(what=WHAT, why="it is cut off")
        try:
            name = data[start - header[9] : start].decode()
        except UnicodeDecodeError as error:
            raise Malformed(what=WHAT, why="a file name is not UTF-8") from error
        files[name] = data[start:place]
    return files
