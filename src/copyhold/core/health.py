"""Is the ground sound? Each function looks at one thing and yields what it found wrong, in words; nothing: it is sound.

For `copyhold check` and whoever watches over an office. Reads only.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from copyhold.core import clock, ledger, vault
from copyhold.core.job_models import Job, JobState
from copyhold.core.models import Blob, Checkpoint, Entry, LedgerHead, LedgerSecret, Node
from copyhold.errors import CopyholdError
from copyhold.proofs import canonical, checkpoint, merkle

SPACE_NEEDED = 1 << 30  # bytes
STUCK_AFTER = timedelta(hours=1)
Progress = Callable[[int, int], None]  # done, of


def _silent(_done: int, _of: int) -> None: ...


def database_faults() -> Iterator[str]:
    """Every table as this version needs it."""
    executor = MigrationExecutor(connection)
    for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield f"migration {migration} is not applied: run copyhold setup"


def vault_faults(progress: Progress = _silent) -> Iterator[str]:
    """Every blob's bytes are there and have their digest."""
    of = Blob.objects.count()
    progress(0, of)
    for fault in vault.fsck():
        yield f"blob {fault.sha256} is {fault.kind}: restore it from a backup"
    progress(of, of)


def ledger_faults(progress: Progress = _silent) -> Iterator[str]:
    """Numbers without gaps, leaves as their entries say, nodes as the leaves say, checkpoints that are valid."""
    size = LedgerHead.objects.values_list("size", flat=True).get(pk=1)
    tree: dict[tuple[int, int], bytes] = {}
    salts = dict(LedgerSecret.objects.values_list("entry_id", "salt"))
    expected = 0
    for entry in Entry.objects.order_by("number").iterator(2000):
        if entry.number != expected:
            yield f"entry {expected} is missing"
            return
        salt = salts.get(entry.number)
        yield from _entry_faults(entry, bytes(salt) if salt is not None else None)
        for level, index, value in merkle.append(entry.number, bytes(entry.leaf), lambda at, i: tree[at, i]):
            tree[level, index] = value
        expected += 1
        if expected % 500 == 0:
            progress(expected, size)
    progress(size, size)
    if expected != size:
        yield f"the ledger's head says {size} entries, there are {expected}"
        return
    stored = {
        (level, index): bytes(value) for level, index, value in Node.objects.values_list("level", "index", "hash")
    }
    if stored != tree:
        yield f"{len(set(stored.items()) ^ set(tree.items()))} nodes of the tree do not agree with its leaves"
        return
    yield from _checkpoint_faults(lambda level, index: tree[level, index], size)


def _entry_faults(entry: Entry, salt: bytes | None) -> Iterator[str]:
    """The leaf vouches for the body, and the body for the columns that people read. An erased salt leaves the leaf."""
    body = json.loads(bytes(entry.body))
    if salt is not None and merkle.leaf_hash(canonical.salted_digest(bytes(salt), body)) != bytes(entry.leaf):
        yield f"entry {entry.number} does not agree with its leaf"
    columns = ("number", "actor", "role", "office", "action", "subject_kind", "subject_id", "detail", "before", "after")
    if any(body[name] != getattr(entry, name) for name in columns):
        yield f"entry {entry.number}: its columns do not agree with its body"


def _checkpoint_faults(node: Callable[[int, int], bytes], size: int) -> Iterator[str]:
    verifier = ledger.signer().verifier
    for stated in Checkpoint.objects.order_by("size"):
        try:
            signed = checkpoint.verify(stated.note, [verifier])
        except CopyholdError as error:
            yield f"the checkpoint of size {stated.size} is not valid: {error}"
            continue
        if stated.size > size or (signed.size, signed.root) != (stated.size, merkle.root_from(stated.size, node)):
            yield f"the checkpoint of size {stated.size} states another root than the tree has"


def disk_faults() -> Iterator[str]:
    """Enough room where the office writes."""
    free = shutil.disk_usage(settings.COPYHOLD_HOME).free
    if free < SPACE_NEEDED:
        yield f"only {free / 2**30:.1f} GiB are free at {settings.COPYHOLD_HOME}: make room"


def job_faults() -> Iterator[str]:
    """No dead letters, nothing that should have begun an hour ago."""
    for name, number in _counted(Job.objects.filter(state=JobState.DEAD)):
        yield f"{number} dead jobs {name}: read their error, then retry them"
    late = clock.now() - STUCK_AFTER
    for name, number in _counted(Job.objects.filter(state=JobState.QUEUED, run_at__lt=late)):
        yield f"{number} jobs {name} wait for more than an hour: does a worker run?"
    for name, number in _counted(Job.objects.filter(state=JobState.RUNNING, lease_until__lt=late)):
        yield f"{number} jobs {name} were left by their worker: does a worker run?"


def _counted(jobs: object) -> list[tuple[str, int]]:
    from django.db.models import Count

    return list(jobs.values_list("name").annotate(Count("pk")).order_by("name"))  # type: ignore[attr-defined]


def ledger_size() -> int:
    """How many acts stand in the ledger; 0 before the first setup."""
    try:
        return int(LedgerHead.objects.values_list("size", flat=True).get(pk=1))
    except ObjectDoesNotExist:
        return 0
