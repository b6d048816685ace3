"""The register of the vault: one INSERT-only row per stored blob."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from copyhold.core.append_only import AppendOnly


class Blob(AppendOnly, models.Model):
    """Bytes that are in the vault. The row is written after the bytes are safe, so it never stands without them."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=127)
    stored_at = models.DateTimeField()

    class Meta:
        app_label = "core"
        verbose_name = _("blob")
        verbose_name_plural = _("blobs")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="core_blob_sha256"),
            models.CheckConstraint(condition=Q(size__gte=0), name="core_blob_size"),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]}… ({self.size} bytes, {self.media_type})"
