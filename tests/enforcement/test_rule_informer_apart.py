"""Who reports stands apart: in no ledger entry, no clue, no case; opened by the head only, erasable."""

import json
import re

import pytest
from django.core import serializers

from copyhold.core.ledger import acts_of
from copyhold.core.models import Entry
from copyhold.enforcement import services
from copyhold.enforcement.errors import BadField, NoDesk
from copyhold.enforcement.models import Clue, Informer
from copyhold.errors import Forbidden, NotFound
from copyhold.people.models import Account, Membership, Organisation

NAME, CONTACT = "举报人某甲", "13900000000"
REPORT = {"title": "盐沼夜鹭", "text": "在卖手机壳。", "url": "https://mall.halfmoon.example/item/7"}


@pytest.fixture
def reported(people):
    return services.report_publicly(**REPORT, name=NAME, contact=CONTACT)


def test_a_report_becomes_a_clue_with_a_receipt(people, reported):
    clue, receipt = reported
    assert (clue.origin, clue.office, clue.platform) == ("report", people.corps, people.mall)
    assert re.fullmatch(r"R(-[0-9A-Z]{4}){4}", receipt)
    assert services.clue_by_receipt(receipt.lower()) == clue


def test_a_report_that_names_a_registration_finds_its_work(desk):
    work = desk.work()
    clue, _ = services.report_publicly(**{**REPORT, "title": f"{work.number} {work.title}"})
    assert clue.work == work


def test_name_and_contact_are_in_no_entry_and_no_clue(people, reported):
    clue, _ = reported
    services.accept_clue(people.officer, clue)
    informer = services.open_informer(people.head, clue, reason="核实情况")
    assert (informer.name, informer.contact) == (NAME, CONTACT)
    everything = b"".join(bytes(entry.body) for entry in Entry.objects.all()).decode()
    everything += json.dumps(list(Entry.objects.values_list("detail", flat=True)), ensure_ascii=False)
    everything += serializers.serialize("json", Clue.objects.all(), ensure_ascii=False)
    assert NAME not in everything
    assert CONTACT not in everything
    assert "informer.open" in acts_of(clue).values_list("action", flat=True)


@pytest.mark.parametrize("who", ["officer", "legal", "headquarters", "platform", "examiner", "holder"])
def test_only_the_head_sees_who_reported(people, reported, who):
    with pytest.raises(Forbidden):
        services.open_informer(getattr(people, who), reported[0], reason="好奇")


def test_erased_is_erased_and_the_receipt_still_follows(people, reported):
    clue, receipt = reported
    services.erase_informer(people.head, clue)
    assert not Informer.objects.exclude(name="", contact="").exists()
    assert services.clue_by_receipt(receipt) == clue


def test_without_a_name_it_is_taken_all_the_same(people):
    _, receipt = services.report_publicly(**REPORT)
    assert Informer.objects.get(receipt=receipt).name == ""


@pytest.mark.parametrize("receipt", ["", "R-0000-0000-0000-0000", "x" * 5000, "R-\x00", "举报"])
def test_a_receipt_that_is_none_finds_nothing(people, receipt):
    with pytest.raises(NotFound):
        services.clue_by_receipt(receipt)


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"title": "a" * 301}, {"url": ""}, {"url": "halfmoon"}, {"url": "file:///etc/passwd"},
              {"text": "a\x00"}, {"text": "x" * 20_001}, {"title": "\ud800"}, {"name": "n" * 121},
              {"contact": "c" * 201}, {"url": "http://[bad"}],
)  # fmt: skip
def test_a_report_that_cannot_be_kept_is_refused_whole(people, wrong):
    with pytest.raises(BadField) as refused:
        services.report_publicly(**{**REPORT, **wrong})
    assert refused.value.params["field"] == next(iter(wrong))
    assert not Clue.objects.exists()
    assert not Informer.objects.exists()


def test_without_any_office_a_report_is_answered_and_not_lost(db):
    Membership.objects.all().delete()
    Account.objects.all().delete()
    Organisation.objects.all().delete()
    with pytest.raises(NoDesk):
        services.report_publicly(**REPORT)
