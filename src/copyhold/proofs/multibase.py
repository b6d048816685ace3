"""base58btc with its multibase prefix `z`, as W3C Data Integrity writes keys and signatures."""

from typing import Final

from copyhold.proofs.errors import Malformed

ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
VALUES: Final = {char: value for value, char in enumerate(ALPHABET)}
MAX_CHARS: Final = 256  # keys have 48, signatures 88 or 89; the conversion is quadratic


def encode(data: bytes) -> str:
    """Each leading zero byte becomes one `1`; the rest is the number in base 58."""
    zeros = len(data) - len(data.lstrip(b"\x00"))
    number, digits = int.from_bytes(data), ""
    while number:
        number, rest = divmod(number, 58)
        digits = ALPHABET[rest] + digits
    return "z" + "1" * zeros + digits


def decode(text: str) -> bytes:
    """The inverse of `encode`. Raises `Malformed`."""
    if not text.startswith("z") or len(text) > MAX_CHARS:
        raise Malformed(what="base58btc value", why="it does not start with z, or is too long")
    digits = text[1:]
    body = digits.lstrip("1")
    number = 0
    for char in body:
        if char not in VALUES:
            raise Malformed(what="base58btc value", why="it has a character outside the alphabet")
        number = number * 58 + VALUES[char]
    return bytes(len(digits) - len(body)) + number.to_bytes((number.bit_length() + 7) // 8)
