"""A web archive that somebody else captured: WARC files, and the WARCs inside a WACZ."""

from __future__ import annotations

import zipfile
import zlib
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from copyhold.core import clock
from copyhold.inspection.capture import Capture
from copyhold.inspection.errors import BadTarget

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from warcio.recordloader import ArcWarcRecord

    from copyhold.inspection.models import Patrol

LARGEST_BYTES = 256 << 20  # of one payload; a longer one is looked at up to here
LONGEST_ADDRESS = 2000
PLAIN_TEXT = ("text/html", "application/xhtml+xml", "text/plain")
MATCHABLE = (*PLAIN_TEXT, "image/", "audio/", "video/", "application/pdf", "application/epub+zip", "application/ogg")


class Warc:
    name = "warc"

    def prepare(self, patrol: Patrol) -> None:
        for place in patrol.target.places:
            if not Path(place).is_file():
                raise BadTarget(place=place, reason="there is no such file")
            with _damage_told(place), Path(place).open("rb") as file:
                head = file.read(5)
            if not head.startswith((b"WARC/", b"\x1f\x8b", b"PK\x03\x04")):
                raise BadTarget(place=place, reason="it is neither a WARC nor a WACZ file")

    def captures(self, patrol: Patrol) -> Generator[Capture]:
        for place in patrol.target.places:
            with _damage_told(place):
                for stream in _streams(Path(place)):
                    yield from _responses(stream)


@contextmanager
def _damage_told(place: str) -> Iterator[None]:
    try:
        yield
    except (ArchiveLoadFailed, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise BadTarget(place=place, reason=f"the archive is damaged ({error})") from error
    except PermissionError as error:
        raise BadTarget(place=place, reason="this user may not read it") from error


def _streams(path: Path) -> Iterator[IO[bytes]]:
    """The WARC itself, or those in the folder archive/ of a WACZ; read as they come, never unpacked as a whole."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as bundle:
        for info in bundle.infolist():
            if info.filename.startswith("archive/") and info.filename.endswith((".warc", ".warc.gz")):
                with bundle.open(info) as member:
                    yield member


def _responses(stream: IO[bytes]) -> Iterator[Capture]:
    for record in ArchiveIterator(stream):
        if record.rec_type == "response" and record.http_headers and record.http_headers.get_statuscode() == "200":
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            kind = (record.http_headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
            if kind.startswith(MATCHABLE) and 0 < len(url) <= LONGEST_ADDRESS:
                yield _capture(record, url, kind)


def _capture(record: ArcWarcRecord, url: str, kind: str) -> Capture:
    is_text = kind in PLAIN_TEXT
    return Capture(
        page_url=url,
        resource_url=url,
        filename="page.html" if is_text else PurePosixPath(urlsplit(url).path).name or "file",
        media_type=kind,
        data=record.content_stream().read(LARGEST_BYTES),
        captured_at=_date(record.rec_headers.get_header("WARC-Date")),
        medium="text" if is_text else "",
        facts={"ip": record.rec_headers.get_header("WARC-IP-Address") or ""},
    )


def _date(text: str | None) -> datetime:
    """The day of the capture, as its maker wrote it; without a readable one, now."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return clock.now()
    return found if found.tzinfo else found.replace(tzinfo=UTC)


SOURCE = Warc()
