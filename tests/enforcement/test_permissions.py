"""Officers act on cases they are named in, heads and reviewers in their office, platforms on their own notices."""

import pytest
from tests.conftest import _person

from copyhold.enforcement import services
from copyhold.enforcement.models import Case, Clue, Document, Notice
from copyhold.errors import Forbidden
from copyhold.people.actors import PUBLIC, Actor, system
from copyhold.people.models import Organisation
from copyhold.people.permissions import may
from copyhold.people.roles import Role


def everyone(people):
    actors = {name: actor for name, actor in vars(people).items() if hasattr(actor, "actor_id")}
    return actors | {
        "public": PUBLIC,
        "machine": system("enforcement"),
        "auditor": _person("auditor", Role.AUDITOR, people.office),
        "other_officer": _person("officer9", Role.OFFICER, people.office),
        "other_platform": _person("cloudcup", Role.PLATFORM, other_platform()),
    }


def other_platform():
    return Organisation.objects.get_or_create(code="cloud-cup", defaults={"kind": "platform", "name": "云杯商城"})[0]


OFFICE = {"officer", "second_officer", "head", "legal", "headquarters", "auditor", "machine"}


def who_may(people, action, subject):
    return {name for name, actor in everyone(people).items() if may(actor, action, subject)}


def listed(people, record):
    return {name for name, actor in everyone(people).items() if record in type(record).objects.visible_to(actor)}


@pytest.mark.parametrize("kind", ["clue", "case"])
def test_the_list_and_the_gate_agree(desk, kind):
    record = getattr(desk, kind)()
    assert who_may(desk.people, f"{kind}.read", record) == listed(desk.people, record) == OFFICE


def test_a_platform_sees_what_was_served_on_it_and_no_draft(desk):
    notice = desk.drafted()
    assert who_may(desk.people, "notice.read", notice) == listed(desk.people, notice) == OFFICE
    services.serve_notice(desk.people.officer, notice)
    assert who_may(desk.people, "notice.read", notice) == listed(desk.people, notice) == OFFICE | {"platform"}


def test_a_platform_reads_the_papers_of_its_notice_only(desk):
    case = desk.served().case
    filing, notice = (
        Document.objects.get(case=case, kind="filing"),
        Document.objects.get(case=case, notice__isnull=False),
    )
    assert who_may(desk.people, "document.read", filing) == OFFICE
    assert who_may(desk.people, "document.read", notice) == OFFICE | {"platform"}


def test_who_answers_a_notice(desk):
    notice = desk.served()
    expected = {"officer", "second_officer", "head", "platform"}
    assert who_may(desk.people, "notice.comply", notice) == who_may(desk.people, "notice.answer", notice) == expected


def test_another_platform_records_nothing(desk):
    stranger = _person("cloudcup", Role.PLATFORM, other_platform())
    with pytest.raises(Forbidden):
        services.record_compliance(stranger, desk.served())


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("case.investigate", {"officer", "second_officer", "head"}),
        ("case.give_prior_notice", {"officer", "second_officer", "head"}),
        ("case.record_statement", {"officer", "second_officer", "head"}),
        ("case.review", {"legal"}),
        ("case.return", {"legal", "head"}),
        ("case.decide", {"head"}),
        ("case.refer", {"head"}),
        ("case.drop", {"head"}),
    ],
)
def test_who_takes_each_step_of_a_case(desk, action, expected):
    assert who_may(desk.people, action, desk.case()) - {"machine"} == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("clue.accept", {"officer", "second_officer", "head"}),
        ("clue.file", {"officer", "second_officer", "head"}),
        ("clue.dispatch", {"officer", "second_officer", "head", "headquarters"}),
        ("informer.open", {"head"}),
    ],
)
def test_who_takes_each_step_of_a_clue(desk, action, expected):
    assert who_may(desk.people, action, desk.clue()) - {"machine"} == expected


def test_an_officer_who_is_not_named_does_not_act(desk):
    third = _person("officer3", Role.OFFICER, desk.people.corps)
    case = desk.case()
    assert may(third, "case.read", case)
    with pytest.raises(Forbidden):
        services.investigate_case(third, case)
    with pytest.raises(Forbidden):
        services.draft_notice(third, case, addressee=desk.people.mall, rule="civil", urls=["http://a.example/1"])


def test_nobody_files_for_another_office(desk):
    foreign = Actor(role=Role.HEAD, account=desk.people.head.account, organisation=desk.people.office)
    with pytest.raises(Forbidden):
        services.file_case(foreign, clues=[desk.clue()], title="案", officers=desk.officers)
    assert not Case.objects.exists()


def test_nobody_enters_a_clue_for_another_office(desk):
    with pytest.raises(Forbidden):
        desk.clue(office=desk.people.office)
    assert not Clue.objects.exists()


def test_the_public_reports_and_does_nothing_else(desk):
    notice = desk.served()
    assert may(PUBLIC, "clue.report")
    with pytest.raises(Forbidden):
        services.record_answer(PUBLIC, notice, answer="声明。")
    assert Notice.objects.visible_to(PUBLIC).count() == 0
