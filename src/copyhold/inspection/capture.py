"""What every inspection source hands over: something seen at a place, as bytes, with its record if there is one."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from copyhold.guards.recorder import RecordRef
from copyhold.inspection.models import Patrol


@dataclass(frozen=True, slots=True)
class Capture:
    """`page_url` is where a person would see it, `resource_url` where the bytes lie (equal for a page's own text).

    `page` and `page_record` are the page that showed it, for the exhibit. `facts`: status, ip … as plain JSON.
    """

    page_url: str
    resource_url: str
    filename: str
    media_type: str
    data: bytes
    captured_at: datetime
    medium: str = ""  # empty: by content
    record: RecordRef | None = None
    page_record: RecordRef | None = None
    facts: dict[str, Any] = field(default_factory=dict)


class Source(Protocol):
    """One kind of place to inspect: one file in inspection/sources/, found by its name."""

    name: ClassVar[str]

    def prepare(self, patrol: Patrol) -> None:
        """Check the target's places (BadTarget) and fill the frontier; called at each start, also after a kill."""

    def captures(self, patrol: Patrol) -> Generator[Capture]:
        """What is seen, as it is seen. A place that cannot be visited is an outcome in its row, not an exception."""
