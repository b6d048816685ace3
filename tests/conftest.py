"""What every test may use: the office of Lanting with its people, a small real setting."""

from types import SimpleNamespace

import pytest

from copyhold.people.actors import Actor
from copyhold.people.models import Account, Organisation, Region
from copyhold.people.roles import Role


def _person(login: str, role: Role, organisation: Organisation) -> Actor:
    account, _ = Account.objects.get_or_create(login=login, defaults={"display_name": login})
    account.memberships.get_or_create(organisation=organisation, role=role)
    return Actor(role=role, account=account, organisation=organisation)


def furnish() -> SimpleNamespace:
    """A province with its office, corps, two right holders, an agent and a platform, and one person in each role."""
    region, _ = Region.objects.get_or_create(
        code="LT", defaults={"name": "兰汀省", "name_en": "Lanting", "level": Region.Level.PROVINCIAL}
    )
    kind = Organisation.Kind

    def organisation(code: str, kind: str, name: str, name_en: str, **more: object) -> Organisation:
        return Organisation.objects.get_or_create(
            code=code, defaults={"kind": kind, "name": name, "name_en": name_en, "region": region, **more}
        )[0]

    office = organisation(
        "lanting-office", kind.ADMINISTRATION, "兰汀省版权局", "Lanting Copyright Office", registrar_prefix="兰"
    )
    corps = organisation(
        "lanting-corps", kind.ENFORCEMENT_CORPS, "兰汀省执法总队", "Lanting Enforcement Corps", parent=office
    )
    reedbank = organisation("reedbank", kind.RIGHT_HOLDER, "苇岸工作室", "Reedbank Studio")
    whiteelm = organisation("white-elm", kind.RIGHT_HOLDER, "白榆书局", "White Elm Press", hosts=["whiteelm.example"])
    agent = organisation("plain-seal", kind.AGENT, "素印知识产权", "Plain Seal IP")
    mall = organisation("halfmoon", kind.PLATFORM, "半月商城", "Halfmoon Mall", hosts=["mall.halfmoon.example"])
    return SimpleNamespace(
        region=region, office=office, corps=corps, reedbank=reedbank, whiteelm=whiteelm, agent_firm=agent, mall=mall,
        holder=_person("reedbank", Role.RIGHT_HOLDER, reedbank),
        other_holder=_person("whiteelm", Role.RIGHT_HOLDER, whiteelm),
        agent=_person("agent", Role.AGENT, agent),
        examiner=_person("examiner", Role.EXAMINER, office),
        second_examiner=_person("examiner2", Role.EXAMINER, office),
        chief=_person("chief", Role.CHIEF_EXAMINER, office),
        officer=_person("officer", Role.OFFICER, corps),
        second_officer=_person("officer2", Role.OFFICER, corps),
        head=_person("head", Role.HEAD, corps),
        legal=_person("legal", Role.LEGAL_REVIEWER, corps),
        headquarters=_person("hq", Role.HEADQUARTERS, office),
        platform=_person("halfmoon", Role.PLATFORM, mall),
    )  # fmt: skip


@pytest.fixture
def people(db: None) -> SimpleNamespace:
    return furnish()


@pytest.fixture
def people_committed(transactional_db: None) -> SimpleNamespace:
    """The same, visible to other connections: for tests of concurrency and of jobs in other processes."""
    return furnish()


@pytest.fixture(scope="session", autouse=True)
def _flush_past_the_triggers() -> None:
    """Emptying the tables after a test that commits: the append-only triggers would rightly refuse the TRUNCATE.

    Only here, and only as the database's superuser, they are put aside for the length of that statement.
    """
    from django.db.backends.postgresql.operations import DatabaseOperations

    stock = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: object, **kwargs: object) -> list[str]:
        statements = stock(self, *args, **kwargs)
        aside = "SET session_replication_role = replica", "SET session_replication_role = DEFAULT"
        head = "INSERT INTO core_ledgerhead (id, size) VALUES (1, 0)"  # the migration's one row, for whoever comes next
        return [aside[0], *statements, aside[1], head] if statements else []

    DatabaseOperations.sql_flush = sql_flush
