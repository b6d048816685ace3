"""Translations of each room: `update` the .po files, `compile` them, `check` that nothing is missing or stale.

Messages are marked with gettext's usual names in Python (gettext_noop in the cellar) and in templates. Page prose
does not pass here: it stands in both languages side by side, in {% t "English" "中文" %}.
"""

from __future__ import annotations

import io
import string
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOMS = Path(__file__).resolve().parents[1] / "src" / "copyhold"
PLACE = Path("locale/zh_Hans/LC_MESSAGES")
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2), "ngettext": (1, 2), "ngettext_lazy": (1, 2),
}  # fmt: skip
FIXED = datetime(2026, 1, 1, tzinfo=UTC)
BEDROCK = "core"  # errors.py stands below every room; its messages are kept here


def wanted(room: Path) -> Catalog:
    """The messages that a room's sources ask for."""
    catalog = Catalog(locale="zh_Hans", project="Copyhold", charset="utf-8")
    sources = [path for path in sorted(room.rglob("*.py")) if "migrations" not in path.parts]
    if room.name == BEDROCK:
        sources.append(ROOMS / "errors.py")
    for path in sources:
        _add(catalog, path, path.read_bytes())
    for path in sorted(room.rglob("templates/**/*.html")):
        _add(catalog, path, templatize(path.read_text(), origin=str(path)).encode())
    return catalog


def _add(catalog: Catalog, path: Path, source: bytes) -> None:
    found = extract("python", io.BytesIO(source), KEYWORDS, options={"encoding": "utf-8"})
    for _line, message, _comments, context in found:
        if message and message != ("",):
            catalog.add(message, locations=[(str(path.relative_to(ROOMS)), "")], context=context)


def kept(room: Path) -> Catalog:
    path = room / PLACE / "django.po"
    if not path.exists():
        return Catalog(locale="zh_Hans", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def update(room: Path) -> None:
    """Rewrite the room's .po: its sources' messages, with the translations that are there."""
    new, old = wanted(room), kept(room)
    for message in new:
        if message.id and (known := old.get(message.id, message.context)):
            message.string, message.flags = known.string, known.flags - {"fuzzy"}
    new.header_comment = f"# Chinese of the room `{room.name}`."
    path = room / PLACE / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, new, omit_header=False, sort_output=True, include_lineno=False, width=110, no_location=False)
    moving = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By')  # else every update would be a change
    lines = [line for line in path.read_text().splitlines() if not line.startswith(moving)]
    path.write_text("\n".join(lines) + "\n")


def compiled(room: Path) -> bytes:
    buffer, catalog = io.BytesIO(), kept(room)
    catalog.creation_date = catalog.revision_date = FIXED  # else the bytes would change every minute
    write_mo(buffer, catalog)
    return buffer.getvalue()


def faults(room: Path) -> list[str]:
    """What is missing, stale or not compiled in a room."""
    new, old = wanted(room), kept(room)
    found = []
    for message in new:
        known = old.get(message.id, message.context) if message.id else message
        if message.id and (known is None or not known.string):
            found.append(f"{room.name}: no Chinese for {message.id!r} ({message.locations[0][0]})")
        elif message.id and isinstance(message.id, str) and _places(message.id) != _places(str(known.string)):
            found.append(f"{room.name}: the {{places}} of {message.id!r} differ in the Chinese")
    found += [
        f"{room.name}: nothing asks for {message.id!r} any more"
        for message in old
        if message.id and new.get(message.id, message.context) is None
    ]
    mo = room / PLACE / "django.mo"
    if (room / PLACE / "django.po").exists() and (not mo.exists() or mo.read_bytes() != compiled(room)):
        found.append(f"{room.name}: django.mo is not what django.po says; run tools/translations.py compile")
    return found


def _places(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return set()


def main(verb: str) -> int:
    settings.configure(USE_I18N=True)
    rooms = [room for room in sorted(ROOMS.iterdir()) if (room / "__init__.py").exists()]
    if verb == "update":
        for room in rooms:
            if len(wanted(room)) or (room / PLACE).exists():
                update(room)
    if verb in {"update", "compile"}:
        for room in rooms:
            if (room / PLACE / "django.po").exists():
                (room / PLACE / "django.mo").write_bytes(compiled(room))
    found = [fault for room in rooms for fault in faults(room)] if verb == "check" else []
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else "check"))
