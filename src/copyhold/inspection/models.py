from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from copyhold.core.append_only import AppendOnly
from copyhold.core.models import Blob, Versioned
from copyhold.evidence.models import Exhibit
from copyhold.inspection.lifecycle import FINDING, PATROL
from copyhold.inspection.queries import FindingQuerySet, PatrolQuerySet, TargetQuerySet
from copyhold.people.models import Bilingual, Organisation
from copyhold.reference.models import Fingerprint
from copyhold.registry.models import Work


class Target(Versioned, Bilingual):
    """What is inspected: a site, a list of addresses, a WARC, a folder; with its scope and its manners."""

    number = models.CharField(max_length=32, unique=True)
    source = models.CharField(max_length=16, default="site")  # name of an inspection source
    places = models.JSONField(default=list)  # start addresses, or paths
    hosts = models.JSONField(default=list)  # the patrol never leaves these
    office = models.ForeignKey(Organisation, models.PROTECT, related_name="targets")
    platform = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="targets_run")
    territory = models.CharField(max_length=12, default="CN")
    max_pages = models.PositiveIntegerField(default=500)  # pages; media are bounded as a multiple of it
    max_depth = models.PositiveSmallIntegerField(default=6)
    delay_s = models.FloatField(default=1.0)
    is_active = models.BooleanField(default=True)

    objects = TargetQuerySet.as_manager()


class Patrol(Versioned):
    """One inspection of one target; resumable, because its frontier stands in rows."""

    number = models.CharField(max_length=32, unique=True)
    target = models.ForeignKey(Target, models.PROTECT, related_name="patrols")
    state = models.CharField(max_length=16, default=PATROL.initial, choices=PATROL.choices)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    resumed = models.PositiveSmallIntegerField(default=0)
    summary = models.JSONField(default=dict)  # counts by outcome

    objects = PatrolQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-queued_at"]


class Address(models.Model):
    """One row of the frontier: an address to visit, leased while someone visits it, with its outcome afterwards."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        LEASED = "leased", _("being visited")
        VISITED = "visited", _("visited")
        REFUSED = "refused", _("refused by the guards or the site’s rules")
        FAILED = "failed", _("not reachable")

    patrol = models.ForeignKey(Patrol, models.CASCADE, related_name="addresses")
    url = models.CharField(max_length=2000)
    url_digest = models.CharField(max_length=64)
    shape = models.CharField(max_length=64, default="")  # digest of the address without its figures: see frontier
    found_on = models.CharField(max_length=2000, blank=True)
    kind = models.CharField(max_length=8, default="page")  # page or media
    depth = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    lease_until = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=300, blank=True)  # error code and words, or the HTTP status
    warc_file = models.CharField(max_length=300, blank=True)
    warc_offset = models.BigIntegerField(null=True)
    warc_length = models.BigIntegerField(null=True)
    visited_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["patrol", "url_digest"], name="address_once")]
        indexes: ClassVar = [
            models.Index(fields=["patrol", "state", "depth", "id"]),
            models.Index(fields=["patrol", "kind", "shape"], name="inspection__patrol_kind_shape"),
        ]


class Sighting(AppendOnly, models.Model):
    """Something seen at an address: its digest, its place in the WARC, and what the recogniser said.

    Only what matched goes into the vault as well; all else lies in the patrol's WARC, once.
    """

    patrol = models.ForeignKey(Patrol, models.PROTECT, related_name="sightings")
    page_url = models.CharField(max_length=2000)
    resource_url = models.CharField(max_length=2000)
    medium = models.CharField(max_length=8)
    media_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64, default="")
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="+")
    warc_file = models.CharField(max_length=300, blank=True)
    warc_offset = models.BigIntegerField(null=True)
    warc_length = models.BigIntegerField(null=True)
    captured_at = models.DateTimeField()
    outcome = models.CharField(max_length=24)  # matched, nothing, not_matchable, unreadable
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patrol", "resource_url", "sha256"], name="sighting_once")
        ]
        indexes: ClassVar = [models.Index(fields=["patrol", "sha256", "medium"], name="inspection__patrol_sha_medium")]


class Match(AppendOnly, models.Model):
    """A likeness at a sighting, with the licence check's verdict and its numbered reasons."""

    class Verdict(models.TextChoices):
        FINDING = "finding", _("not covered by a recorded licence")
        LICENSED = "licensed", _("covered by a recorded licence")
        OWN = "own", _("on the owner’s own site")
        EXCLUDED = "excluded", _("left out by a rule")

    sighting = models.ForeignKey(Sighting, models.PROTECT, related_name="matches")
    fingerprint = models.ForeignKey(Fingerprint, models.PROTECT, related_name="+")
    work = models.ForeignKey(Work, models.PROTECT, related_name="matches")
    bits = models.FloatField()
    query_share = models.FloatField()
    work_share = models.FloatField()
    match = models.JSONField()
    explanation = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    reasons = models.JSONField(default=list)  # [{"licence": number|"", "covers": bool, "code": …, "en": …, "zh": …}]

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["sighting", "work"], name="match_once")]


class Finding(Versioned):
    """What an officer judges: a match that no recorded licence covers, with its sealed exhibit."""

    number = models.CharField(max_length=32, unique=True)
    state = models.CharField(max_length=16, default=FINDING.initial, choices=FINDING.choices, db_index=True)
    match = models.OneToOneField(Match, models.PROTECT, related_name="finding")
    exhibit = models.ForeignKey(Exhibit, models.PROTECT, related_name="findings")
    office = models.ForeignKey(Organisation, models.PROTECT, related_name="findings")
    found_at = models.DateTimeField()
    judged_at = models.DateTimeField(null=True)
    judged_by = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-match__bits", "pk"]
