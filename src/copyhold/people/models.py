"""Organisations, regions, accounts and what ties them together."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from copyhold.people.roles import Role


class Bilingual(models.Model):
    """Something with a name of record (Chinese here) and a name for readers of English."""

    name = models.CharField(_("name"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        is_chinese = (get_language() or "en").startswith("zh")
        return self.name if is_chinese or not self.name_en else self.name_en


class Region(Bilingual):
    """An administrative area; the tree carries jurisdiction."""

    class Level(models.TextChoices):
        NATIONAL = "national", _("national")
        PROVINCIAL = "provincial", _("provincial")
        MUNICIPAL = "municipal", _("municipal")
        COUNTY = "county", _("county")

    code = models.CharField(max_length=12, unique=True)
    level = models.CharField(max_length=12, choices=Level.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")


class Organisation(Bilingual):
    """Everyone who acts for something: offices, corps, right holders, agents, platforms, associations."""

    class Kind(models.TextChoices):
        ADMINISTRATION = "administration", _("copyright administration")
        ENFORCEMENT_CORPS = "enforcement_corps", _("enforcement corps")
        RIGHT_HOLDER = "right_holder", _("right holder")
        AGENT = "agent", _("agent")
        PLATFORM = "platform", _("Internet platform")
        ASSOCIATION = "association", _("association")
        PARTNER = "partner", _("police, court or customs")

    code = models.SlugField(max_length=64, unique=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    registrar_prefix = models.CharField(max_length=8, blank=True)
    is_natural_person = models.BooleanField(default=False)
    address = models.CharField(max_length=300, blank=True)
    hosts = models.JSONField(default=list, blank=True)  # a platform's own host names

    @property
    def is_office(self) -> bool:
        return self.kind in {self.Kind.ADMINISTRATION, self.Kind.ENFORCEMENT_CORPS}

    @property
    def public_name(self) -> str:
        """The name as the public register shows it: a natural person is masked to the family name."""
        return mask(str(self)) if self.is_natural_person else str(self)


def mask(name: str) -> str:
    """林秋水 → 林**; Ann Lee → A** L**: enough to recognise oneself, too little to be found by."""
    words = name.split()
    return " ".join(word[:1] + "**" for word in words) if words else ""


class AccountManager(BaseUserManager["Account"]):
    def create_account(self, login: str, password: str | None = None, **fields: Any) -> "Account":
        account = self.model(login=login, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A person who signs in. What they may do comes from their memberships, never from the account."""

    login = models.CharField(_("account"), max_length=80, unique=True)
    display_name = models.CharField(_("name"), max_length=120)
    language = models.CharField(max_length=10, default="zh-hans")
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    objects = AccountManager()

    def __str__(self) -> str:
        return self.display_name


class Membership(models.Model):
    """An account acts for an organisation in a role, for a time."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=32, choices=Role.choices)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "organisation", "role"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.get_role_display()} · {self.organisation}"


class Mandate(models.Model):
    """An agent may act for a right holder until a day."""

    principal = models.ForeignKey(Organisation, models.PROTECT, related_name="mandates_given")
    agent = models.ForeignKey(Organisation, models.PROTECT, related_name="mandates_held")
    valid_to = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(principal=models.F("agent")), name="mandate_is_for_someone_else"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent} → {self.principal}"
