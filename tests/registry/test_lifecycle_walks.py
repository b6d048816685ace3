"""Whatever is tried in whatever order, an application moves as its table says and in no other way."""

import random

import pytest
from django.db import DatabaseError, connection, transaction

from copyhold.core.lifecycle import ForbiddenTransition
from copyhold.core.models import LedgerHead
from copyhold.people.actors import system
from copyhold.registry import services
from copyhold.registry.jobs import issue_certificate
from copyhold.registry.lifecycle import APPLICATION
from copyhold.registry.models import Annotation, Certificate, Issuance, Letter


def attempts(desk, application):
    people = desk.people
    return {
        "submit": lambda: services.submit_application(people.holder, application),
        "accept": lambda: services.accept_application(people.examiner, application),
        "ask_correction": lambda: services.ask_correction(people.examiner, application, text="请更正。"),
        "answer": lambda: services.answer_correction(people.holder, application, text="已更正。"),
        "approve": lambda: services.approve_application(people.examiner, application),
        "refuse": lambda: services.refuse_application(people.examiner, application, ground="duplicate", text="重复。"),
        "withdraw": lambda: services.withdraw_application(people.holder, application),
        "lapse": lambda: services.lapse_application(system("registry"), application),
    }


@pytest.mark.parametrize("seed", range(8))
def test_a_random_walk_follows_the_table(desk, seed):
    chance = random.Random(seed)
    application = desk.draft()
    for _ in range(14):
        if application.state == "in_examination":
            desk.check_all(application)
        state, size = application.state, LedgerHead.objects.get().size
        # Ends come rarely, so that the walks are long; a lapse before its term is forbidden whatever the state.
        action = chance.choice([*attempts(desk, application), *["submit", "accept", "ask_correction", "answer"] * 3])
        allowed = {transition.action: transition.target for transition in APPLICATION.possible(state)} | {"lapse": None}
        if target := allowed.get(action):
            attempts(desk, application)[action]()
            expected, acts = target, 1
        else:
            with pytest.raises(ForbiddenTransition):
                attempts(desk, application)[action]()
            expected, acts = state, 0
        application.refresh_from_db()
        assert (application.state, LedgerHead.objects.get().size) == (expected, size + acts)


@pytest.mark.parametrize("model", [Letter, Issuance, Certificate, Annotation])
def test_the_database_refuses_to_change_what_was_sent_or_issued(desk, model):
    work = desk.registered()
    issue_certificate.call(work_id=work.pk)
    services.dispute_work(desk.people.examiner, work, text="第三人提出异议。")
    assert model.objects.exists()
    for statement in (f"UPDATE {model._meta.db_table} SET id = id + 1000", f"DELETE FROM {model._meta.db_table}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
