"""An exhibit says for ever what was captured, and shows any change."""

import zipfile
from io import BytesIO

import pytest
from django.db import DatabaseError, connection, transaction

from copyhold.core import clock
from copyhold.core.models import Entry
from copyhold.errors import Forbidden
from copyhold.evidence import services
from copyhold.evidence.models import Custody, Exhibit
from copyhold.evidence.services import Item
from copyhold.people.actors import system
from copyhold.proofs.bundle import verify_bundle


@pytest.fixture
def exhibit(people):
    items = [
        Item("capture.warc.gz", "warc", "application/warc", b"WARC/1.1 pretend"),
        Item("copy.jpg", "copy", "image/jpeg", b"\xff\xd8\xff picture"),
    ]
    return services.seal_exhibit(
        system("inspection"),
        title="Phone case",
        source="http://mall.halfmoon.example/item/7",
        captured_at=clock.now(),
        items=items,
        office=people.corps,
    )


def test_a_sealed_exhibit_verifies_offline(people, exhibit):
    data = services.export_exhibit(people.officer, exhibit)
    report = verify_bundle(data)
    assert report.ok, report.reasons()
    assert set(zipfile.ZipFile(BytesIO(data)).namelist()) >= {"manifest.json", "items/copy.jpg", "proof.txt"}


@pytest.mark.parametrize("share", [0.0, 0.13, 0.31, 0.5, 0.77, 0.999])
def test_one_changed_byte_is_refused(people, exhibit, share):
    data = bytearray(services.export_exhibit(people.officer, exhibit))
    data[int(share * len(data))] ^= 1
    try:
        assert not verify_bundle(bytes(data)).ok
    except ValueError:
        pytest.fail("a damaged bundle is answered, not raised")
    except Exception as error:  # noqa: BLE001
        assert type(error).__name__ == "NotABundle"


def test_the_seal_is_the_digest_in_the_ledger(exhibit):
    entry = Entry.objects.get(action="exhibit.seal", subject_id=exhibit.number)
    assert entry.after == exhibit.manifest_sha256


def test_custody_has_no_gap(people, exhibit):
    services.open_exhibit(people.officer, exhibit, reason="judge the finding")
    assert services.check_exhibit(people.officer, exhibit).ok
    services.export_exhibit(people.officer, exhibit)
    steps = list(exhibit.custody.values_list("step", flat=True))
    assert steps == ["captured", "sealed", "opened", "checked", "exported"]


def test_another_office_may_not_open_it(people, exhibit):
    with pytest.raises(Forbidden):
        services.open_exhibit(people.examiner, exhibit, reason="curious")
    assert not exhibit.custody.filter(step=Custody.Step.OPENED).exists()


@pytest.mark.parametrize("table", ["evidence_exhibit", "evidence_exhibititem", "evidence_custody"])
def test_the_database_refuses_to_change_evidence(exhibit, table):
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Exhibit.objects.filter(pk=exhibit.pk).exists()
