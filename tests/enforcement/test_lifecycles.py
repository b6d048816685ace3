"""The tables are the truth: what the services allow in any order of acts is exactly what the tables say."""

from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from tests.conftest import furnish
from tests.enforcement.conftest import Desk

from copyhold.core import clock
from copyhold.core.ledger import acts_of
from copyhold.core.lifecycle import ForbiddenTransition
from copyhold.enforcement import services
from copyhold.enforcement.lifecycle import CASE, CLUE, NOTICE
from copyhold.enforcement.models import Case, Clue, Notice
from copyhold.people.permissions import matrix

LATER = datetime(2040, 1, 1, tzinfo=UTC)


def clue_acts(desk):
    people = desk.people
    return {
        "accept": lambda clue: services.accept_clue(people.officer, clue),
        "reject": lambda clue: services.reject_clue(people.officer, clue, reason="不属于本机关管辖。"),
        "dispatch": lambda clue: services.dispatch_clue(people.officer, clue, office=people.office),
        "file": lambda clue: desk.case([clue]),
    }


def case_acts(desk):
    people = desk.people
    return {
        "investigate": lambda case: services.investigate_case(people.officer, case),
        "give_prior_notice": lambda case: services.give_prior_notice(people.officer, case, text="拟处罚。"),
        "send_to_review": lambda case: services.send_to_review(people.officer, case),
        "return": lambda case: services.return_case(people.legal, case, reason="补充。"),
        "decide": lambda case: services.decide_case(people.head, case, decision="责令停止。"),
        "close": lambda case: services.close_case(people.officer, case),
        "refer": lambda case: services.refer_case(people.head, case, reason="涉嫌犯罪。"),
        "drop": lambda case: services.drop_case(people.head, case, reason="事实不能成立。"),
    }


def notice_acts(desk):
    people = desk.people

    def lapse(notice):
        with clock.frozen(LATER):
            return services.lapse_notice(people.officer, notice)

    return {
        "serve": lambda notice: services.serve_notice(people.officer, notice),
        "comply": lambda notice: services.record_compliance(people.officer, notice),
        "answer": lambda notice: services.record_answer(people.officer, notice, answer="声明。"),
        "lapse": lapse,
        "lift": lambda notice: services.lift_notice(people.officer, notice, reason="误发。"),
    }


TABLES = ((CLUE, clue_acts, Clue), (CASE, case_acts, Case), (NOTICE, notice_acts, Notice))


@pytest.mark.parametrize(("table", "acts", "model"), TABLES)
def test_every_transition_has_its_act_its_permission_and_no_dead_end(people, table, acts, model):
    names = {transition.action for transition in table.transitions}
    assert set(acts(Desk(people))) == names
    assert {f"{table.name}.{name}" for name in names} <= {permission.action for permission in matrix()}
    assert not table.dead_ends()


def walk(people, table, acts, start, prepare):
    """A machine that tries any act in any state and compares with the table, which is its model."""

    class Walk(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.desk = Desk(people)
            self.acts = acts(self.desk)
            self.record = start(self.desk)
            self.expected = table.initial
            self.done = 0

        @precondition(lambda self: self.expected is not None)
        @rule(action=st.sampled_from(sorted(transition.action for transition in table.transitions)))
        def act(self, action):
            target = next(
                (t.target for t in table.transitions if t.action == action and self.expected in t.sources), None
            )
            if target is None:
                with pytest.raises(ForbiddenTransition):
                    self.acts[action](self.record)
            else:
                prepare(self.desk, self.record, action)
                self.acts[action](self.record)
                self.expected, self.done = target, self.done + 1
            self.record.refresh_from_db()

        @invariant()
        def the_row_is_where_the_table_says(self):
            assert self.record.state == self.expected
            told = acts_of(self.record).filter(
                action__in=[f"{table.name}.{transition.action}" for transition in table.transitions]
            )
            assert told.exclude(action="case.file").count() == self.done

    return Walk


def ready_to_decide(desk, case, action):
    """What the law asks for besides the state; without it the refusal is another one (see the rules' own tests)."""
    if action != "decide":
        return
    people = desk.people
    Case.objects.filter(pk=case.pk).update(prior_notice_at=case.prior_notice_at or clock.now())
    services.record_statement(people.officer, case, text="放弃。", waives=True)
    services.review_case(people.legal, case, opinion="同意。", passes=True)


def nothing_more(desk, record, action):
    pass


class Walks(TestCase):
    def run_walk(self, table, acts, start, prepare=nothing_more, examples=8):
        machine = walk(furnish(), table, acts, start, prepare)
        run_state_machine_as_test(
            machine, settings=settings(max_examples=examples, stateful_step_count=14, deadline=None, derandomize=True)
        )

    def test_a_clue_goes_as_its_table_says(self):
        self.run_walk(CLUE, clue_acts, lambda desk: desk.clue())

    def test_a_case_goes_as_its_table_says(self):
        self.run_walk(CASE, case_acts, lambda desk: desk.case(), ready_to_decide, examples=12)

    def test_a_notice_goes_as_its_table_says(self):
        self.run_walk(NOTICE, notice_acts, lambda desk: desk.drafted())
