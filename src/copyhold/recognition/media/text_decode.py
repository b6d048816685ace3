"""Bytes → text: which format it is, by content, and all the text there is in it.

Plain text and Markdown (UTF-8, UTF-16, UTF-32, GB 18030, Big5), HTML (all text, not only the article: a copy may
stand in a margin), subtitles (the dialogue only), PDF, DOCX, ODT, EPUB. Untrusted bytes: runs in the sandbox; each
format has its own limits beside the sandbox's.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from copyhold.errors import gettext_noop
from copyhold.recognition.core import UnreadableMedia
from copyhold.recognition.media.text_table import table

SUFFIXES = (
    *(".txt", ".text", ".md", ".markdown", ".rst", ".html", ".htm", ".xhtml", ".srt", ".vtt", ".ass", ".ssa"),
    *(".pdf", ".docx", ".odt", ".epub", ".xml", ".json", ".csv", ".tex"),
)
MOST_BYTES = 64 << 20
MOST_CHARACTERS = 20_000_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The sixty most frequent characters of written Chinese: a wrong encoding does not produce them.
_FREQUENT = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然"
)
_HTML = re.compile(
    rb"<(!doctype\s+html|html|head|body|div|p|table|article|section|span|br|h[1-6])[\s>/]", re.IGNORECASE
)
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_TIMES = re.compile(r"^\s*(\d+:)?\d+:\d+[.,]\d+\s*-->", re.MULTILINE)
_MARKUP_IN_CUES = re.compile(r"<[^>\n]{0,200}>|\{[^}\n]{0,400}\}")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class TextDocument:
    """What was written. `form` is the format it came in: plain, html, subtitles, pdf, docx, odt, epub."""

    text: str
    form: str = "plain"


def decode(data: bytes) -> TextDocument:
    """All text of a document. Raises UnreadableMedia for anything else, and for encrypted, broken or huge files."""
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableMedia(gettext_noop("The file is empty. Send the original file."), code="media.empty")
    if len(data) > MOST_BYTES:
        raise UnreadableMedia(gettext_noop("The text is too large. Send it in parts."), code="media.too_large")
    document = _decode(data)
    if len(document.text) > MOST_CHARACTERS:
        raise UnreadableMedia(gettext_noop("The text is too large. Send it in parts."), code="media.too_large")
    return document


def _decode(data: bytes) -> TextDocument:
    from copyhold.recognition.media import text_containers  # pypdf and lxml take time to load

    if data[:1024].lstrip().startswith(b"%PDF-"):
        return TextDocument(text_containers.pdf(data), "pdf")
    if data.startswith(b"PK\x03\x04"):
        return TextDocument(*text_containers.zipped(data))
    if data.startswith((b"{\\rtf", b"\xd0\xcf\x11\xe0")):
        raise UnreadableMedia(
            gettext_noop("This document format (RTF or old Word) is not read. Save it as PDF or DOCX."),
            code="media.unsupported",
        )
    if _HTML.search(data[:4096].replace(b"\0", b"")):
        return TextDocument(html(data), "html")
    text = to_text(data)
    if _TIMES.search(text[:20_000]):
        return TextDocument(_cues(text), "subtitles")
    if text.lstrip().startswith("[Script Info]"):
        return TextDocument(_substation(text), "subtitles")
    return TextDocument(text)


def html(data: bytes) -> str:
    """All visible text of a page, in order."""
    from resiliparse.extract.html2text import extract_plain_text

    declared = _CHARSET.search(data[:4096])
    markup = to_text(data, declared.group(1).decode() if declared else "")
    return str(extract_plain_text(markup, main_content=False, alt_texts=True, noscript=True))


def to_text(data: bytes, declared: str = "") -> str:
    """Bytes → string by byte order mark, then UTF-8, then what is declared, then what reads best."""
    text = _by_mark(data) or _strict(data, "utf-8") or _cut_utf8(data) or _strict(data, declared) or _guess(data)
    controls = len(_CONTROL.findall(text[:100_000]))
    if controls > 0.02 * min(len(text), 100_000) + 2:
        raise UnreadableMedia(gettext_noop("This is not a text: it holds binary data."), code="media.mislabelled")
    return text.replace("\0", " ")


def _by_mark(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace").removeprefix("\ufeff")
    return ""


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding) if encoding else ""
    except (UnicodeDecodeError, LookupError):
        return ""


def _cut_utf8(data: bytes) -> str:
    """UTF-8 whose last character was cut in two by a size limit."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data[: error.start].decode("utf-8") if error.start and error.start >= len(data) - 3 else ""
    return ""


def _guess(data: bytes) -> str:
    """UTF-16 without a mark shows its zero bytes; else the candidate with most of the frequent characters wins."""
    sample = data[:4096]
    for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if zeros.count(0) > 0.3 * len(zeros):
            return data.decode(encoding, "replace")
    best = max(
        ("gb18030", "big5hkscs", "utf-16-le", "utf-16-be", "cp1252"), key=lambda encoding: _plausibility(data, encoding)
    )
    return data.decode(best, "replace")


def _plausibility(data: bytes, encoding: str) -> float:
    """Frequent Chinese characters for each character beyond ASCII, less the unreadable ones; western text has few."""
    text = data[:65_536].decode(encoding, "replace")
    beyond = [character for character in text if character > "\x7f"]
    if not beyond:
        return 0.0
    if encoding == "cp1252":
        return 0.9 if len(beyond) < 0.15 * len(text) and "\ufffd" not in text else 0.02
    rules = table()
    simplified = [chr(rules.output[rules.first[ord(c)]]) if "一" <= c <= "\u9fff" else c for c in beyond]
    good = sum(character in _FREQUENT for character in simplified)
    return (good - 3 * text.count("\ufffd")) / len(beyond)


def _cues(text: str) -> str:
    """SubRip and WebVTT: what is said, without numbers, times and mark-up."""
    lines = text.splitlines()
    kept = []
    for place, line in enumerate(lines):
        is_number = line.strip().isdigit() and place + 1 < len(lines) and "-->" in lines[place + 1]
        if line.strip() and not is_number and "-->" not in line and not line.startswith(("WEBVTT", "NOTE", "STYLE")):
            kept.append(_MARKUP_IN_CUES.sub("", line).strip())
    return "\n".join(kept)


def _substation(text: str) -> str:
    """SubStation Alpha: the tenth field of each Dialogue line."""
    spoken = (line.split(",", 9)[-1] for line in text.splitlines() if line.startswith("Dialogue:"))
    return "\n".join(_MARKUP_IN_CUES.sub("", line).replace("\\N", "\n").replace("\\n", "\n") for line in spoken)
