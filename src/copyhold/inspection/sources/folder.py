"""Files of a folder on this machine: an upload of seized material, a right holder's download, a shared disk."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING

from copyhold.core import clock
from copyhold.inspection.capture import Capture
from copyhold.inspection.errors import BadTarget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copyhold.inspection.models import Patrol

LARGEST_BYTES = 1 << 30


class Folder:
    name = "folder"

    def prepare(self, patrol: Patrol) -> None:
        for place in patrol.target.places:
            if not Path(place).exists():
                raise BadTarget(place=place, reason="there is no such file or folder")

    def captures(self, patrol: Patrol) -> Iterator[Capture]:
        seen = set(patrol.sightings.values_list("resource_url", flat=True))
        for path in _files(patrol.target.places):
            url = path.resolve().as_uri()
            if url in seen:
                continue
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            yield Capture(url, url, path.name, kind, path.read_bytes(), clock.now())


def _files(places: list[str]) -> Iterator[Path]:
    for place in map(Path, places):
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (path for path in found if path.is_file() and 0 < path.stat().st_size <= LARGEST_BYTES)


SOURCE = Folder()
