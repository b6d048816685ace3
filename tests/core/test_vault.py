"""The vault: bytes are stored once, under their digest, and a row never stands without them."""

import hashlib
import io
import threading
from pathlib import Path

import obstore
import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

from copyhold.core import vault
from copyhold.core.models import Blob
from copyhold.errors import BadInput

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: object, tmp_path: Path) -> Path:
    settings.COPYHOLD_VAULT = (tmp_path / "the vault 库").as_uri()
    return tmp_path / "the vault 库"


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=4096), as_file=st.booleans())
def test_what_is_put_can_be_got_opened_and_found_under_its_digest(*, data: bytes, as_file: bool) -> None:
    blob = vault.put(io.BytesIO(data) if as_file else data, "application/octet-stream")
    assert blob.sha256 == hashlib.sha256(data).hexdigest()
    assert blob.size == len(data)
    assert vault.get(blob.sha256) == data
    assert vault.path_for(blob.sha256).read_bytes() == data
    with vault.open(blob.sha256) as file:
        assert file.read() == data
        file.seek(0)
        assert file.read() == data


def test_the_same_bytes_are_one_blob_with_the_media_type_of_the_first_time() -> None:
    first, second = vault.put(b"once", "text/plain"), vault.put(b"once", "image/png")
    assert first == second
    assert second.media_type == "text/plain"
    assert Blob.objects.filter(sha256=first.sha256).count() == 1


def test_a_long_blob_goes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "ONE_REQUEST", 2**20)
    monkeypatch.setattr(vault, "IN_MEMORY", 2**20)
    data = bytes(range(256)) * 2**16  # 16 MiB
    assert vault.get(vault.put(io.BytesIO(data), "video/mp4").sha256) == data
    assert vault.put(io.BytesIO(data), "video/mp4").size == len(data)


def test_a_file_is_read_from_where_it_stands() -> None:
    file = io.BytesIO(b"header body")
    file.seek(7)
    assert vault.get(vault.put(file, "text/plain").sha256) == b"body"


def test_stored_bytes_are_write_protected_and_private(folder: Path) -> None:
    blob = vault.put(b"sealed", "text/plain")
    assert vault.path_for(blob.sha256).stat().st_mode & 0o777 == 0o444
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_rolled_back_transaction_leaves_bytes_but_no_row() -> None:
    with transaction.atomic():
        blob = vault.put(b"withdrawn", "text/plain")
        transaction.set_rollback(True)
    assert not Blob.objects.filter(sha256=blob.sha256).exists()
    assert vault.get(blob.sha256) == b"withdrawn"
    assert list(vault.fsck()) == []
    assert vault.put(b"withdrawn", "text/plain").size == 9


@pytest.mark.parametrize("damage", [b"", b"hello, worle", b"hello, world and more"])
def test_damaged_bytes_are_never_given_out_and_fsck_names_them(damage: bytes) -> None:
    blob = vault.put(b"hello, world", "text/plain")
    path = vault.path_for(blob.sha256)
    path.chmod(0o644)
    path.write_bytes(damage)
    for read in (vault.get, vault.open):
        with pytest.raises(vault.BlobDamaged, match=blob.sha256):
            read(blob.sha256)
    assert list(vault.fsck()) == [vault.Fault(blob.sha256, "corrupt")]
    vault.put(b"hello, world", "text/plain")  # the owner has it still: the deposit repairs it
    assert list(vault.fsck()) == []


def test_missing_bytes_are_said_to_be_missing() -> None:
    blob = vault.put(b"gone", "text/plain")
    vault.path_for(blob.sha256).unlink()
    for read in (vault.get, vault.open, vault.path_for):
        with pytest.raises(vault.BlobMissing):
            read(blob.sha256)
    assert list(vault.fsck()) == [vault.Fault(blob.sha256, "missing")]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "é" * 64])
def test_what_is_not_a_digest_reaches_no_file(name: str) -> None:
    for read in (vault.get, vault.open, vault.path_for):
        with pytest.raises(BadInput, match="SHA-256"):
            read(name)


def test_two_deposits_of_the_same_bytes_at_once_do_not_disturb_each_other() -> None:
    data, failures = b"both" * 10_000, []

    def store() -> None:
        try:
            vault._store(io.BytesIO(data), hashlib.sha256(data).hexdigest(), len(data))
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=store) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert vault.get(vault.put(data, "text/plain").sha256) == data


@pytest.mark.parametrize("url", ["", "vault", "ftp://example/vault", "/plain/folder"])
def test_an_address_that_is_no_vault_is_refused_with_what_to_write(settings: object, url: str) -> None:
    settings.COPYHOLD_VAULT = url
    with pytest.raises(vault.VaultUnavailable, match="file:///folder or s3://bucket"):
        vault.put(b"x", "text/plain")


def test_a_vault_that_cannot_be_written_stores_no_row(settings: object, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way")
    settings.COPYHOLD_VAULT = (tmp_path / "a file").as_uri()
    with pytest.raises(vault.VaultUnavailable):
        vault.put(b"x", "text/plain")
    assert not Blob.objects.exists()


def test_a_vault_that_is_not_on_this_machine_gives_files_but_no_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    remote = vault._Vault(MemoryStore(), None)
    monkeypatch.setattr(vault, "_vault", lambda: remote)
    blob = vault.put(b"far away", "text/plain")
    assert vault.put(io.BytesIO(b"far away"), "text/plain") == blob
    with vault.open(blob.sha256) as file:
        assert file.read() == b"far away"
    with pytest.raises(vault.VaultUnavailable, match=r"open\(\)"):
        vault.path_for(blob.sha256)
    obstore.delete(remote.store, vault._key(blob.sha256))
    assert list(vault.fsck()) == [vault.Fault(blob.sha256, "missing")]


@pytest.mark.parametrize(
    "change", ["UPDATE core_blob SET media_type = 'x'", "DELETE FROM core_blob", "TRUNCATE core_blob CASCADE"]
)
def test_the_register_of_blobs_refuses_every_change(change: str) -> None:
    vault.put(b"for ever", "text/plain")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
