"""The vault: write-once storage of bytes under their own SHA-256, in a local folder or on S3 (setting COPYHOLD_VAULT).

The bytes are made safe and read back before the row is written, so a `Blob` never stands without them. Bytes without
a row (the transaction was rolled back) are harmless: the next deposit of the same bytes finds them there.
"""

import hashlib
import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Literal, cast
from urllib.parse import unquote, urlsplit

import obstore
from django.conf import settings
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from copyhold.core import clock
from copyhold.core.models import Blob
from copyhold.errors import BadInput, NotFound, Unavailable, gettext_noop

IN_MEMORY = 8 * 2**20  # bytes; longer input waits in a temporary file while its digest is computed
ONE_REQUEST = 64 * 2**20  # bytes; longer blobs go in parts
CHUNK = 2**20
DIGEST = re.compile(r"[0-9a-f]{64}")


class BlobMissing(NotFound):
    code = "vault.missing"
    message = gettext_noop("The vault holds no bytes with the digest {sha256}.")


class BlobDamaged(Unavailable):
    code = "vault.damaged"
    message = gettext_noop("The stored bytes {sha256} no longer match their digest. Restore them from a backup.")


class VaultUnavailable(Unavailable):
    code = "vault.unavailable"
    message = gettext_noop("The vault cannot be used: {reason}")


@dataclass(frozen=True)
class Fault:
    """One blob that `fsck` found wanting."""

    sha256: str
    kind: Literal["missing", "corrupt"]


@dataclass(frozen=True)
class _Vault:
    store: ObjectStore
    folder: Path | None  # None: not on this machine's disk


def put(data: bytes | BinaryIO, media_type: str) -> Blob:
    """Store the bytes once and return their row, written in the caller's transaction.

    The same bytes again give the same row, with the media type of the first time. A file is read from where it stands.
    """
    with _spooled(data) as (source, sha256, size):
        _store(source, sha256, size)
    blob, _ = Blob.objects.get_or_create(
        sha256=sha256, defaults={"size": size, "media_type": media_type, "stored_at": clock.now()}
    )
    return blob


def get(sha256: str) -> bytes:
    """The bytes, checked against their digest. Raises BlobMissing, BlobDamaged or VaultUnavailable."""
    data = b"".join(_chunks(sha256))
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BlobDamaged(sha256=sha256)
    return data


def open(sha256: str) -> BinaryIO:  # noqa: A001 - `vault.open` reads as what it is
    """A seekable file of the bytes, checked against their digest; close it after use."""
    if _vault().folder is not None:
        try:
            file: BinaryIO = path_for(sha256).open("rb")
        except OSError as error:
            raise VaultUnavailable(reason=error) from error
    else:
        file = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115 - the caller closes
        file.writelines(_chunks(sha256))
        file.seek(0)
    if _digest_of(file)[0] != sha256:
        file.close()
        raise BlobDamaged(sha256=sha256)
    file.seek(0)
    return file


def path_for(sha256: str) -> Path:
    """Where the bytes lie on this machine, to be read only. Raises VaultUnavailable when the vault is elsewhere."""
    folder = _vault().folder
    if folder is None:
        raise VaultUnavailable(gettext_noop("The vault is not on this machine. Read the bytes with open()."))
    path = folder / _key(sha256)
    if not path.is_file():
        raise BlobMissing(sha256=sha256)
    return path


def fsck() -> Iterator[Fault]:
    """Read every blob that has a row and name those that are missing or corrupt."""
    for sha256 in Blob.objects.order_by("sha256").values_list("sha256", flat=True).iterator():
        if fault := _fault_of(sha256):
            yield Fault(sha256, fault)


def _store(source: BinaryIO, sha256: str, size: int) -> None:
    vault, key = _vault(), _key(sha256)
    try:
        try:
            if size <= ONE_REQUEST:
                obstore.put(vault.store, key, source.read(), mode="create", use_multipart=False)
            elif _size_there(sha256) != size:
                obstore.put(vault.store, key, source)  # parts cannot be put "if absent"; the name vouches for them
        except AlreadyExistsError:
            pass
        if _is_sound(sha256, size):
            _make_durable(vault, key)
            return
        # What lies there was damaged, or cut short by a crash before it was durable: put it right.
        source.seek(0)
        obstore.put(vault.store, key, source)
    except (BaseError, OSError) as error:
        raise VaultUnavailable(reason=error) from error
    if not _is_sound(sha256, size):
        raise BlobDamaged(gettext_noop("The vault did not keep the bytes {sha256}. Nothing was stored."), sha256=sha256)
    _make_durable(vault, key)


def _is_sound(sha256: str, size: int) -> bool:
    """Read back on a local disk; a remote store checks what it receives, so its size is enough."""
    if _vault().folder is not None:
        return _fault_of(sha256) is None
    return _size_there(sha256) == size


def _make_durable(vault: _Vault, key: str) -> None:
    """Write bytes and name through to the disk, and take away the right to write."""
    if vault.folder is None:
        return
    path = vault.folder / key
    path.chmod(0o444)
    for place in (path, path.parent, vault.folder):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _fault_of(sha256: str) -> Literal["missing", "corrupt"] | None:
    digest = hashlib.sha256()
    try:
        for chunk in _chunks(sha256):
            digest.update(chunk)
    except BlobMissing:
        return "missing"
    return None if digest.hexdigest() == sha256 else "corrupt"


def _chunks(sha256: str) -> Iterator[bytes]:
    try:
        for chunk in obstore.get(_vault().store, _key(sha256)).stream(min_chunk_size=CHUNK):
            yield bytes(chunk)
    except (NotFoundError, FileNotFoundError):
        raise BlobMissing(sha256=sha256) from None
    except (BaseError, OSError) as error:
        raise VaultUnavailable(reason=error) from error


def _size_there(sha256: str) -> int | None:
    try:
        return int(obstore.head(_vault().store, _key(sha256))["size"])
    except (NotFoundError, FileNotFoundError):
        return None


def _key(sha256: str) -> str:
    if not DIGEST.fullmatch(sha256):
        raise BadInput(gettext_noop("{sha256} is not a SHA-256 digest in lower-case hexadecimal."), sha256=sha256)
    return f"{sha256[:2]}/{sha256}"


def _vault() -> _Vault:
    return _vault_at(str(settings.COPYHOLD_VAULT))


@lru_cache(maxsize=8)
def _vault_at(url: str) -> _Vault:
    parts = urlsplit(url)
    try:
        if parts.scheme == "file":
            folder = Path(unquote(parts.path))
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return _Vault(LocalStore(prefix=folder, mkdir=True), folder)
        if parts.scheme == "s3":
            return _Vault(from_url(url), None)
    except (BaseError, OSError) as error:
        raise VaultUnavailable(reason=error) from error
    raise VaultUnavailable(gettext_noop("COPYHOLD_VAULT: write file:///folder or s3://bucket, not {url}."), url=url)


@contextmanager
def _spooled(data: bytes | BinaryIO) -> Iterator[tuple[BinaryIO, str, int]]:
    """The input as a seekable file at its start, with its digest and size in bytes."""
    if isinstance(data, bytes):
        yield io.BytesIO(data), hashlib.sha256(data).hexdigest(), len(data)
        return
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
        sha256, size = _digest_of(data, cast("BinaryIO", spool))
        spool.seek(0)
        yield cast("BinaryIO", spool), sha256, size


def _digest_of(source: BinaryIO, copy: BinaryIO | None = None) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if copy is not None:
            copy.write(chunk)
    return digest.hexdigest(), size
