from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from copyhold.core.append_only import AppendOnly
from copyhold.core.models import Blob
from copyhold.evidence.queries import ExhibitQuerySet
from copyhold.people.models import Organisation


class Exhibit(AppendOnly, models.Model):
    """Sealed evidence. `manifest` is the canonical JSON that `signature` (a C2SP signed note) vouches for."""

    number = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=24, default="capture")
    title = models.CharField(max_length=300)
    source = models.CharField(max_length=2000, blank=True)  # address that was captured
    office = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="exhibits")
    captured_at = models.DateTimeField()
    sealed_at = models.DateTimeField()
    manifest = models.BinaryField()
    manifest_sha256 = models.CharField(max_length=64)
    signature = models.TextField()

    objects = ExhibitQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-sealed_at"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class ExhibitItem(AppendOnly, models.Model):
    """One file of an exhibit, and what it is there for."""

    class Role(models.TextChoices):
        WARC = "warc", _("record of the exchange")
        COPY = "copy", _("the copy")
        PAGE = "page", _("the page")
        SCREENSHOT = "screenshot", _("screenshot")
        EXPLANATION = "explanation", _("the likeness shown")
        MATCH = "match", _("facts of the match")

    exhibit = models.ForeignKey(Exhibit, models.PROTECT, related_name="items")
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=24, choices=Role.choices)
    media_type = models.CharField(max_length=100)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["exhibit", "name"], name="exhibit_item_once")]
        ordering: ClassVar = ["pk"]


class Custody(AppendOnly, models.Model):
    """Who touched an exhibit, when and why. No gap: capture, seal, every opening, check and export."""

    class Step(models.TextChoices):
        CAPTURED = "captured", _("Captured")
        SEALED = "sealed", _("Sealed and logged")
        OPENED = "opened", _("Opened")
        CHECKED = "checked", _("Digests checked again")
        EXPORTED = "exported", _("Handed out")

    exhibit = models.ForeignKey(Exhibit, models.PROTECT, related_name="custody")
    step = models.CharField(max_length=12, choices=Step.choices)
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    note = models.CharField(max_length=300, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
