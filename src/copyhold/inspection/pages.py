"""What a page links to and shows. Runs inside the sandbox on untrusted bytes; its answer is checked outside.

links   addresses of further pages        media   addresses of pictures, sounds, films
needs_browser   the page shows next to nothing without its scripts
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin

from copyhold.inspection.errors import DamagedPage

MOST_ADDRESSES = 2000
LONGEST_ADDRESS = 2000
BARE_TEXT = 80  # characters below which a page with scripts is looked at again by a browser
MEDIA_ATTRIBUTES = {
    "img": ("src", "data-src", "data-original"),
    "source": ("src",),
    "audio": ("src",),
    "video": ("src", "poster"),
    "object": ("data",),
}


@dataclass(frozen=True, slots=True)
class Links:
    links: tuple[str, ...]
    media: tuple[str, ...]
    needs_browser: bool


def extract_links(data: bytes, url: str, encoding: str = "") -> bytes:
    """The answer as JSON. Never fails on bad HTML: browsers do not either."""
    from resiliparse.parse.encoding import detect_encoding
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse_from_bytes(data, encoding or detect_encoding(data) or "utf-8", errors="replace")
    body = tree.document
    if body is None:
        return json.dumps({"links": [], "media": [], "needs_browser": False}).encode()
    base = next((node.getattr("href") or "" for node in body.get_elements_by_tag_name("base")), "")
    root = _absolute(url, base) or url
    links = [_absolute(root, node.getattr("href")) for node in body.get_elements_by_tag_name("a")]
    media = [
        _absolute(root, node.getattr(attribute))
        for tag, attributes in MEDIA_ATTRIBUTES.items()
        for node in body.get_elements_by_tag_name(tag)
        for attribute in attributes
    ]
    media += [_absolute(root, first) for node in body.get_elements_by_tag_name("img") for first in _srcset(node)]
    scripts = bool(body.get_elements_by_tag_name("script"))
    for node in [*body.get_elements_by_tag_name("script"), *body.get_elements_by_tag_name("style")]:
        node.decompose()
    text = ((tree.body.text if tree.body else "") or "").strip()
    answer = {
        "links": _tidy(links),
        "media": _tidy(media),
        "needs_browser": scripts and not any(media) and len(text) < BARE_TEXT,
    }
    return json.dumps(answer).encode()


def _srcset(node: Any) -> list[str]:
    value = node.getattr("srcset") or ""
    return [part.split()[0] for part in value.split(",") if part.split()]


def _absolute(root: str, address: str | None) -> str:
    try:
        found = urldefrag(urljoin(root, (address or "").strip())).url
    except ValueError:
        return ""
    return found if found.startswith(("http://", "https://")) and len(found) <= LONGEST_ADDRESS else ""


def _tidy(addresses: list[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, addresses)))[:MOST_ADDRESSES]


def parse_links(untrusted: bytes) -> Links:
    """Check the sandbox's answer: HTTP addresses of bounded length and number, nothing else. Raises DamagedPage."""
    try:
        answer = json.loads(untrusted)
        return Links(_checked(answer["links"]), _checked(answer["media"]), answer["needs_browser"] is True)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedPage from error


def _checked(untrusted: object) -> tuple[str, ...]:
    if not isinstance(untrusted, list) or len(untrusted) > MOST_ADDRESSES:
        raise ValueError("not a list of addresses")
    good = [one for one in untrusted if isinstance(one, str) and len(one) <= LONGEST_ADDRESS]
    return tuple(one for one in good if one.startswith(("http://", "https://")))


def warm() -> None:
    """Load the parser before the sandbox closes."""
    extract_links(b"<html><body><a href='/x'>x</a><img src=y></body></html>", "http://example.org/")
