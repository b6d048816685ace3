"""Fingerprints are the truth; the index on disk is a cache of them and can be rebuilt at any time."""

from typing import ClassVar

from django.db import models

from copyhold.core.append_only import AppendOnly
from copyhold.core.models import Blob
from copyhold.registry.models import Deposit


class Fingerprint(AppendOnly, models.Model):
    """What a deposit is recognised by. Its primary key is the `work` of the index. `reason` set: not matchable."""

    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="fingerprints")
    medium = models.CharField(max_length=8)
    recogniser_version = models.PositiveSmallIntegerField()
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="+")  # recognition.Fingerprint bytes
    postings = models.PositiveIntegerField(default=0)
    facts = models.JSONField(default=dict)  # width, height, duration_ms, characters …
    reason = models.CharField(max_length=24, blank=True)  # not matchable: featureless, silent, too_short …
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["deposit", "medium", "recogniser_version"], name="fingerprint_once"),
            models.CheckConstraint(
                condition=models.Q(blob__isnull=False) | ~models.Q(reason=""), name="fingerprint_or_reason"
            ),
        ]


class Withdrawal(AppendOnly, models.Model):
    """This fingerprint must never match again, at once: the work was revoked or the application ended."""

    fingerprint = models.OneToOneField(Fingerprint, models.PROTECT, related_name="withdrawal")
    at = models.DateTimeField()


class Likeness(AppendOnly, models.Model):
    """A likeness between a deposit under examination and an earlier one, with its explanation. Not a verdict."""

    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="likenesses")
    fingerprint = models.ForeignKey(Fingerprint, models.PROTECT, related_name="+")  # the earlier one
    bits = models.FloatField()
    query_share = models.FloatField()
    work_share = models.FloatField()
    match = models.JSONField()  # segments and detail, as recognition.Match in plain JSON
    explanation = models.ForeignKey(Blob, models.PROTECT, related_name="+")  # serialised recognition.Explanation
    found_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-bits"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["deposit", "fingerprint"], name="likeness_once")]
