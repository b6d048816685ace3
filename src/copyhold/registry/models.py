"""The register: applications and what becomes of them. Rules live in rules.py, acts in services.py."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from copyhold.core.append_only import AppendOnly
from copyhold.core.models import Blob, Versioned
from copyhold.people.models import Organisation
from copyhold.registry.lifecycle import APPLICATION, LICENCE, WORK
from copyhold.registry.queries import ApplicationQuerySet, WorkQuerySet


class Titled(models.Model):
    """A title of record and, where the owner gives one, a title in the other language. Never translated by us."""

    title = models.CharField(_("title"), max_length=300)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        is_chinese = (get_language() or "en").startswith("zh")
        return self.title if is_chinese or not self.title_en else self.title_en


class NumberSeries(models.Model):
    """The last number given in a series (kind, registrar, year). Taken under a row lock, so that none is missing."""

    kind = models.CharField(max_length=20)
    registrar = models.CharField(max_length=16, blank=True)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "registrar", "year"], name="series_once")]


class Application(Versioned, Titled):
    """One application to register one work, judged for ever by the law pack of its day."""

    number = models.CharField(max_length=32, unique=True)
    state = models.CharField(max_length=24, default=APPLICATION.initial, choices=APPLICATION.choices, db_index=True)
    applicant = models.ForeignKey(Organisation, models.PROTECT, related_name="applications")
    agent = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="applications_as_agent")
    office = models.ForeignKey(Organisation, models.PROTECT, related_name="applications_here")
    examiner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="applications_examined"
    )
    law_pack = models.CharField(max_length=16)
    law_pack_version = models.CharField(max_length=16)

    category = models.CharField(_("class"), max_length=4, blank=True)  # letter of the law pack
    nature = models.CharField(_("nature of creation"), max_length=32, blank=True)
    completed_on = models.DateField(_("completed on"), null=True, blank=True)
    completed_at_place = models.CharField(_("completed at"), max_length=120, blank=True)
    published_on = models.DateField(_("first published on"), null=True, blank=True)
    published_at_place = models.CharField(_("first published at"), max_length=120, blank=True)
    ownership = models.CharField(_("ownership"), max_length=32, blank=True)
    obtained = models.CharField(_("how the right was obtained"), max_length=32, blank=True)
    rights = models.JSONField(_("rights held"), default=list, blank=True)  # empty: all
    statement = models.TextField(_("statement of originality"), blank=True)
    declared_ai = models.CharField(_("use of AI declared"), max_length=300, blank=True)
    authors = models.JSONField(_("authors"), default=list, blank=True)  # [{"name", "nationality", "signature"}]

    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-started_at"]


class Deposit(models.Model):
    """A copy of the work, as filed: bytes in the vault, type by content. Fixed once the application is submitted."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="deposits")
    blob = models.ForeignKey(Blob, models.PROTECT)
    filename = models.CharField(max_length=200)
    medium = models.CharField(max_length=8)  # image, text, audio …
    media_type = models.CharField(max_length=100)
    filed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["application", "blob"], name="deposit_once_per_application")
        ]


class Check(models.Model):
    """One line of the examiner's check-list: what the machine says, and what the person decides."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("open")
        PASS = "pass", _("passed")
        CONCERN = "concern", _("concern")
        FAIL = "fail", _("not met")

    application = models.ForeignKey(Application, models.CASCADE, related_name="checks")
    item = models.CharField(max_length=32)  # see rules.CHECKLIST
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.OPEN)
    by = models.CharField(max_length=64, blank=True)  # "machine" or an account's actor_id
    note = models.TextField(blank=True)
    detail = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["application", "item"], name="check_once")]
        ordering: ClassVar = ["pk"]


class Letter(AppendOnly, models.Model):
    """What the office wrote to the applicant: acceptance, correction, refusal, withdrawal. Never changed."""

    class Kind(models.TextChoices):
        ACCEPTANCE = "acceptance", _("notice of acceptance")
        CORRECTION = "correction", _("request for correction")
        REFUSAL = "refusal", _("refusal")
        ANSWER = "answer", _("answer to a correction")

    application = models.ForeignKey(Application, models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    ground = models.CharField(max_length=64, blank=True)  # code of the law pack's ground
    article = models.CharField(max_length=200, blank=True)  # citation as printed
    text = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)
    sent_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["sent_at", "pk"]


class Work(Versioned, Titled):
    """A registered work: the record that the public searches. Never deleted; its state tells."""

    number = models.CharField(max_length=64, unique=True)
    application = models.OneToOneField(Application, models.PROTECT, related_name="work")
    state = models.CharField(max_length=24, default=WORK.initial, choices=WORK.choices, db_index=True)
    category = models.CharField(max_length=4, db_index=True)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="works")
    authors = models.JSONField(default=list)
    registrar = models.ForeignKey(Organisation, models.PROTECT, related_name="works_registered")
    registered_on = models.DateField(db_index=True)
    completed_on = models.DateField(null=True)
    published_on = models.DateField(null=True)
    law_pack_version = models.CharField(max_length=16)

    objects = WorkQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-registered_on", "-pk"]


class Annotation(AppendOnly, models.Model):
    """What the office wrote on the record of a work: a dispute, its settlement, the revocation. Never changed."""

    class Kind(models.TextChoices):
        DISPUTE = "dispute", _("dispute noted")
        SETTLE = "settle", _("settlement noted")
        REVOKE = "revoke", _("registration revoked")

    work = models.ForeignKey(Work, models.PROTECT, related_name="annotations")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    ground = models.CharField(max_length=64, blank=True)  # code of the law pack's ground
    article = models.CharField(max_length=200, blank=True)  # citation as printed
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "pk"]


class Issuance(AppendOnly, models.Model):
    """First half of issuing: the number is taken and the exact bytes to be signed are stored. See docs of services."""

    work = models.ForeignKey(Work, models.PROTECT, related_name="issuances")
    kind = models.CharField(max_length=16, default="original")  # original, replacement
    credential = models.BinaryField()  # canonical bytes of the unsigned credential
    pdf = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["work"], condition=models.Q(kind="original"), name="issuance_original_once")
        ]


class Certificate(AppendOnly, models.Model):
    """Second half: the signed certificate. One register record, many renderings, each with digest and proof."""

    issuance = models.OneToOneField(Issuance, models.PROTECT, related_name="certificate")
    work = models.ForeignKey(Work, models.PROTECT, related_name="certificates")
    pdf = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    credential = models.JSONField()  # signed VC 2.0
    entry_number = models.BigIntegerField()  # the ledger entry of issuing, whose `after` is the PDF's digest
    issued_at = models.DateTimeField()


class Licence(Versioned):
    """A recorded licence: which rights, to whom, on which sites, where and how long."""

    number = models.CharField(max_length=32, unique=True)
    work = models.ForeignKey(Work, models.PROTECT, related_name="licences")
    state = models.CharField(max_length=16, default=LICENCE.initial, choices=LICENCE.choices)
    licensee = models.CharField(max_length=200)
    licensee_organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="licences"
    )
    rights = models.JSONField(default=list)  # codes of the law pack, e.g. "network"
    hosts = models.JSONField(default=list)  # named sites; empty: any site of the licensee
    territories = models.JSONField(default=list)  # region or country codes; empty: everywhere
    valid_from = models.DateField()
    valid_to = models.DateField()
    is_exclusive = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(valid_to__gte=models.F("valid_from")), name="licence_period")
        ]
