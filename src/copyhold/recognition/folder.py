"""An index in a folder, for a right holder: no office, no database.

    <folder>/catalogue.json          number → name, medium, digest, size of each work
    <folder>/fingerprints/<n>.chf    the fingerprints: the truth
    <folder>/<medium>/               segments: a cache of the fingerprints

The catalogue is written before the segments. What a crash kept out of the segments is read from the fingerprints until
the next `add` puts it in. One writer at a time (a lock file says so); any number of readers.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from copyhold.errors import BadInput, Conflict, CopyholdError, NotFound, gettext_noop
from copyhold.recognition.core import Fingerprint, NotMatchable, UnreadableMedia
from copyhold.recognition.extract import match_to_json, parse_extract
from copyhold.recognition.index import LayeredIndex, MemoryIndex
from copyhold.recognition.matching import identify_fingerprints
from copyhold.recognition.segments import SegmentIndex, fsck, write_durably

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    Extractor = Callable[..., bytes]  # as extract.extract: (data, name=, side=) → frame

MOST_FILE_BYTES = 512 << 20
BATCH = 64  # works that become durable together


class NoIndex(NotFound):
    code = "index.missing"
    message = gettext_noop("There is no index in {folder}. Make one with: copyhold index add {folder} FILES")


class NoSuchWork(NotFound):
    code = "index.no_such_work"
    message = gettext_noop("The index holds no work called {name}.")


class LockedIndex(Conflict):
    code = "index.locked"
    message = gettext_noop("Someone else is writing to the index in {folder}. Try again when they are done.")


class BadCatalogue(BadInput):
    code = "index.bad_catalogue"
    message = gettext_noop("The catalogue of the index in {folder} is damaged.")


@dataclass(slots=True)
class Catalogue:
    """Which works there are. `works`: number → {"name", "medium", "sha256", "bytes"}."""

    next: int = 1
    works: dict[int, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Catalogue:
        try:
            stored = json.loads((folder / "catalogue.json").read_bytes())
            return cls(int(stored["next"]), {int(number): dict(work) for number, work in stored["works"].items()})
        except FileNotFoundError as error:
            raise NoIndex(folder=str(folder)) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadCatalogue(folder=str(folder)) from error

    def write(self, folder: Path) -> None:
        content = {"format": 1, "next": self.next, "works": self.works}
        write_durably(folder / "catalogue.json", [json.dumps(content, ensure_ascii=False, indent=1).encode()])

    def numbers(self, medium: str) -> set[int]:
        return {number for number, work in self.works.items() if work["medium"] == medium}

    def named(self, name: str) -> int | None:
        return next((number for number, work in self.works.items() if work["name"] == name), None)


def add(
    folder: Path, files: Iterable[Path], extract: Extractor, progress: Callable[[dict[str, Any]], None] = lambda _: None
) -> dict[str, int]:
    """Enter files (folders: all files in them). An unchanged file is passed by, a changed one replaces its former self

    `progress` gets one row a file: {"file", "status": added|replaced|unchanged|failed, "medium", "error"}.
    Returns how many files had each status. Raises LockedIndex.
    """
    folder.mkdir(parents=True, exist_ok=True)
    counts = dict.fromkeys(("added", "replaced", "unchanged", "failed"), 0)
    with _writing(folder):
        try:
            catalogue = Catalogue.read(folder)
        except NoIndex:
            catalogue = Catalogue()
        _catch_up(folder, catalogue)
        fresh = 0
        own = folder.resolve()
        for path in (path for path in walk(files) if own not in path.resolve().parents):
            row = _add_one(folder, catalogue, path, extract)
            counts[row["status"]] += 1
            progress(row)
            fresh += row["status"] in {"added", "replaced"}
            if fresh == BATCH:
                fresh = _commit(folder, catalogue)
        _commit(folder, catalogue)
    return counts


def _add_one(folder: Path, catalogue: Catalogue, path: Path, extract: Extractor) -> dict[str, Any]:
    row: dict[str, Any] = {"file": str(path), "status": "failed", "medium": None, "error": None}
    try:
        data = read_file(path)
        digest = hashlib.sha256(data).hexdigest()
        earlier = catalogue.named(str(path))
        if earlier is not None and catalogue.works[earlier]["sha256"] == digest:
            return {**row, "status": "unchanged", "medium": catalogue.works[earlier]["medium"]}
        taken = parse_extract(extract(data, name=path.name, side="reference"))
        if taken.reference is None:
            raise NotMatchable(reason=taken.not_matchable or "featureless")
    except CopyholdError as error:
        return {**row, "error": _error(error)}
    number = catalogue.next
    target = _fingerprint_path(folder, number)
    target.parent.mkdir(exist_ok=True)
    write_durably(target, [taken.reference.to_bytes()])
    if earlier is not None:
        del catalogue.works[earlier]
    work = {"name": str(path), "medium": taken.medium, "sha256": digest, "bytes": len(data), **taken.facts}
    catalogue.works[number] = work
    catalogue.next = number + 1
    return {**row, "status": "added" if earlier is None else "replaced", "medium": taken.medium}


def _commit(folder: Path, catalogue: Catalogue) -> int:
    catalogue.write(folder)
    _catch_up(folder, catalogue)
    return 0


def _catch_up(folder: Path, catalogue: Catalogue) -> None:
    """Make the segments hold exactly the works of the catalogue."""
    for medium in {*(work["medium"] for work in catalogue.works.values()), *media(folder)}:
        segments = SegmentIndex(folder / medium)
        present, wanted = set(segments.works().tolist()), catalogue.numbers(medium)
        for number in sorted(present - wanted):
            segments.remove(number)
            _fingerprint_path(folder, number).unlink(missing_ok=True)
        missing = [(number, stored(folder, number)) for number in sorted(wanted - present)]
        if missing:
            owners = [np.full(len(found.hashes), number, np.uint32) for number, found in missing]
            segments.append(
                np.concatenate([found.hashes for _, found in missing]),
                np.concatenate(owners),
                np.concatenate([found.positions for _, found in missing]),
            )
        if len(segments.segments) > 8:
            segments.compact()


def query(folder: Path, files: Iterable[Path], extract: Extractor, *, limit: int = 20) -> Iterator[dict[str, Any]]:
    """One row a file: {"query", "medium", "matches", "not_matchable", "error"}; best match first. Raises NoIndex."""
    catalogue = Catalogue.read(folder)
    known = functools.lru_cache(maxsize=256)(functools.partial(_known, folder, catalogue))
    indexes: dict[str, LayeredIndex] = {}
    for path in walk(files):
        row: dict[str, Any] = {
            "query": str(path),
            "medium": None,
            "matches": [],
            "capped": 0,
            "not_matchable": None,
            "error": None,
        }
        try:
            taken = parse_extract(extract(read_file(path), name=path.name, side="query"))
            row |= {"medium": taken.medium, "not_matchable": taken.not_matchable}
            if taken.medium not in indexes:
                indexes[taken.medium] = open_index(folder, catalogue, taken.medium)
            matches = identify_fingerprints(taken.medium, taken.queries, indexes[taken.medium], known, limit=limit)
        except CopyholdError as error:
            yield {**row, "error": _error(error)}
            continue
        row["capped"] = max((match.detail.get("capped", 0) for match in matches), default=0)
        row["matches"] = [{**match_to_json(match), "work": catalogue.works[match.work]["name"]} for match in matches]
        yield row


def open_index(folder: Path, catalogue: Catalogue, medium: str) -> LayeredIndex:
    """The segments, and above them what they do not hold yet."""
    segments, delta = SegmentIndex(folder / medium), MemoryIndex()
    for number in sorted(catalogue.numbers(medium) - set(segments.works().tolist())):
        delta.add(number, stored(folder, number))
    return LayeredIndex(segments, delta)


def remove(folder: Path, name: str) -> None:
    """Take a work out; it never matches again. Raises NoSuchWork."""
    with _writing(folder):
        catalogue = Catalogue.read(folder)
        number = catalogue.named(name)
        if number is None:
            raise NoSuchWork(name=name)
        del catalogue.works[number]
        _commit(folder, catalogue)


def check(folder: Path) -> list[str]:
    """Read everything and check it; returns the problems found."""
    catalogue = Catalogue.read(folder)
    problems = []
    for number, work in catalogue.works.items():
        try:
            if stored(folder, number).medium != work["medium"]:
                problems.append(f"fingerprint {number} is not of the medium that the catalogue says")
        except (OSError, BadInput):
            problems.append(f"fingerprint {number} of {work['name']} is missing or damaged: add the file again")
    for medium in media(folder):
        problems += [f"{medium}/{problem}" for problem in fsck(folder / medium)]
    return problems


def media(folder: Path) -> list[str]:
    """The media that have segments here."""
    return sorted(path.parent.name for path in folder.glob("*/manifest.json"))


def walk(files: Iterable[Path]) -> Iterator[Path]:
    """The files as given; for a folder all files below it, in order, hidden ones left out."""
    for path in files:
        if path.is_dir():
            below = (found for found in sorted(path.rglob("*")) if found.is_file())
            yield from (
                found for found in below if not any(part.startswith(".") for part in found.relative_to(path).parts)
            )
        else:
            yield path


def read_file(path: Path) -> bytes:
    """The content. Raises UnreadableMedia when it cannot be read or is too large."""
    try:
        if path.stat().st_size > MOST_FILE_BYTES:
            raise UnreadableMedia(gettext_noop("The file is too large. Send it in parts."), code="media.too_large")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableMedia(
            gettext_noop("The file cannot be opened: {problem}."), code="media.no_file", problem=str(error.strerror)
        ) from error


def stored(folder: Path, number: int) -> Fingerprint:
    """The fingerprint of one work."""
    return Fingerprint.from_bytes(_fingerprint_path(folder, number).read_bytes())


def _known(folder: Path, catalogue: Catalogue, number: int) -> Fingerprint:
    if number not in catalogue.works:
        raise KeyError(number)
    try:
        return stored(folder, number)
    except FileNotFoundError as error:  # withdrawn a moment ago by another process
        raise KeyError(number) from error


def _fingerprint_path(folder: Path, number: int) -> Path:
    return folder / "fingerprints" / f"{number}.chf"


def _error(error: CopyholdError) -> dict[str, str]:
    return {"code": error.instance_code, "message": str(error)}


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    if not folder.is_dir():
        raise NoIndex(folder=str(folder))
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedIndex(folder=str(folder)) from error
        yield
