"""A legal review that passed stands before every decision, and who investigates does not review."""

import pytest

from copyhold.core import clock
from copyhold.core.lifecycle import ForbiddenTransition
from copyhold.enforcement import services
from copyhold.enforcement.errors import NoLegalReview, ReviewedByInvestigator
from copyhold.enforcement.facts import obstacles_to_decision
from copyhold.errors import Forbidden
from copyhold.people.actors import Actor
from copyhold.people.roles import Role


def test_without_a_review_there_is_no_decision(desk):
    case = desk.legal_review()
    with pytest.raises(NoLegalReview):
        services.decide_case(desk.people.head, case, decision="责令停止。")


def test_a_review_that_did_not_pass_stops_the_decision(desk):
    case = services.review_case(desk.people.legal, desk.legal_review(), opinion="证据不足。", passes=False)
    with pytest.raises(NoLegalReview):
        services.decide_case(desk.people.head, case, decision="责令停止。")


def test_an_officer_of_the_case_who_is_also_a_reviewer_does_not_review_it(desk):
    account = desk.people.officer.account
    account.memberships.create(organisation=desk.people.corps, role=Role.LEGAL_REVIEWER)
    both = Actor(role=Role.LEGAL_REVIEWER, account=account, organisation=desk.people.corps)
    case = desk.legal_review()
    with pytest.raises(ReviewedByInvestigator):
        services.review_case(both, case, opinion="同意。", passes=True)
    assert not case.has_passed_review


@pytest.mark.parametrize("who", ["officer", "head", "headquarters", "platform"])
def test_only_a_legal_reviewer_reviews(desk, who):
    with pytest.raises(Forbidden):
        services.review_case(getattr(desk.people, who), desk.legal_review(), opinion="同意。", passes=True)


def test_a_review_before_its_stage_is_refused(desk):
    with pytest.raises(ForbiddenTransition):
        services.review_case(desk.people.legal, desk.pre_notice(), opinion="同意。", passes=True)


def test_a_returned_case_needs_a_new_review(desk):
    people, case = desk.people, desk.reviewed()
    assert obstacles_to_decision(case, clock.now()) == []
    services.return_case(people.legal, case, reason="补充一处。")
    services.send_to_review(people.officer, case)
    with pytest.raises(NoLegalReview):
        services.decide_case(people.head, case, decision="责令停止。")


def test_what_the_party_says_after_the_review_is_reviewed_too(desk):
    case = desk.reviewed()
    services.record_statement(desk.people.officer, case, text="另有许可合同。")
    with pytest.raises(NoLegalReview):
        services.decide_case(desk.people.head, case, decision="责令停止。")
