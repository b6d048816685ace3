"""Pages of the developers' reference, written from the code: `write` them, or `check` that they are not stale.

Settings, commands, permissions, lifecycles, events and error codes are stated once, in the code. What docs/developers/
says about them, and the table of labels in GLOSSARY.md, is generated here, so it cannot lie for longer than one run
of the tests.
"""

from __future__ import annotations

import ast
import importlib
import os
import pkgutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "src" / "copyhold"
PLACE = ROOT / "docs" / "developers"
GLOSSARY = ROOT / "GLOSSARY.md"
GLOSSARY_MARK = "<!-- From here on written by tools/reference.py -->\n"
WRITTEN = (
    "<!-- Written by tools/reference.py from the code. Do not edit: run `python tools/reference.py write`. -->\n\n"
)
ROOMS_WITH_LABELS = ("people", "registry", "inspection", "enforcement")


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ").strip()


def settings() -> str:
    """Every knob of web.config."""
    from copyhold.web import config

    rows = [
        (f"`{config.PREFIX}{knob.name.upper()}`", f"`{knob.default}`" if knob.default else "", knob.metadata["doc"])
        for knob in fields(config.Config)
    ]
    outside = ", ".join(f"`{name}`" for name in sorted(config.ENVIRONMENT_OUTSIDE))
    return (
        "# Settings\n\nEnvironment variables, read once at start by `copyhold.web.config`. A variable that begins with "
        f"`{config.PREFIX}` and does not stand here stops the start. "
        "Constants of algorithms are code, never settings.\n\n"
        + table(("Variable", "Default", "What it does"), rows)
        + f"\n{outside}: address of a PostgreSQL server, `postgresql://user:password@host:5432/database`. Without it "
        "the office starts its own PostgreSQL under `<home>/database`.\n"
    )


def permissions() -> str:
    """The matrix of people.permissions, room by room."""
    from copyhold.people.permissions import matrix
    from copyhold.people.roles import Role

    order = [str(role) for role in Role]
    by_scope: dict[str, str] = {}
    rows = []
    for permission in matrix():
        scope = permission.scope
        name = f"{scope.__module__.split('.')[1]}.{scope.__name__}"
        by_scope[name] = " ".join((scope.__doc__ or "").split())
        roles = "everyone" if permission.roles == set(order) else ", ".join(r for r in order if r in permission.roles)
        rows.append((f"`{permission.action}`", roles, f"`{name}`"))
    scopes = [(f"`{name}`", words or "as its name says") for name, words in sorted(by_scope.items())]
    return (
        "# Permissions\n\nWho may perform which act, and on whose records. Each room states its acts once, in its "
        "`permissions.py`; `people.permissions.check` is the gate of every act and the guard of every page. The role "
        "`system` is the office’s own machinery and is bound by no scope.\n\n"
        + table(("Act", "Roles", "Scope"), rows)
        + "\n## Scopes\n\n"
        + table(("Scope", "Admits"), scopes)
    )


def lifecycles() -> str:
    """Every table of core.lifecycle, drawn."""
    from copyhold.core.lifecycle import lifecycles as known
    from copyhold.people.permissions import matrix

    roles = {permission.action: sorted(permission.roles) for permission in matrix()}
    head = (
        "# Lifecycles\n\nOne table in a room’s `lifecycle.py` gives the guard, the buttons, the permissions, this "
        "drawing and the fitness test.\n"
    )
    parts = [head]
    for lifecycle in sorted(known(), key=lambda one: one.name):
        rows = [
            (f"`{lifecycle.name}.{step.action}`", str(step.label), ", ".join(step.sources), step.target,
             ", ".join(roles.get(f"{lifecycle.name}.{step.action}", [])))
            for step in lifecycle.transitions
        ]  # fmt: skip
        parts.append(
            f"\n## {lifecycle.name}\n\n```mermaid\n{lifecycle.mermaid()}\n```\n\n"
            + table(("Act", "Button", "From", "To", "Roles"), rows)
        )
    return "".join(parts)


def commands() -> str:
    """Every command, with its arguments and options as it states them itself."""
    import click

    from copyhold.web.cli import COMMANDS, Rooms

    parts = ["# Commands\n\n`copyhold --help` lists them; `copyhold COMMAND --help` says the same as this page.\n\n"]
    parts.append(
        table(("Command", "What it does"), [(f"`copyhold {name}`", text) for name, (_, text) in COMMANDS.items()])
    )
    group = Rooms(name="copyhold")
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None  # noqa: S101 - it stands in COMMANDS
        parts += _command(command, f"copyhold {name}")
    return "".join(parts)


def _command(command: Any, path: str) -> Iterator[str]:
    import click

    context = click.Context(command, info_name=path, terminal_width=100)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    options = [record for option in command.get_params(context) if (record := option.get_help_record(context))]
    words = "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    yield f"\n## `{path}`\n\n```\n{usage}\n```\n\n{words}\n"
    yield "\n" + table(("Option", "Meaning"), [(f"`{flags}`", meaning) for flags, meaning in options])
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from _command(inner, f"{path} {name}")


def events() -> str:
    """Who announces what, and which jobs follow; and the jobs that run by the clock."""
    from copyhold.core.jobs import declared, subscribers

    announced = announcements()
    rows = []
    for event in sorted(announced):
        where = ", ".join(f"`{place}`" for place in sorted(announced[event]["places"]))
        facts = ", ".join(f"`{fact}`" for fact in sorted(announced[event]["facts"]))
        follow = ", ".join(f"`{name.removeprefix('copyhold.')}`" for name in subscribers(event)) or "none yet"
        rows.append((f"`{event}`", where, facts, follow))
    periodic = [
        (f"`{name.removeprefix('copyhold.')}`", f"{task.every_s} s", (task.func.__doc__ or "").strip().split("\n")[0])
        for name, task in sorted(declared().items())
        if task.every_s is not None and name.startswith("copyhold.")
    ]
    return (
        "# Events and jobs\n\nNews travels upward only: an act announces an event, and one job for each subscriber is "
        "queued in the act’s own transaction. A room above subscribes with `@on(event)` above `@job(…)`.\n\n"
        + table(("Event", "Announced by", "Facts", "Jobs that follow"), rows)
        + "\n## By the clock\n\n"
        + table(("Job", "Every", "What it does"), periodic)
    )


