"""The fictional province of Lanting: its offices, right holders, platforms, and one person in each role."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.hashers import make_password

from copyhold.people.actors import Actor
from copyhold.people.models import Account, Organisation, Region
from copyhold.people.roles import Role
from copyhold.web.demonstration.sites import APP, FORUM, MALL, NEWS, OWN

PASSWORD = "copyhold"  # noqa: S105 - the demonstration says it aloud; the office listens on loopback only
Kind = Organisation.Kind

ORGANISATIONS: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
    ("lanting-office", Kind.ADMINISTRATION, "兰汀省版权局", "Lanting Copyright Office",
     {"registrar_prefix": "兰", "address": "兰汀省兰汀市苇岸路 8 号"}),
    ("lanting-corps", Kind.ENFORCEMENT_CORPS, "兰汀省文化市场执法总队", "Lanting Enforcement Corps",
     {"registrar_prefix": "兰"}),
    ("reedbank", Kind.RIGHT_HOLDER, "苇岸工作室", "Reedbank Studio", {}),
    ("far-shore", Kind.RIGHT_HOLDER, "远岸影业", "Far Shore Pictures", {}),
    ("white-elm", Kind.RIGHT_HOLDER, "白榆书局", "White Elm Press", {"hosts": [OWN]}),
    ("luting", Kind.RIGHT_HOLDER, "鹭汀室内乐团", "Luting Chamber Players", {}),
    ("halfmoon", Kind.PLATFORM, "半月商城", "Halfmoon Mall", {"hosts": [MALL]}),
    ("riverside", Kind.PLATFORM, "河岸新闻网", "Riverside News", {"hosts": [NEWS]}),
    ("lantern", Kind.PLATFORM, "灯笼论坛", "Lantern Forum", {"hosts": [FORUM]}),
    ("skyline", Kind.PLATFORM, "天际应用", "Skyline App", {"hosts": [APP]}),
)  # fmt: skip

ACCOUNTS = (
    ("reedbank", "苇岸 · 沈青", Role.RIGHT_HOLDER, "reedbank"),
    ("farshore", "远岸 · 顾洲", Role.RIGHT_HOLDER, "far-shore"),
    ("whiteelm", "白榆 · 林秋水", Role.RIGHT_HOLDER, "white-elm"),
    ("luting", "鹭汀 · 闻弦", Role.RIGHT_HOLDER, "luting"),
    ("examiner", "审查员 0417", Role.EXAMINER, "lanting-office"),
    ("examiner2", "审查员 0422", Role.EXAMINER, "lanting-office"),
    ("chief", "审查组长 0401", Role.CHIEF_EXAMINER, "lanting-office"),
    ("officer", "执法员 2117", Role.OFFICER, "lanting-corps"),
    ("officer2", "执法员 2140", Role.OFFICER, "lanting-corps"),
    ("head", "总队长 2001", Role.HEAD, "lanting-corps"),
    ("legal", "法制审核 2203", Role.LEGAL_REVIEWER, "lanting-corps"),
    ("hq", "省局统计处", Role.HEADQUARTERS, "lanting-office"),
    ("halfmoon", "半月商城合规部", Role.PLATFORM, "halfmoon"),
)


@dataclass(frozen=True)
class Cast:
    """Everyone in the demonstration, by login and by the code of their organisation."""

    def actor(self, login: str) -> Actor:
        membership = (
            Account.objects.get(login=login).memberships.select_related("account", "organisation").order_by("pk")[0]
        )
        return Actor(role=membership.role, account=membership.account, organisation=membership.organisation)

    def organisation(self, code: str) -> Organisation:
        return Organisation.objects.get(code=code)

    def holder(self, code: str) -> Actor:
        """The person who files for a right holder."""
        return next(self.actor(login) for login, _, _, place in ACCOUNTS if place == code)

    @cached_property
    def office(self) -> Organisation:
        return self.organisation("lanting-office")

    @cached_property
    def corps(self) -> Organisation:
        return self.organisation("lanting-corps")


def furnish() -> Cast:
    """Make whatever is missing; what is there stays."""
    region, _ = Region.objects.get_or_create(
        code="LT", defaults={"name": "兰汀省", "name_en": "Lanting", "level": Region.Level.PROVINCIAL}
    )
    for code, kind, name, name_en, more in ORGANISATIONS:
        Organisation.objects.get_or_create(
            code=code, defaults={"kind": kind, "name": name, "name_en": name_en, "region": region, **more}
        )
    secret = None
    for login, name, role, place in ACCOUNTS:
        account = Account.objects.filter(login=login).first()
        if account is None:
            secret = secret or make_password(PASSWORD)  # one hash for all: slow on purpose, and said aloud anyway
            account = Account.objects.create(login=login, display_name=name, password=secret)
        account.memberships.get_or_create(organisation=Organisation.objects.get(code=place), role=role)
    return Cast()
