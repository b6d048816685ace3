"""Every address is named, guarded, and its guard is a permission that some room granted."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import get_resolver

from copyhold.people import permissions
from copyhold.people.roles import Role
from copyhold.registry.models import Work
from copyhold.web import rail
from copyhold.web.access import ACCESS, PUBLIC, SIGNED_IN


def names() -> set[str]:
    return {pattern.name for pattern in get_resolver().url_patterns}


def test_every_url_is_named_and_stands_in_the_matrix():
    assert None not in names()
    assert names() == set(ACCESS)


def test_every_action_of_the_matrix_is_granted_by_a_room():
    granted = {permission.action for permission in permissions.matrix()}
    assert set(ACCESS.values()) - {PUBLIC, SIGNED_IN} <= granted


def test_every_line_of_the_rail_leads_somewhere_its_roles_may_go():
    matrix = {permission.action: permission.roles for permission in permissions.matrix()}
    for line in [*rail.WAITING, *rail.ROOMS]:
        action = ACCESS[line.url_name]
        assert action in {PUBLIC, SIGNED_IN} or {str(role) for role in line.roles} <= matrix[action], line.url_name
    assert set(rail.DESKS.values()) <= set(ACCESS)


@pytest.mark.parametrize("url", ["/applications/", "/applications/new/", "/desk/", "/applications/A-1/"])
def test_a_visitor_is_asked_to_sign_in_and_comes_back(url: str, people: SimpleNamespace):
    answer = Client().get(url)
    assert answer.status_code == 302
    assert answer["Location"] == f"/sign-in/?next={url}"


@pytest.mark.parametrize("role", ["examiner", "officer", "head", "headquarters", "platform"])
def test_others_may_not_apply(role: str, people: SimpleNamespace, enter: Callable[..., Client]):
    assert enter(getattr(people, role)).get("/applications/new/").status_code == 403


def test_an_applicant_does_not_see_anothers_application(
    people: SimpleNamespace, work: Work, enter: Callable[..., Client]
):
    url = f"/applications/{work.application.number}/"
    assert enter(people.holder).get(url).status_code == 200
    assert enter(people.other_holder).get(url).status_code == 404


def test_an_expired_membership_opens_nothing(people: SimpleNamespace, enter: Callable[..., Client]):
    client = enter(people.holder)
    people.holder.account.memberships.update(valid_to="2020-01-01")
    assert client.get("/applications/").status_code == 302


def test_the_matrix_knows_all_roles():
    assert {role for permission in permissions.matrix() for role in permission.roles} <= {str(role) for role in Role}