def announcements() -> dict[str, dict[str, set[str]]]:
    """event → the places that announce it, and the names of its facts; read from the sources."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: {"places": set(), "facts": set()})
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if not (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "announce"
            ):
                continue
            if node.args and isinstance(node.args[0], ast.Constant):
                entry = found[node.args[0].value]
                entry["places"].add(_module(path).removeprefix("copyhold."))
                entry["facts"] |= {keyword.arg for keyword in node.keywords if keyword.arg}
    return dict(found)


def errors() -> str:
    """Every error with its stable code, and the codes that single places give."""
    rows = sorted((kind.code, kind) for kind in error_classes())
    listed = [
        (f"`{code}`", f"`{kind.__module__.removeprefix('copyhold.')}.{kind.__name__}`", _answer(kind), kind.message)
        for code, kind in rows
    ]
    narrow = [(f"`{code}`", f"`{place}`") for code, place in sorted(narrower_codes())]
    return (
        "# Errors\n\nOne tree, `copyhold.errors`. A code is stable: programs may rely on it; the words may change. "
        "Places in `{braces}` are filled in.\n\n"
        + table(("Code", "Class", "HTTP", "Message"), listed)
        + "\n## Narrower codes\n\nGiven in one place each, under the class that is raised there.\n\n"
        + table(("Code", "Where"), narrow)
    )


def error_classes() -> set[Any]:
    """CopyholdError and everything below it, in every module."""
    import copyhold
    from copyhold.errors import CopyholdError

    for module in pkgutil.walk_packages(copyhold.__path__, "copyhold."):
        if not {"migrations", "__main__", "wsgi"} & set(module.name.split(".")):
            importlib.import_module(module.name)
    found, open_ = set(), [CopyholdError]
    while open_:
        kind = open_.pop()
        if kind not in found and kind.__module__.startswith("copyhold."):
            found.add(kind)
            open_ += kind.__subclasses__()
    return found


def narrower_codes() -> set[tuple[str, str]]:
    """(code, module) of each `raise Something(…, code="…")`."""
    return {
        (keyword.value.value, _module(path).removeprefix("copyhold."))
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
        for keyword in node.exc.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    }


def _answer(kind: Any) -> str:
    from copyhold import errors as tree

    answers = {tree.BadInput: 400, tree.Forbidden: 403, tree.NotFound: 404, tree.Conflict: 409, tree.Unavailable: 503}
    return str(next((status for base, status in answers.items() if issubclass(kind, base)), 500))


def labels() -> str:
    """The words on pills, buttons and role badges in both languages: the last part of the glossary."""
    from copyhold.core.lifecycle import lifecycles as known
    from copyhold.people.roles import Role

    chinese = _chinese()
    rows: list[tuple[str, str, str]] = [("role", str(role.label), chinese.get(str(role.label), "")) for role in Role]
    for lifecycle in sorted(known(), key=lambda one: one.name):
        for kind, parts in (("state", lifecycle.states), ("button", lifecycle.transitions)):
            rows += [(f"{kind} of {lifecycle.name}", str(one.label), chinese.get(str(one.label), "")) for one in parts]
    seen = dict.fromkeys((english.rstrip("…"), zh.rstrip("…"), where) for where, english, zh in rows)
    return "\n## Labels: roles, states, buttons\n\n" + table(("English", "中文", "Where"), seen)


def _chinese() -> dict[str, str]:
    from babel.messages.pofile import read_po

    words: dict[str, str] = {}
    for room in ROOMS_WITH_LABELS:
        path = SOURCES / room / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
        if path.exists():
            with path.open("rb") as file:
                words |= {str(message.id): str(message.string) for message in read_po(file, locale="zh_Hans")}
    return words


def sources() -> list[Path]:
    return [path for path in sorted(SOURCES.rglob("*.py")) if "migrations" not in path.parts]


def _module(path: Path) -> str:
    parts = path.relative_to(SOURCES.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings,
    "permissions.md": permissions,
    "lifecycles.md": lifecycles,
    "commands.md": commands,
    "events.md": events,
    "errors.md": errors,
}


def documents() -> Iterator[tuple[Path, str]]:
    """Every generated document as it should stand. Django must be set up."""
    from django.utils import translation

    with translation.override("en"):
        for name, page in PAGES.items():
            yield PLACE / name, WRITTEN + page()
        by_hand = GLOSSARY.read_text().partition(GLOSSARY_MARK)[0]
        yield GLOSSARY, by_hand + GLOSSARY_MARK + labels()


def stale() -> list[str]:
    """Names of the documents that do not say what the code says."""
    return [str(path.relative_to(ROOT)) for path, text in documents() if not path.exists() or path.read_text() != text]


def main(verb: str) -> int:
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"COPYHOLD_HOME": home, "DATABASE_URL": "postgresql:///none"}  # nothing here asks the database
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "copyhold.web.settings")
        import django

        django.setup()
        if verb == "write":
            PLACE.mkdir(parents=True, exist_ok=True)
            for path, text in documents():
                path.write_text(text)
        found = stale()
    for name in found:
        print(f"{name} is stale: run python tools/reference.py write")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else "check"))
