"""The roles of the house, after the table of roles in the domain brief."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    PUBLIC = "public", _("public")
    RIGHT_HOLDER = "right_holder", _("right holder")
    AGENT = "agent", _("agent")
    EXAMINER = "examiner", _("examiner")
    CHIEF_EXAMINER = "chief_examiner", _("chief examiner")
    OFFICER = "officer", _("enforcement officer")
    HEAD = "head", _("head of office")
    LEGAL_REVIEWER = "legal_reviewer", _("legal reviewer")
    HEADQUARTERS = "headquarters", _("headquarters")
    PLATFORM = "platform", _("platform")
    ASSOCIATION = "association", _("association")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")
    SYSTEM = "system", _("the office’s machinery")


STAFF = frozenset(
    {
        Role.EXAMINER, Role.CHIEF_EXAMINER, Role.OFFICER, Role.HEAD, Role.LEGAL_REVIEWER,
        Role.HEADQUARTERS, Role.AUDITOR, Role.ADMINISTRATOR,
    }
)  # fmt: skip
APPLICANTS = frozenset({Role.RIGHT_HOLDER, Role.AGENT})
EXAMINERS = frozenset({Role.EXAMINER, Role.CHIEF_EXAMINER})
ENFORCERS = frozenset({Role.OFFICER, Role.HEAD, Role.LEGAL_REVIEWER})
