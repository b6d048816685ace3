"""Files of a folder on this machine: an upload of seized material, a right holder's download, a shared disk."""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path
from typing import TYPE_CHECKING

from copyhold.core import clock
from copyhold.inspection.capture import Capture
from copyhold.inspection.errors import BadTarget

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from copyhold.inspection.models import Patrol

LARGEST_BYTES = 512 << 20  # as the sandbox takes


class Folder:
    name = "folder"

    def prepare(self, patrol: Patrol) -> None:
        for place in patrol.target.places:
            if not Path(place).exists():
                raise BadTarget(place=place, reason="there is no such file or folder")
            if not os.access(place, os.R_OK):
                raise BadTarget(place=place, reason="this user may not read it")

    def captures(self, patrol: Patrol) -> Generator[Capture]:
        seen = set(patrol.sightings.values_list("resource_url", flat=True))
        for path in _files(patrol.target.places):
            url = path.resolve().as_uri()
            if url not in seen and (data := _content(path)):
                name = os.fsencode(path.name).decode("utf-8", "replace")
                kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
                yield Capture(url, url, name, kind, data, clock.now())


def _files(places: list[str]) -> Iterator[Path]:
    """Each file once, in order; links are not followed out of the folder."""
    for place in map(Path, places):
        yield from sorted(path for path in place.rglob("*") if not path.is_symlink()) if place.is_dir() else [place]


def _content(path: Path) -> bytes:
    """The bytes of a file; nothing for what is empty, too large, no file, gone meanwhile or closed to this user."""
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size <= LARGEST_BYTES else b""
    except OSError:
        return b""


SOURCE = Folder()
