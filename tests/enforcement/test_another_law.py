"""Another country's law pack, with fewer clocks and other articles, carries a case to its end as well."""

import pytest

from copyhold.core import clock
from copyhold.enforcement import services
from copyhold.enforcement.law import pack_of
from copyhold.jurisdictions import load


@pytest.fixture
def other_law(settings):
    settings.COPYHOLD_LAW_PACK = "xx"
    return load("xx", clock.today())


def test_a_case_under_the_generic_law(other_law, desk):
    people = desk.people
    case = desk.case(act=other_law.acts[0].code)
    assert str(pack_of(case)) == str(other_law)
    notice = services.draft_notice(
        people.officer, case, addressee=people.mall, rule=other_law.notice_rules[0].code, urls=["http://a.example/1"]
    )
    services.serve_notice(people.officer, notice)
    services.investigate_case(people.officer, case)
    services.give_prior_notice(people.officer, case, text="A warning is proposed.")
    services.record_statement(people.officer, case, text="No objection.", waives=True)
    services.send_to_review(people.officer, case)
    services.review_case(people.legal, case, opinion="Agreed.", passes=True)
    services.decide_case(people.head, case, decision="A warning is given.")
    assert case.documents.count() == 4
    assert [facts["law_pack"] for facts in services.clocks_of(case, clock.now())] == [str(other_law)] * 2


def test_a_case_keeps_the_law_of_its_day(desk, settings):
    case = desk.case()
    settings.COPYHOLD_LAW_PACK = "xx"
    assert pack_of(case).code == "cn"
    assert services.draft_notice(
        desk.people.officer, case, addressee=desk.people.mall, rule="ecommerce", urls=["http://a.example/1"]
    )
