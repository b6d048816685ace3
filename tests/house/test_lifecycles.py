"""Lifecycles lead somewhere, and a record's column knows exactly the states of its table."""

import pytest
from django.apps import apps

from copyhold.core.lifecycle import ForbiddenTransition, lifecycles

ALL = sorted(lifecycles(), key=lambda one: one.name)
by_name = pytest.mark.parametrize("lifecycle", ALL, ids=lambda one: one.name)


def test_the_house_has_its_lifecycles():
    assert {one.name for one in ALL} >= {
        "application",
        "work",
        "licence",
        "patrol",
        "finding",
        "clue",
        "case",
        "notice",
    }


@by_name
def test_no_dead_ends(lifecycle):
    assert lifecycle.dead_ends() == set()


@by_name
def test_nothing_leaves_a_final_state(lifecycle):
    final = {state.name for state in lifecycle.states if state.is_final}
    assert [step.action for step in lifecycle.transitions if final & set(step.sources)] == []


@by_name
def test_an_end_can_be_reached_from_everywhere(lifecycle):
    ends = {state.name for state in lifecycle.states if state.is_final}
    while True:
        more = {source for step in lifecycle.transitions if step.target in ends for source in step.sources} - ends
        if not more:
            break
        ends |= more
    assert {state.name for state in lifecycle.states} - ends == set()


@by_name
def test_one_action_means_one_step_from_each_state(lifecycle):
    steps = [(source, step.action) for step in lifecycle.transitions for source in step.sources]
    assert len(steps) == len(set(steps))


@by_name
def test_whatever_is_not_drawn_is_refused(lifecycle):
    for state in lifecycle.states:
        possible = {step.action for step in lifecycle.possible(state.name)}
        for action in {step.action for step in lifecycle.transitions} - possible:
            with pytest.raises(ForbiddenTransition):
                lifecycle.after(state.name, action)


@by_name
def test_the_column_of_the_record_starts_where_the_table_starts(lifecycle):
    models = [model for model in apps.get_models() if model.__name__.lower() == lifecycle.name]
    assert len(models) == 1
    field = models[0]._meta.get_field("state")
    assert field.default == lifecycle.initial
    assert {value for value, _ in field.choices} == {state.name for state in lifecycle.states}
