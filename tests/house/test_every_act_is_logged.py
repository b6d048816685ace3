"""No write service does without `acting`: read from the sources of every room's `services`.

A service is a public function of `<room>/services.py` or `<room>/services/*.py`. It either reaches an act (its own
`with acting(…)`, or a private function of its room that has one), or it only reads and stands in READS.
"""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from tests.house.drawing import rooms, short, sources, tree_of

READS = {
    "registry": {
        "problems_of": "what still stands in the way of submission",
        "certificate_bundle": "packs what is stored",
        "certificate_content": "what the page of a certificate shows",
        "certificate_picture": "the certificate drawn for a page",
        "verify_address": "an address made from a number",
    },
    "reference": {
        "identify": "answers a question; what is asked is not kept",
        "explain": "keeps a drawing in the write-once vault; the act that uses it names its digest",
        "explanation": "opens a kept drawing",
    },
    "evidence": {"sealing_entry": "the entry that sealed an exhibit"},
    "inspection": {
        "summary_of": "counts rows",
        "waiting_addresses": "counts rows",
    },
    "enforcement": {"clue_by_receipt": "follows a receipt"},
}
HELPERS_OF_ACTS = {
    # public because another module of the room's services calls it, inside that one's act
    "registry": {"open_checklist", "write_check"},
    "enforcement": {"move"},
}
SEVERAL_ACTS = {
    "inspection.run_patrol": "a patrol is long: its start, each capture and its end are acts of their own",
    "enforcement.dispatch_clue": "passing on is one act here and one of the machinery at the other office",
    "enforcement.file_case": "each clue is filed by an act on its own record",
    "enforcement.add_clue": "the clue is filed by an act on its own record",
}
WRITES = {
    "save", "create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "delete", "force_insert",
}  # fmt: skip
ANSWERS_WITH_SERVICES = [
    room for room in rooms() if any("services" in path.stem or "services" in path.parts for path in sources(room))
]


def services(room: str) -> list[Path]:
    return [path for path in sources(room) if path.stem == "services" or path.parent.name == "services"]


def functions(path: Path) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in tree_of(path).body if isinstance(node, ast.FunctionDef)}


def calls(node: ast.AST) -> list[ast.Call]:
    return [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]


def name_of(call: ast.Call) -> str:
    return (
        call.func.id
        if isinstance(call.func, ast.Name)
        else call.func.attr
        if isinstance(call.func, ast.Attribute)
        else ""
    )


def acts(node: ast.AST) -> list[ast.With]:
    """The `with acting(…)` blocks inside a function."""
    blocks = [inner for inner in ast.walk(node) if isinstance(inner, ast.With)]
    opened = {block: [item.context_expr for item in block.items] for block in blocks}
    return [
        block
        for block, doors in opened.items()
        if any(isinstance(door, ast.Call) and name_of(door) == "acting" for door in doors)
    ]


def writes(call: ast.Call) -> bool:
    """A write through Django's models: by the name of the method, or `.update(…)` of a query set."""
    if not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr in WRITES:
        return not (isinstance(call.func.value, ast.Name) and call.func.value.id in {"hashlib", "json"})
    receiver = ast.unparse(call.func.value)
    return call.func.attr == "update" and (".filter(" in receiver or ".exclude(" in receiver or ".objects" in receiver)


@cache
def room_functions(room: str) -> dict[str, list[ast.FunctionDef]]:
    found: dict[str, list[ast.FunctionDef]] = defaultdict(list)
    for path in sources(room):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef):
                found[node.name].append(node)
    return found


@cache
def reaching(room: str) -> set[str]:
    """Names of the room's functions that reach an act."""
    known = room_functions(room)
    reached = {name for name, nodes in known.items() if any(acts(node) for node in nodes)}
    while True:
        more = {
            name for name, nodes in known.items()
            if name not in reached and any(name_of(call) in reached for node in nodes for call in calls(node))
        }  # fmt: skip
        if not more:
            return reached
        reached |= more


def inside_acts(node: ast.FunctionDef) -> set[ast.AST]:
    return {inner for block in acts(node) for part in block.body for inner in ast.walk(part)}


def only_called_inside_acts(room: str) -> set[str]:
    """Private functions that are called nowhere but inside an act, or in another of these."""
    known = room_functions(room)
    places: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for name, nodes in known.items():
        for node in nodes:
            inside = inside_acts(node)
            for call in calls(node):
                if name_of(call) in known:
                    places[name_of(call)].append((name, call in inside))
    safe = set(places)
    while True:
        unsafe = {name for name in safe if not all(is_inside or caller in safe for caller, is_inside in places[name])}
        if not unsafe:
            return safe
        safe -= unsafe


@pytest.mark.parametrize("room", ANSWERS_WITH_SERVICES)
def test_every_service_is_an_act_or_only_reads(room):
    reached, reads, helpers = reaching(room), READS.get(room, {}), HELPERS_OF_ACTS.get(room, set())
    public = {name for path in services(room) for name in functions(path) if not name.startswith("_")}
    assert public - reached - set(reads) - helpers == set(), "neither an act nor known to read only"
    assert set(reads) - public == set(), "READS names what is not there"
    assert helpers - public == set(), "HELPERS_OF_ACTS names what is not there"
    assert set(reads) & reached == set(), "said to read only, but reaches an act"


@pytest.mark.parametrize("room", ANSWERS_WITH_SERVICES)
def test_services_write_only_inside_their_act(room):
    safe = only_called_inside_acts(room)
    outside = []
    for path in services(room):
        for node in functions(path).values():
            inside = inside_acts(node)
            if node.name not in safe:
                outside += [
                    f"{short(path)}:{call.lineno} {node.name}: {ast.unparse(call.func)}"
                    for call in calls(node) if writes(call) and call not in inside
                ]  # fmt: skip
    assert outside == []


@pytest.mark.parametrize("room", ANSWERS_WITH_SERVICES)
def test_a_service_is_one_act(room):
    several = []
    for path in services(room):
        for node in functions(path).values():
            nested = [call for block in acts(node) for part in block.body for call in calls(part)]
            inner = [name_of(call) for call in nested if name_of(call) in reaching(room) or name_of(call) == "acting"]
            if (len(acts(node)) > 1 or inner) and f"{room}.{node.name}" not in SEVERAL_ACTS:
                several.append(f"{short(path)}:{node.lineno} {node.name}: {len(acts(node))} acts, inside them {inner}")
    assert several == []


@pytest.mark.parametrize("room", ANSWERS_WITH_SERVICES)
def test_services_take_the_actor_and_the_record_and_then_names(room):
    """After actor and record everything is passed by name, so that a call reads as a sentence."""
    crowded = [
        f"{short(path)}:{node.lineno} {node.name}"
        for path in services(room)
        for node in functions(path).values()
        if not node.name.startswith("_") and len(node.args.args) > 3
    ]
    assert crowded == []


def test_nothing_outside_the_ledger_imports_its_tables_to_write_them():
    writers = [
        f"{short(path)}:{call.lineno}"
        for path in sources()
        if path.parent.name != "core"
        for call in calls(tree_of(path))
        if writes(call)
        and ast.unparse(call.func).split(".")[0] in {"Entry", "LedgerHead", "Node", "LedgerSecret", "Checkpoint"}
    ]
    assert writers == []


def test_the_roof_performs_no_act_of_its_own():
    """Pages and commands ask the rooms' services; an act that stands in `web` is in the wrong room."""
    own = [f"{short(path)}:{block.lineno}" for path in sources("web") for block in acts(tree_of(path))]
    assert own == []
