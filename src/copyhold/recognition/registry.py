"""Which media there are, and which one some bytes are.

A recogniser is one module of `recognition/media/` with an instance RECOGNISER; modules with an underscore in their name
are its parts. Found and checked when first asked for.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from pathlib import PurePath

from copyhold.errors import CopyholdError, NotFound, gettext_noop
from copyhold.recognition import media
from copyhold.recognition.core import Recogniser, UnreadableMedia

_TEXT = "text"


class UnknownMedium(NotFound):
    code = "medium.unknown"
    message = gettext_noop("There is no recogniser for {medium}.")


class BrokenRecogniser(CopyholdError):
    code = "medium.broken"
    message = gettext_noop("The recogniser in {module} is not complete: {problem}.")


@functools.cache
def recognisers() -> dict[str, Recogniser]:
    """Every recogniser by its medium, in alphabetical order. Raises BrokenRecogniser."""
    names = sorted(found.name for found in pkgutil.iter_modules(media.__path__) if "_" not in found.name)
    return {name: _checked(name) for name in names}


def for_medium(medium: str) -> Recogniser:
    """The recogniser of one medium. Raises UnknownMedium. Loads that medium only."""
    if not medium.isalnum() or medium not in {found.name for found in pkgutil.iter_modules(media.__path__)}:
        raise UnknownMedium(medium=medium)
    return _checked(medium)


@functools.cache
def _checked(name: str) -> Recogniser:
    module = f"{media.__name__}.{name}"
    recogniser = getattr(importlib.import_module(module), "RECOGNISER", None)
    if not isinstance(recogniser, Recogniser):
        raise BrokenRecogniser(module=module, problem="no RECOGNISER with all of the protocol's methods")
    if recogniser.medium != name or len(name) > 8:
        raise BrokenRecogniser(module=module, problem=f"its medium is called {recogniser.medium}")
    if not 0 < recogniser.version < 1 << 16:
        raise BrokenRecogniser(module=module, problem="its version is out of range")
    if not all(suffix.startswith(".") and suffix == suffix.lower() for suffix in recogniser.suffixes):
        raise BrokenRecogniser(module=module, problem="a suffix is not written like .txt")
    return recogniser


# (offset, magic, what it is, medium). Order matters: the first that fits is it.
_MAGIC: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"\xff\xd8\xff", "JPEG", "image"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG", "image"),
    (0, b"GIF87a", "GIF", "image"),
    (0, b"GIF89a", "GIF", "image"),
    (8, b"WEBP", "WebP", "image"),
    (0, b"II*\0", "TIFF", "image"),
    (0, b"MM\0*", "TIFF", "image"),
    (4, b"ftypheic", "HEIC", "image"),
    (4, b"ftypheix", "HEIC", "image"),
    (4, b"ftypmif1", "HEIF", "image"),
    (4, b"ftypavif", "AVIF", "image"),
    (0, b"8BPS", "Photoshop", "image"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000", "image"),
    (0, b"%!PS", "PostScript", ""),
    (0, b"ID3", "MP3", "audio"),
    (0, b"fLaC", "FLAC", "audio"),
    (8, b"WAVE", "WAV", "audio"),
    (8, b"AIFF", "AIFF", "audio"),
    (8, b"AIFC", "AIFF", "audio"),
    (4, b"ftypM4A", "MPEG-4 audio", "audio"),
    (4, b"ftypM4B", "MPEG-4 audio", "audio"),
    (0, b"wvpk", "WavPack", "audio"),
    (0, b"MAC ", "Monkey's Audio", "audio"),
    (0, b"\x0bw", "AC-3", "audio"),
    (0, b"#!AMR", "AMR", "audio"),
    (0, b"MThd", "MIDI", ""),
    (8, b"AVI ", "AVI", "video"),
    (4, b"ftyp", "MPEG-4", "video"),
    (4, b"moov", "QuickTime", "video"),
    (0, b"\x1aE\xdf\xa3", "Matroska or WebM", "video"),
    (0, b"FLV\x01", "Flash video", "video"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media", "video"),
    (0, b"\0\0\x01\xba", "MPEG", "video"),
    (0, b"\0\0\x01\xb3", "MPEG", "video"),
    (0, b".RMF", "RealMedia", "video"),
    (0, b"%PDF-", "PDF", _TEXT),
    (0, b"{\\rtf", "RTF", _TEXT),
    (0, b"\xd0\xcf\x11\xe0", "old Office document", _TEXT),
    (0, b"PK\x03\x04", "ZIP document", _TEXT),
    (0, b"PK\x05\x06", "empty ZIP archive", ""),
    (0, b"Rar!", "RAR archive", ""),
    (0, b"7z\xbc\xaf\x27\x1c", "7-Zip archive", ""),
    (0, b"\x1f\x8b", "gzip archive", ""),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard archive", ""),
    (0, b"BZh", "bzip2 archive", ""),
    (0, b"\xfd7zXZ", "xz archive", ""),
    (0, b"\x7fELF", "program", ""),
    (0, b"MZ", "program", ""),
    (0, b"SQLite format 3", "database", ""),
)
_BY_SUFFIX = {
    "image": (".jpg", ".jpeg", ".png", ".gif", ".webp", ".tif", ".tiff", ".bmp", ".heic", ".heif", ".avif"),
    "audio": (".mp3", ".wav", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".aif", ".aiff", ".wv", ".ac3", ".wma"),
    "video": (".mp4", ".m4v", ".mkv", ".mov", ".avi", ".webm", ".flv", ".wmv", ".mpg", ".mpeg", ".ogv", ".3gp", ".mka"),
    "text": (".txt", ".md", ".html", ".htm", ".srt", ".vtt", ".pdf", ".docx", ".odt", ".epub"),
}
_AUDIO_TOO = {".m4a", ".m4b", ".mka", ".weba", ".wma", ".aac"}  # containers of films that also hold a sound alone


def sniff(data: bytes, name: str = "") -> str:
    """The medium of `data` by its content. `name` decides only where the content cannot: plain text, sound-only films.

    Raises UnreadableMedia: empty, unknown, or not what the name's suffix claims. Within one medium (a JPEG called .png)
    a wrong suffix is harmless; give no name to look at content alone. A film without a recogniser for films is heard.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableMedia(gettext_noop("The file is empty. Send the original file."), code="media.empty")
    suffix = PurePath(name).suffix.lower()
    kind, medium = what_is(data)
    if medium == "video" and suffix in _AUDIO_TOO:
        medium = "audio"
    claimed = _claimed(suffix)
    if claimed and claimed != medium and {claimed, medium} != {"audio", "video"}:
        raise UnreadableMedia(
            gettext_noop("The file is called {suffix}, but it is not: its content is {kind}. Send the original file."),
            code="media.mislabelled",
            suffix=suffix,
            kind=kind,
        )
    present = {found.name for found in pkgutil.iter_modules(media.__path__)}
    if medium == "video" and "video" not in present:
        medium = "audio"
    if not medium or medium not in present:
        raise UnreadableMedia(
            gettext_noop("This kind of file ({kind}) is not recognised. Send a picture, a text or a recording."),
            code="media.unsupported",
            kind=kind,
        )
    return medium


