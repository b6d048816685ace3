"""Ed25519 keys (RFC 8032) with the name they sign under.

A key's name is a schema-less URL such as `copyright.example/log`; it stands in every signature line and, for the
office's log, is also the origin of the checkpoints. Two text forms of the public key:

- vkey, `name+keyid+base64`, as C2SP signed-note tools print and read it;
- did:key, `did:key:z6Mk…`, as W3C credentials name it.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from copyhold.proofs import multibase
from copyhold.proofs.errors import KeyUnusable, Malformed

KEY_BYTES: Final = 32
ED25519_NOTE: Final = b"\x01"  # signature type of c2sp.org/signed-note
ED25519_MULTICODEC: Final = b"\xed\x01"  # ed25519-pub, as an unsigned varint


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under its name. `public` is the 32 bytes of RFC 8032."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        need_key_name(self.name)
        if len(self.public) != KEY_BYTES:
            raise KeyUnusable(why=f"a public key has {KEY_BYTES} bytes, not {len(self.public)}")

    @classmethod
    def from_vkey(cls, vkey: str) -> "Verifier":
        """Read `name+keyid+base64`; the key id must be that of the key. Raises `KeyUnusable`."""
        try:
            name, key_id, encoded = vkey.strip().split("+", 2)
            blob = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as error:
            raise KeyUnusable(why="it is not of the form name+keyid+base64") from error
        if blob[:1] != ED25519_NOTE:
            raise KeyUnusable(why="it is not an Ed25519 key of the signed-note format")
        verifier = cls(name, blob[1:])
        if verifier.key_id.hex() != key_id:
            raise KeyUnusable(why="its key id does not belong to its name and bytes")
        return verifier

    @classmethod
    def from_did(cls, name: str, did: str) -> "Verifier":
        """The key of a `did:key:z…` under the given name. Raises `KeyUnusable`."""
        try:
            blob = multibase.decode(did.removeprefix("did:key:"))
        except Malformed as error:
            raise KeyUnusable(why="it is not a did:key") from error
        if not did.startswith("did:key:") or not blob.startswith(ED25519_MULTICODEC):
            raise KeyUnusable(why="it is not the did:key of an Ed25519 key")
        return cls(name, blob[len(ED25519_MULTICODEC) :])

    @property
    def key_id(self) -> bytes:
        """Four bytes that, with the name, say which key signed; not a fingerprint to trust."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519_NOTE + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519_NOTE + self.public).decode()}"

    @property
    def multikey(self) -> str:
        """The multibase form of the key, `z6Mk…`."""
        return multibase.encode(ED25519_MULTICODEC + self.public)

    @property
    def did(self) -> str:
        return f"did:key:{self.multikey}"

    def verify(self, message: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key from its 32-byte seed. The seed is never shown in a repr."""

    name: str
    seed: bytes = field(repr=False)
    _private: Ed25519PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        need_key_name(self.name)
        if len(self.seed) != KEY_BYTES:
            raise KeyUnusable(why=f"a seed has {KEY_BYTES} bytes, not {len(self.seed)}")
        object.__setattr__(self, "_private", Ed25519PrivateKey.from_private_bytes(self.seed))

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self._private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """64 bytes; the same message always gives the same signature."""
        return self._private.sign(message)


def need_key_name(name: str) -> None:
    """A key name is not empty and holds no space, plus or control character (c2sp.org/signed-note)."""
    if not name or "+" in name or any(char.isspace() or not char.isprintable() for char in name):
        raise KeyUnusable(why="a key name is a word without spaces, plus signs or control characters")
