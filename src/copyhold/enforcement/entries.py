"""What people type, made fit to keep: lengths, control characters, addresses. Raises BadField with the field's name."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from copyhold.enforcement.errors import BadField
from copyhold.errors import gettext_noop

MAX_TEXT, MAX_URL, MAX_URLS = 20_000, 2000, 500


def line(value: str, field: str, *, most: int, is_needed: bool = True) -> str:
    """One line: no line breaks or control characters, at most `most` characters."""
    words = " ".join(_plain(value, field).split())
    return _fit(words, field, most=most, is_needed=is_needed)


def text(value: str, field: str, *, most: int = MAX_TEXT, is_needed: bool = True) -> str:
    """Several lines, trimmed."""
    return _fit(_plain(value, field).strip(), field, most=most, is_needed=is_needed)


def address(value: str, field: str = "url", *, is_needed: bool = True) -> str:
    """A whole web address, from http on."""
    url = _fit(_plain(value, field).strip(), field, most=MAX_URL, is_needed=is_needed)
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_whole = False
    if not is_whole or any(letter.isspace() for letter in url):
        raise BadField(gettext_noop("“{field}”: enter a whole address, from http on."), field=field)
    return url


def addresses(values: Sequence[str], field: str = "urls") -> list[str]:
    """One address or more, each once, in the order given."""
    found = list(dict.fromkeys(address(value, field) for value in values))
    if not found:
        raise BadField(gettext_noop("“{field}”: name one address at least."), field=field)
    if len(found) > MAX_URLS:
        raise BadField(gettext_noop("“{field}”: at most {most} addresses at once."), field=field, most=MAX_URLS)
    return found


def host_of(url: str) -> str:
    """The host of an address, in lower case; empty if it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _plain(value: str, field: str) -> str:
    if any(ord(letter) < 32 and letter not in "\n\r\t" for letter in value) or "\x7f" in value:
        raise BadField(gettext_noop("“{field}” holds characters that cannot be kept. Remove them."), field=field)
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
        raise BadField(gettext_noop("“{field}” holds characters that cannot be kept. Remove them."), field=field)
    return value


def _fit(words: str, field: str, *, most: int, is_needed: bool) -> str:
    if is_needed and not words:
        raise BadField(gettext_noop("“{field}” is empty. Fill it in."), field=field)
    if len(words) > most:
        raise BadField(gettext_noop("“{field}” is too long: at most {most} characters."), field=field, most=most)
    return words