def _claimed(suffix: str) -> str:
    return next((medium for medium, suffixes in _BY_SUFFIX.items() if suffix in suffixes), "")


def what_is(data: bytes) -> tuple[str, str]:
    """(what a person calls this kind of file, its medium or "")."""
    head = data[:4096]
    for offset, magic, kind, medium in _MAGIC:
        if head[offset : offset + len(magic)] == magic and (offset != 8 or head[:4] in {b"RIFF", b"FORM", b"RF64"}):
            return kind, medium
    if head.startswith(b"BM") and b"\0" in head[:32]:
        return "BMP", "image"
    if head.startswith(b"OggS"):
        return ("Ogg video", "video") if b"theora" in head else ("Ogg", "audio")
    if len(head) > 4 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] != 0xFF and not _is_utf16(head):
        return ("AAC", "audio") if head[1] & 0xF6 == 0xF0 else ("MP3", "audio")
    if b"%PDF-" in head[:1024]:
        return "PDF", _TEXT
    return ("plain text", _TEXT) if _is_plain(head) else ("unknown binary data", "")


def _is_utf16(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _is_plain(head: bytes) -> bool:
    """Text has few control bytes; UTF-16 has many zeros, but in every second place only."""
    zeros = max(head[::2].count(0), head[1::2].count(0))
    if _is_utf16(head) or (zeros > 0.3 * len(head) / 2 and min(head[::2].count(0), head[1::2].count(0)) == 0):
        return True
    controls = sum(head.count(byte) for byte in (*range(7), *range(14, 27), 127))
    return controls <= 0.01 * len(head)
