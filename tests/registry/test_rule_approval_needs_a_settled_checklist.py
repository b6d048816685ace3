"""A work is registered when each line of the check-list is passed; a concern is settled with a reason."""

import pytest

from copyhold.errors import BadInput
from copyhold.people.actors import system
from copyhold.registry import rules, services
from copyhold.registry.errors import ChecksOpen

MACHINE = system("reference")


@pytest.mark.parametrize("code", rules.CODES)
@pytest.mark.parametrize("outcome", ["open", "concern", "fail"])
def test_one_line_that_is_not_passed_stops_approval(code, outcome):
    settled = dict.fromkeys(rules.CODES, "pass")
    assert rules.may_approve(settled) == []
    assert rules.may_approve({**settled, code: outcome}) == [code]
    assert rules.may_approve({key: value for key, value in settled.items() if key != code}) == [code]


def test_approval_names_the_open_lines_and_registers_nothing(desk):
    application = desk.accepted()
    with pytest.raises(ChecksOpen) as told:
        services.approve_application(desk.people.examiner, application)
    assert told.value.params["codes"] == ["subject_matter", "nature", "duplicate", "content"]
    application.refresh_from_db()
    assert application.state == "in_examination"


def test_submission_opens_all_lines_and_the_machine_looks_first(desk):
    checks = {check.item: check for check in desk.submitted().checks.all()}
    assert tuple(checks) == rules.CODES
    assert (checks["papers"].outcome, checks["papers"].by) == ("pass", "machine")
    assert (checks["jurisdiction"].outcome, checks["jurisdiction"].by) == ("pass", "machine")
    assert checks["content"].outcome == "open"


def test_whoever_raises_or_settles_a_concern_gives_a_reason(desk):
    application, examiner = desk.accepted(), desk.people.examiner
    with pytest.raises(BadInput):
        services.record_check(examiner, application, item="content", outcome="concern")
    services.record_check(examiner, application, item="content", outcome="concern", note="第 3 页")
    with pytest.raises(BadInput):
        services.record_check(examiner, application, item="content", outcome="pass")
    check = services.record_check(examiner, application, item="content", outcome="pass", note="已核对，系引文")
    assert check.by == examiner.actor_id


def test_a_persons_decision_stands_until_the_machine_brings_something_new(desk):
    application, examiner = desk.accepted(), desk.people.examiner
    found = {"likenesses": ["兰作登字-2024-F-00018204"]}
    services.record_check(MACHINE, application, item="duplicate", outcome="concern", detail=found)
    services.record_check(examiner, application, item="duplicate", outcome="pass", note="系同一作者的系列作品")
    again = services.record_check(MACHINE, application, item="duplicate", outcome="concern", detail=found)
    assert (again.outcome, again.by) == ("pass", examiner.actor_id)
    more = {"likenesses": [*found["likenesses"], "兰作登字-2025-F-00000009"]}
    new = services.record_check(MACHINE, application, item="duplicate", outcome="concern", detail=more)
    assert (new.outcome, new.by) == ("concern", "machine")


def test_a_machine_that_comes_after_the_decision_changes_nothing(desk):
    application = desk.registered().application
    check = services.record_check(MACHINE, application, item="duplicate", outcome="concern", detail={"late": True})
    assert check.outcome == "pass"
    assert application.checks.get(item="duplicate").outcome == "pass"


@pytest.mark.parametrize(("item", "outcome"), [("beauty", "pass"), ("papers", "splendid")])
def test_an_unknown_line_or_outcome_is_bad_input(desk, item, outcome):
    with pytest.raises(BadInput):
        services.record_check(desk.people.examiner, desk.accepted(), item=item, outcome=outcome)
