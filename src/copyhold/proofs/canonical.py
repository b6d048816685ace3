"""One way to write each fact as bytes, so that a digest means one thing for ever.

JSON Canonicalization Scheme, RFC 8785: sorted keys, no spaces, UTF-8, one form for every number. Integers beyond
±(2**53 − 1) and NaN have no canonical form and are refused: write them as strings.
"""

import hashlib
import hmac
import json
from typing import Any, Final

import rfc8785

from copyhold.proofs.errors import Malformed

SALT_BYTES: Final = 32


def canonical(obj: Any) -> bytes:
    """The RFC 8785 bytes of a JSON value. Raises `Malformed` for what JSON cannot carry."""
    try:
        written: bytes = rfc8785.dumps(obj)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise Malformed(what="JSON value", why=str(error) or "it is nested too deeply") from error
    return written


def parse_canonical(data: bytes, what: str = "canonical JSON file") -> Any:
    """Read JSON that must already be in canonical form, byte for byte. Raises `Malformed` otherwise."""
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Malformed(what=what, why="it is not UTF-8 JSON") from error
    if canonical(value) != data:
        raise Malformed(what=what, why="its bytes are not in the RFC 8785 form")
    return value


def digest(data: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def salted_digest(salt: bytes, obj: Any) -> bytes:
    """HMAC-SHA256 of the canonical bytes, keyed with a secret random salt (32 bytes).

    The log publishes only this, so nobody can guess an entry from its digest; whoever is given the entry and its
    salt can recompute it. Forgetting the salt makes the digest meaningless, which is how an entry is erased.
    """
    if len(salt) != SALT_BYTES:
        raise Malformed(what="salt", why=f"it has {len(salt)} bytes, not {SALT_BYTES}")
    return hmac.new(salt, canonical(obj), hashlib.sha256).digest()
