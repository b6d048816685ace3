"""Rows of the ground floor. Entries and nodes of the ledger are INSERT-only by trigger (see migrations)."""

from typing import ClassVar

from django.db import models

from copyhold.core.append_only import AppendOnly
from copyhold.core.job_models import Job, Schedule
from copyhold.core.vault_models import Blob

__all__ = ["Blob", "Checkpoint", "Entry", "Job", "LedgerHead", "LedgerSecret", "Node", "Schedule", "Versioned"]


class Versioned(models.Model):
    """A record that two people may have open at once: each act counts `version` up, and `seen` is compared with it."""

    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


class LedgerHead(models.Model):
    """The single row whose lock orders all acts: a number is taken here, never from a sequence, so none is missing."""

    size = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="ledger_head_is_one_row"),
        ]


class Entry(AppendOnly, models.Model):
    """One act: who, in which role and office, did what to what, when, with digests before and after.

    Holds no personal data: people and parties appear by their public identifiers only. `body` is the canonical
    JSON (RFC 8785) whose salted digest is leaf `number` of the public log.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    office = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=64, db_index=True)
    subject_kind = models.CharField(max_length=64, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)
    before = models.CharField(max_length=64, blank=True)
    after = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    body = models.BinaryField()
    leaf = models.BinaryField(max_length=32)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject_kind", "subject_id", "number"])]
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.subject_kind} {self.subject_id}"


class LedgerSecret(models.Model):
    """The salt of an entry. Erasing it makes the public digest say nothing, while the tree still stands."""

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="secret")
    salt = models.BinaryField(max_length=32)


class Node(AppendOnly, models.Model):
    """Hash of a complete subtree of the log (RFC 9162): `level` 0 are the leaves."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["level", "index"], name="ledger_node_once")]


class Checkpoint(AppendOnly, models.Model):
    """A signed statement of the log's size and root (C2SP tlog-checkpoint)."""

    size = models.BigIntegerField(unique=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    signed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["size"]
