"""Every act is granted once, every grant is used, and every lifecycle's step is an act that somebody may do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.drawing import short, sources, tree_of

from copyhold.core.lifecycle import lifecycles
from copyhold.people.permissions import matrix
from copyhold.people.roles import Role
from copyhold.web.access import ACCESS

ACTION = re.compile(r"[a-z_]+\.[a-z_]+")


def granted() -> dict[str, frozenset[str]]:
    return {permission.action: permission.roles for permission in matrix()}


def words(path: Path) -> set[str]:
    """Every string that a module writes out, docstrings apart."""
    tree = tree_of(path)
    said = {
        id(body[0].value)
        for node in ast.walk(tree)
        if isinstance(body := getattr(node, "body", None), list) and body
        and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    }  # fmt: skip
    return {
        node.value for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
    }  # fmt: skip


def performed(path: Path) -> Iterator[tuple[int, set[str]]]:
    """(line, possible names) of each `acting(…)`; f"case.{x}" stands for "case." and any of the module's words."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"acting", "ledger.acting"} and len(node.args) > 1:
            action = node.args[1]
            if isinstance(action, ast.Constant):
                yield node.lineno, {action.value}
            elif isinstance(action, ast.JoinedStr) and isinstance(action.values[0], ast.Constant):
                start = action.values[0].value
                yield node.lineno, {start + word for word in words(path)}
            else:
                yield node.lineno, {word for word in words(path) if ACTION.fullmatch(word)}


def test_every_act_that_is_performed_is_granted():
    known = set(granted())
    assert [
        f"{short(path)}:{line} {sorted(names) if len(names) < 3 else '…'}"
        for path in sources()
        for line, names in performed(path)
        if not names & known
    ] == []


def test_every_grant_is_used():
    used = set(ACCESS.values())
    for path in sources():
        if path.name != "permissions.py":
            used |= words(path)
            for _, names in performed(path):
                used |= names
    assert sorted(set(granted()) - used) == []


def test_every_step_of_a_lifecycle_is_granted():
    steps = {f"{lifecycle.name}.{step.action}" for lifecycle in lifecycles() for step in lifecycle.transitions}
    assert sorted(steps - set(granted())) == []


def test_every_step_of_a_lifecycle_is_performed_somewhere():
    performable = {name for path in sources() for _, names in performed(path) for name in names}
    steps = {f"{lifecycle.name}.{step.action}" for lifecycle in lifecycles() for step in lifecycle.transitions}
    assert sorted(steps - performable) == []


def test_every_act_has_somebody_who_may_do_it_and_every_role_exists():
    roles = {str(role) for role in Role}
    assert [action for action, allowed in granted().items() if not allowed or allowed - roles] == []


def test_what_the_public_may_do_is_listed_here_and_is_short():
    """A wider door for everyone must be a decision, not an accident."""
    public = {action for action, allowed in granted().items() if Role.PUBLIC in allowed}
    assert public == {"clue.report", "media.identify"}


def test_examiners_and_applicants_and_reviewers_are_kept_apart():
    allowed = granted()
    for action in ("application.approve", "application.refuse", "application.accept"):
        assert not allowed[action] & {Role.RIGHT_HOLDER, Role.AGENT}, action
    assert allowed["case.review"] == {Role.LEGAL_REVIEWER}
    assert Role.OFFICER not in allowed["case.decide"]
    assert allowed["informer.open"] == {Role.HEAD}


def test_who_sees_which_records_is_decided_below_the_roof():
    """A page asks `visible_to(actor)`; a filter by the actor's office in `web` is a rule in the wrong room."""
    rule = re.compile(r"\.(?:filter|exclude)\([^()]*office=\s*(?:request\.)?actor\.organisation")
    found = []
    for path in sources("web"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if rule.search(line):
                found.append(f"{short(path)}:{number}")
    assert found == []
