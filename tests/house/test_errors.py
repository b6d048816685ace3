"""One tree of errors: a stable code of its own for each, a message that says what to do, and HTTP only at the edge."""

import ast
from collections import defaultdict

from tests.house.drawing import short, sources, tool, tree_of

from copyhold.errors import BadInput, Conflict, CopyholdError, Forbidden, NotFound, Unavailable

CLASSES = sorted(tool("reference").error_classes(), key=lambda kind: (kind.__module__, kind.__name__))

SIGNALS = {
    "CopyholdError",  # the root itself
    # Inside the guards only: raised deep in a parser, always turned into one of guards.errors before it leaves.
    "BombError", "UndecodableError", "BrokenFrameError", "OverrunError", "LateError", "_LateError", "_EndedError",
}  # fmt: skip


def test_every_error_has_a_code_of_its_own():
    by_code = defaultdict(list)
    for kind in CLASSES:
        assert "code" in vars(kind), f"{kind.__module__}.{kind.__name__} inherits its code"
        by_code[kind.code].append(f"{kind.__module__}.{kind.__name__}")
    assert {code: kinds for code, kinds in by_code.items() if len(kinds) > 1} == {}


def test_narrower_codes_do_not_shadow_a_class():
    codes = {kind.code for kind in CLASSES}
    assert {(code, place) for code, place in tool("reference").narrower_codes() if code in codes} == set()


def test_every_message_is_a_sentence():
    for kind in CLASSES:
        assert kind.message, kind
        is_command = ": copyhold " in kind.message  # ends with what to type
        assert kind.message[-1] in ".…}" or is_command, f"{kind.__name__}: {kind.message!r}"


def test_messages_fill_their_places_from_what_is_passed():
    """str() of an error never fails for want of a place, also when nothing is passed."""
    for kind in CLASSES:
        bare = CopyholdError.__new__(kind)
        CopyholdError.__init__(bare)
        assert str(bare)


def test_every_error_of_ours_stands_in_the_tree():
    """No room raises its own errors beside the tree, so the edge always has an answer."""
    beside = [
        f"{short(path)}:{node.lineno} {node.name}"
        for path in sources()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
        and any(
            ast.unparse(base) in {"Exception", "BaseException", "ValueError", "RuntimeError", "OSError"}
            for base in node.bases
        )
        and node.name not in SIGNALS
    ]
    assert beside == []


def test_the_five_answers_of_the_edge_are_all_there_are():
    assert {kind for kind in CLASSES if CopyholdError in kind.__bases__} >= {
        BadInput,
        Forbidden,
        NotFound,
        Conflict,
        Unavailable,
    }
    odd = [kind.__name__ for kind in CLASSES if CopyholdError in kind.__bases__
           and kind not in {BadInput, Forbidden, NotFound, Conflict, Unavailable}]  # fmt: skip
    assert set(odd) <= {"BrokenRecogniser", "BrokenPackError"}, (
        "answers 500: a defect of the installation, not of a request"
    )
