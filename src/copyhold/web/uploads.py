"""Files that a visitor sends: taken whole, with a limit, before anyone looks into them (that is the sandbox's)."""

from __future__ import annotations

from typing import Any

from copyhold.errors import BadInput, gettext_noop
from copyhold.web import phrases

MAX_VISITOR = 64 * 10**6  # octets, for what is looked at and thrown away


class NoFile(BadInput):
    code = "upload.none"
    message = gettext_noop("Choose a file first.")


class TooLarge(BadInput):
    code = "upload.large"
    message = gettext_noop("The file has {size}; at most {limit} can be taken here. Send a smaller one.")


def whole(file: Any, limit: int = MAX_VISITOR) -> bytes:
    """All bytes of an uploaded file (Django's UploadedFile, or None when none was sent)."""
    if file is None or not file.size:
        raise NoFile
    if file.size > limit:
        raise TooLarge(size=phrases.size(file.size), limit=phrases.size(limit))
    return b"".join(file.chunks())
