"""Clues come from findings once, are passed on with a clue of the other office's own, and open their chain."""

import pytest

from copyhold.core import clock
from copyhold.core.jobs import run_pending
from copyhold.core.jobs.declare import subscribers
from copyhold.core.ledger import acts_of
from copyhold.enforcement import jobs, services
from copyhold.enforcement.chain import chain_of
from copyhold.enforcement.errors import BadField
from copyhold.enforcement.models import Clue
from copyhold.errors import Conflict, NotFound
from copyhold.inspection.services import reject_finding


def test_a_confirmed_finding_makes_one_clue_however_often_it_is_told(desk):
    finding = desk.confirmed()
    run_pending()
    jobs.clue_of_finding.func(finding_id=finding.pk)
    clue = Clue.objects.get()
    assert (clue.finding, clue.origin, clue.url) == (finding, "patrol", finding.match.sighting.page_url)
    assert "copyhold.enforcement.jobs.clue_of_finding" in subscribers("finding.confirmed")
    assert list(acts_of(clue).values_list("actor", "action")) == [("system:enforcement", "clue.receive")]


def test_a_rejected_finding_makes_none(desk):
    reject_finding(desk.people.officer, desk.finding(), reason="另一作品。")
    run_pending()
    assert not Clue.objects.exists()


def test_a_copy_found_in_a_folder_makes_a_clue_without_an_address(desk):
    desk.confirmed(url="folder:/seized/7.jpg")
    run_pending()
    clue = Clue.objects.get()
    assert clue.url == ""
    assert clue.title.endswith("半月商城")


def test_a_rejection_needs_its_reason(desk):
    clue = desk.clue()
    with pytest.raises(BadField):
        services.reject_clue(desk.people.officer, clue, reason="  ")
    clue.refresh_from_db()
    assert clue.state == "received"
    services.reject_clue(desk.people.officer, clue, reason="已过时效。")
    assert clue.reason == "已过时效。"


def test_who_was_second_is_told(desk):
    clue = desk.clue()
    seen = clue.version
    services.accept_clue(desk.people.officer, clue, seen=seen)
    with pytest.raises(Conflict):
        services.reject_clue(desk.people.second_officer, Clue.objects.get(pk=clue.pk), reason="无据。", seen=seen)


def test_passed_on_it_is_the_other_offices_clue_and_keeps_its_finding(desk):
    finding = desk.confirmed()
    run_pending()
    clue = Clue.objects.get()
    sent = services.dispatch_clue(desk.people.officer, clue, office=desk.people.office, reason="属地管辖。")
    assert (clue.state, sent.state, sent.office, sent.origin) == (
        "dispatched",
        "received",
        desk.people.office,
        "transfer",
    )
    assert sent.lead == finding
    assert sent not in Clue.objects.visible_to(desk.people.officer)
    assert acts_of(clue).last().detail["passed_to"] == sent.number


@pytest.mark.parametrize("where", ["corps", "mall", "reedbank"])
def test_it_is_passed_on_to_another_office_only(desk, where):
    with pytest.raises(BadField):
        services.dispatch_clue(desk.people.officer, desk.clue(), office=getattr(desk.people, where))


@pytest.mark.parametrize("wrong", [{"origin": "rumour"}, {"title": ""}, {"url": "nowhere"}, {"text": "\x07"}])
def test_what_cannot_be_used_is_named(desk, wrong):
    with pytest.raises(BadField) as refused:
        desk.clue(**wrong)
    assert refused.value.params["field"] == next(iter(wrong))


def test_a_clue_without_informer_has_none_to_open(desk):
    with pytest.raises(NotFound):
        services.open_informer(desk.people.head, desk.clue(), reason="核实")


def test_a_complainant_is_kept_apart_with_a_receipt(desk):
    clue = desk.clue(informer={"name": "苇岸工作室", "contact": "0755"})
    assert services.clue_by_receipt(clue.informer.receipt) == clue


def test_the_chain_names_what_each_link_opens(desk):
    finding = desk.confirmed()
    run_pending()
    links = chain_of(desk.case(list(Clue.objects.all())))
    work = finding.match.work
    assert [(link.url_name, link.url_arg) for link in links[:5]] == [
        ("work", work.number), ("work", work.number), ("finding", finding.number),
        ("exhibit", finding.exhibit.number), ("finding", finding.number),
    ]  # fmt: skip
    assert links[2].text_en == "no licence on record"
    assert "91%" in links[4].text_zh
    assert all(link.text_en and link.text_zh and link.label_en and link.label_zh for link in links)


def test_the_chain_of_a_complaint_says_what_it_lacks(desk):
    links = chain_of(desk.case([desk.clue(), desk.clue()]))
    assert len(links) == 7
    assert [link.url_name for link in links] == ["", "", "", "", "", "clue", "case"]
    assert links[5].text_en.endswith("and 1 more")
    assert str(clock.today().year) in links[6].text_en
