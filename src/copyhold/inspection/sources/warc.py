"""A web archive that somebody else captured: WARC files, and the WARCs inside a WACZ."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from copyhold.inspection.capture import Capture
from copyhold.inspection.errors import BadTarget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from warcio.recordloader import ArcWarcRecord

    from copyhold.inspection.models import Patrol

LARGEST_BYTES = 256 << 20
PLAIN_TEXT = ("text/html", "application/xhtml+xml", "text/plain")


class Warc:
    name = "warc"

    def prepare(self, patrol: Patrol) -> None:
        for place in patrol.target.places:
            if not Path(place).is_file():
                raise BadTarget(place=place, reason="there is no such file")
            with Path(place).open("rb") as file:
                head = file.read(5)
            if not head.startswith((b"WARC/", b"\x1f\x8b", b"PK\x03\x04")):
                raise BadTarget(place=place, reason="it is neither a WARC nor a WACZ file")

    def captures(self, patrol: Patrol) -> Iterator[Capture]:
        seen = set(patrol.sightings.values_list("resource_url", flat=True))
        for place in patrol.target.places:
            for stream in _streams(Path(place)):
                try:
                    yield from (found for found in _responses(stream) if found.resource_url not in seen)
                except ArchiveLoadFailed as error:
                    raise BadTarget(place=place, reason=f"the archive is damaged ({error})") from error


def _streams(path: Path) -> Iterator[BinaryIO]:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as bundle:
        for info in bundle.infolist():
            if info.filename.startswith("archive/") and info.filename.endswith((".warc", ".warc.gz")):
                with bundle.open(info) as member:
                    yield io.BytesIO(member.read(LARGEST_BYTES))


def _responses(stream: BinaryIO) -> Iterator[Capture]:
    for record in ArchiveIterator(stream):
        if record.rec_type == "response" and record.http_headers and record.http_headers.get_statuscode() == "200":
            yield _capture(record)


def _capture(record: ArcWarcRecord) -> Capture:
    url = record.rec_headers.get_header("WARC-Target-URI")
    kind = (record.http_headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
    is_text = kind in PLAIN_TEXT
    return Capture(
        page_url=url,
        resource_url=url,
        filename="page.html" if is_text else PurePosixPath(urlsplit(url).path).name or "file",
        media_type=kind or "application/octet-stream",
        data=record.content_stream().read(LARGEST_BYTES),
        captured_at=datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")),
        medium="text" if is_text else "",
        facts={"ip": record.rec_headers.get_header("WARC-IP-Address") or ""},
    )


SOURCE = Warc()
