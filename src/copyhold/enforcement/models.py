from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from copyhold.core.append_only import AppendOnly
from copyhold.core.models import Blob, Versioned
from copyhold.enforcement.lifecycle import CASE, CLUE, NOTICE
from copyhold.enforcement.queries import NoticeQuerySet, OfficeQuerySet
from copyhold.evidence.models import Exhibit
from copyhold.inspection.models import Finding
from copyhold.people.models import Organisation
from copyhold.registry.models import Work


class Case(Versioned):
    """An administrative case: its clocks run by the law pack of the day it was filed."""

    number = models.CharField(max_length=32, unique=True)
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=16, default=CASE.initial, choices=CASE.choices, db_index=True)
    office = models.ForeignKey(Organisation, models.PROTECT, related_name="cases")
    officers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="cases")
    party = models.CharField(max_length=300, blank=True)
    act = models.CharField(max_length=64, blank=True)  # code of the law pack: the item of CL 53
    filed_on = models.DateField()
    state_since = models.DateTimeField()
    law_pack = models.CharField(max_length=16)
    law_pack_version = models.CharField(max_length=16)
    decision = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)  # why it was returned, dropped or referred
    prior_notice_at = models.DateTimeField(null=True, blank=True)  # the last one given: its terms count from here
    statement = models.TextField(blank=True)  # what the party said to it
    stated_at = models.DateTimeField(null=True, blank=True)
    has_waived = models.BooleanField(default=False)  # the party expressly gave up statement and hearing
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="cases_reviewed"
    )
    review = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    has_passed_review = models.BooleanField(default=False)
    quantities = models.JSONField(default=dict, blank=True)  # by the law pack's threshold quantities, e.g. "copies"

    objects = OfficeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-filed_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Clue(Versioned):
    """A lead of any origin, until someone decides what becomes of it."""

    class Origin(models.TextChoices):
        PATROL = "patrol", _("own inspection")
        REPORT = "report", _("report by the public")
        COMPLAINT = "complaint", _("complaint by a right holder")
        TRANSFER = "transfer", _("transfer from another authority")
        CAMPAIGN = "campaign", _("campaign")

    number = models.CharField(max_length=32, unique=True)
    state = models.CharField(max_length=16, default=CLUE.initial, choices=CLUE.choices, db_index=True)
    origin = models.CharField(max_length=12, choices=Origin.choices)
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=2000, blank=True)
    office = models.ForeignKey(Organisation, models.PROTECT, related_name="clues")
    platform = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="clues_about")
    finding = models.OneToOneField(Finding, models.PROTECT, null=True, blank=True, related_name="clue")
    work = models.ForeignKey(Work, models.PROTECT, null=True, blank=True, related_name="clues")
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="clues")
    passed_from = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="passed_to")
    received_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)  # accepted, filed, rejected or passed on
    reason = models.TextField(blank=True)  # why it was not taken up, or passed on
    law_pack = models.CharField(max_length=16)
    law_pack_version = models.CharField(max_length=16)

    objects = OfficeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-received_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def lead(self) -> Finding | None:
        """The finding it rests on, also when another office passed it on."""
        return self.finding or (self.passed_from.lead if self.passed_from else None)


class Informer(models.Model):
    """Who reported, kept apart from the clue: opened by the head only, erasable, never in the ledger."""

    clue = models.OneToOneField(Clue, models.CASCADE, related_name="informer")
    name = models.CharField(max_length=120, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    receipt = models.CharField(max_length=24, unique=True)  # the reporter follows the clue with this, without a name


class CaseExhibit(models.Model):
    case = models.ForeignKey(Case, models.PROTECT, related_name="exhibits")
    exhibit = models.ForeignKey(Exhibit, models.PROTECT, related_name="cases")
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "exhibit"], name="case_exhibit_once")]


class Notice(Versioned):
    """A notice to a platform or a party, with the rule set that gives its term."""

    number = models.CharField(max_length=32, unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="notices")
    addressee = models.ForeignKey(Organisation, models.PROTECT, related_name="notices")
    state = models.CharField(max_length=16, default=NOTICE.initial, choices=NOTICE.choices)
    rule = models.CharField(max_length=64)  # code in the law pack's notice rules
    urls = models.JSONField(default=list)
    drafted_at = models.DateTimeField()
    served_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)  # why it was lifted

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-drafted_at"]

    def __str__(self) -> str:
        return self.number


class Document(AppendOnly, models.Model):
    """A paper of a case: notice, filing approval, report, decision; bytes in the vault."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="documents")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, related_name="documents")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=32)
    title = models.CharField(max_length=200)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "number"], name="document_number_once")]
        ordering: ClassVar = ["-number"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"
