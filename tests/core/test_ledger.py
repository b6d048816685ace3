"""Every act is one entry of a public log that others can check."""

import json
import threading

import pytest
from django.db import DatabaseError, connection, transaction

from copyhold.core import ledger
from copyhold.core.ledger import acting
from copyhold.core.models import Checkpoint, Entry, LedgerHead, Node
from copyhold.errors import Conflict, Forbidden
from copyhold.people import permissions
from copyhold.people.models import Region
from copyhold.people.permissions import Permission
from copyhold.people.roles import Role
from copyhold.proofs import canonical, merkle, note, tlog_proof


@pytest.fixture(autouse=True)
def _an_act_of_the_tests(monkeypatch):
    """An act that no room has, granted for the length of one test."""
    granted = Permission("test.write", frozenset({Role.OFFICER}), lambda _actor, subject: subject.code != "closed")
    monkeypatch.setitem(permissions._matrix, "test.write", granted)


def write(actor, code="x"):
    with acting(actor, "test.write", Region.objects.create(code=code, name=code, level="county")) as act:
        act.note(size=3)
    return act.entry


def naive_root(hashes):
    """RFC 9162 §2.1.1, written down as it reads."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return merkle.node_hash(naive_root(hashes[:half]), naive_root(hashes[half:]))


def test_an_act_appends_one_entry_with_digests_before_and_after(people):
    before = Entry.objects.count()
    entry = write(people.officer)
    assert Entry.objects.count() == before + 1
    assert (entry.actor, entry.role, entry.office) == (
        f"account-{people.officer.account.pk}",
        "officer",
        "lanting-corps",
    )
    assert entry.detail == {"size": 3}
    assert entry.before
    assert json.loads(bytes(entry.body))["number"] == entry.number


def test_a_forbidden_act_leaves_nothing(people):
    size = LedgerHead.objects.get().size
    with pytest.raises(Forbidden), acting(people.holder, "test.write") as act:
        act.note(never=True)
    region = Region.objects.create(code="closed", name="closed", level="county")
    with pytest.raises(Forbidden), acting(people.officer, "test.write", region):
        pass
    assert LedgerHead.objects.get().size == size


def test_an_act_that_breaks_half_way_leaves_nothing(people):
    size = LedgerHead.objects.get().size
    with pytest.raises(RuntimeError), acting(people.officer, "test.write"):
        Region.objects.create(code="half", name="half", level="county")
        raise RuntimeError("broken")
    assert not Region.objects.filter(code="half").exists()
    assert LedgerHead.objects.get().size == size


def test_entries_carry_no_names_of_persons(people):
    people.officer.account.display_name = "Lin Qiushui"
    people.officer.account.save()
    entry = write(people.officer)
    assert b"Lin" not in bytes(entry.body)


def test_the_log_is_the_merkle_tree_of_its_leaves(people):
    for n in range(11):
        write(people.officer, f"n{n}")
    size = LedgerHead.objects.get().size
    leaves = [bytes(leaf) for leaf in Entry.objects.order_by("number").values_list("leaf", flat=True)]
    assert len(leaves) == size
    checkpoint = ledger.sign_checkpoint()
    assert bytes(checkpoint.root) == naive_root(leaves)


def test_each_entry_proves_that_it_stands_in_the_log(people):
    entries = [write(people.officer, f"p{n}") for n in range(7)]
    checkpoint = ledger.sign_checkpoint()
    signed = note.verify(checkpoint.note, [ledger.signer().verifier])
    assert signed
    for entry in entries:
        document = ledger.entry_document(entry)
        leaf = merkle.leaf_hash(canonical.salted_digest(bytes.fromhex(document["salt"]), document["entry"]))
        assert leaf == bytes(entry.leaf)
        proof = tlog_proof.parse(ledger.proof_of(entry.number))
        assert tlog_proof.verify(proof, leaf, [ledger.signer().verifier])


@pytest.mark.parametrize("model", [Entry, Node, Checkpoint])
def test_the_database_itself_refuses_to_change_the_log(people, model):
    write(people.officer)
    ledger.sign_checkpoint()
    table = model._meta.db_table
    column = model._meta.pk.column
    for statement in (
        f"UPDATE {table} SET {column} = {column} + 1000000",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_whoever_saw_an_older_version_is_told(people):
    from copyhold.registry.models import Application

    assert hasattr(Application, "version")
    application = Application(version=4, pk=None)
    with pytest.raises(Conflict):
        ledger._same_version(application, seen=3)


def test_numbers_have_no_gap_when_many_write_at_once(people_committed):
    failures = []

    def many(start):
        try:
            for n in range(10):
                write(people_committed.officer, f"t{start}-{n}")
        except Exception as error:  # noqa: BLE001
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=many, args=(k,)) for k in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not failures
    numbers = list(Entry.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    leaves = [bytes(leaf) for leaf in Entry.objects.order_by("number").values_list("leaf", flat=True)]
    assert bytes(ledger.sign_checkpoint().root) == naive_root(leaves)
