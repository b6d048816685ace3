"""The rows of the lease queue: one per job, one per periodic schedule."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    DEAD = "dead", _("Failed for good")
    ABORTED = "aborted", _("Aborted")


class Job(models.Model):
    """One piece of work, queued in the transaction that made it necessary.

    `attempts` counts claims, not failures, so a job that kills its worker is counted too.
    `token` is the fencing token of the present claim; whoever does not hold it cannot finish the job.
    """

    name = models.CharField(max_length=200)
    queue = models.CharField(max_length=60, default="default")
    kwargs = models.JSONField(default=dict)
    key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001 (NULL: any number may be pending)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    priority = models.SmallIntegerField(default=0)
    run_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=5)
    lease_until = models.DateTimeField(null=True, blank=True)
    token = models.UUIDField(null=True, blank=True)
    worker = models.CharField(max_length=100, blank=True, default="")
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "core"
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "key"], condition=Q(state="queued"), name="core_job_one_pending"),
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="core_job_state"),
            models.CheckConstraint(
                condition=Q(state="running", token__isnull=False, lease_until__isnull=False)
                | (~Q(state="running") & Q(token__isnull=True, lease_until__isnull=True)),
                name="core_job_lease_while_running",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["queue", "-priority", "run_at", "id"], condition=Q(state="queued"), name="core_job_due"
            ),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="core_job_leases"),
            models.Index(fields=["name", "key"], condition=Q(state="running"), name="core_job_running_keys"),
            models.Index(fields=["state", "finished_at"], name="core_job_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk} ({self.state})"


class Schedule(models.Model):
    """When a periodic job was last queued. The period is declared beside the job; this row only remembers."""

    name = models.CharField(max_length=200, primary_key=True)
    every_s = models.PositiveIntegerField()
    last_run_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "core"
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")

    def __str__(self) -> str:
        return f"{self.name} every {self.every_s} s"
