"""Text out of PDF and of zipped XML (DOCX, ODT, EPUB), with limits against bombs: members, bytes, ratio, entities."""

from __future__ import annotations

import io
import logging
import posixpath
import re
import zipfile
from urllib.parse import unquote

from lxml import etree

from copyhold.errors import gettext_noop
from copyhold.recognition.core import UnreadableMedia

MOST_PAGES = 5_000
MOST_MEMBERS = 5_000
MOST_UNPACKED = 64 << 20
_PARAGRAPHS = {"p", "h", "br", "tr", "div", "li", "title", "h1", "h2", "h3", "h4", "h5", "h6", "tab", "line-break"}
_BROKEN = gettext_noop("The {form} file is damaged or cut short. Send the original file.")
_LOCKED = gettext_noop("The {form} file is encrypted. Send it without a password.")


def pdf(data: bytes) -> str:
    """The text layer of all pages; a scan has none and gives an empty text."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableMedia(_LOCKED, code="media.encrypted", form="PDF")  # noqa: TRY301
        pages = reader.pages[:MOST_PAGES]
        return "\n".join(page.extract_text() for page in pages)
    except UnreadableMedia:
        raise
    # pypdf raises what its parsing happens to meet (KeyError, AttributeError, RecursionError ...) on broken files.
    except (PyPdfError, Exception) as error:
        raise UnreadableMedia(_BROKEN, code="media.damaged", form="PDF") from error


def zipped(data: bytes) -> tuple[str, str]:
    """(text, form) of a DOCX, ODT or EPUB. Raises UnreadableMedia and says what other archives are."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {entry.filename: entry for entry in archive.infolist()}
            if len(names) > MOST_MEMBERS:
                raise UnreadableMedia(_BROKEN, code="media.too_large", form="ZIP")  # noqa: TRY301
            if any(entry.flag_bits & 1 for entry in names.values()):
                raise UnreadableMedia(_LOCKED, code="media.encrypted", form="ZIP")  # noqa: TRY301
            return _document(_Budgeted(archive), names)
    except UnreadableMedia:
        raise
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, KeyError, ValueError, RuntimeError) as error:
        raise UnreadableMedia(_BROKEN, code="media.damaged", form="ZIP") from error
    except Exception as error:
        if type(error).__name__ in {"error", "LZMAError"}:  # zlib.error, lzma's and bz2's own
            raise UnreadableMedia(_BROKEN, code="media.damaged", form="ZIP") from error
        raise


class _Budgeted:
    """Reads members until the whole has cost MOST_UNPACKED bytes; what the directory claims is not believed."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = MOST_UNPACKED

    def read(self, name: str) -> bytes:
        with self._archive.open(name) as member:
            content = member.read(self._left + 1)
        self._left -= len(content)
        if self._left < 0:
            raise UnreadableMedia(
                gettext_noop("The file unpacks to too much data. Send it in parts."), code="media.too_large"
            )
        return content


def _document(archive: _Budgeted, names: dict[str, zipfile.ZipInfo]) -> tuple[str, str]:
    if "word/document.xml" in names:
        parts = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
        return "\n".join(_text(archive.read(part)) for part in parts if part in names), "docx"
    kind = archive.read("mimetype").strip() if "mimetype" in names else b""
    if kind.startswith(b"application/vnd.oasis.opendocument.text"):
        if b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise UnreadableMedia(_LOCKED, code="media.encrypted", form="ODT")
        return _text(archive.read("content.xml")), "odt"
    if kind == b"application/epub+zip":
        if "META-INF/rights.xml" in names:
            raise UnreadableMedia(_LOCKED, code="media.encrypted", form="EPUB")
        return _book(archive, names), "epub"
    raise UnreadableMedia(
        gettext_noop("This is an archive, not a text document. Send the files that are in it."), code="media.archive"
    )


def _book(archive: _Budgeted, names: dict[str, zipfile.ZipInfo]) -> str:
    """The chapters in reading order (the package's spine)."""
    container = _tree(archive.read("META-INF/container.xml"))
    package_name = str(container.xpath("string(//*[local-name()='rootfile']/@full-path)"))
    package = _tree(archive.read(package_name))
    hrefs = {item.get("id"): item.get("href", "") for item in package.xpath("//*[local-name()='item']")}
    chapters = []
    for reference in package.xpath("//*[local-name()='spine']/*[local-name()='itemref']/@idref"):
        href = unquote(hrefs.get(str(reference), "")).split("#")[0]
        name = posixpath.normpath(posixpath.join(posixpath.dirname(package_name), href))
        if name in names:
            chapters.append(_text(archive.read(name)))
    return "\n".join(chapters)


def _tree(content: bytes) -> etree._Element:
    # No DTD, no entities, no network, no huge trees: an XML bomb stays a small error.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    if re.search(rb"<!ENTITY", content[:65_536]):
        raise UnreadableMedia(_BROKEN, code="media.damaged", form="XML")
    tree = etree.fromstring(content, parser)
    if tree is None:
        raise UnreadableMedia(_BROKEN, code="media.damaged", form="XML")
    return tree


def _text(content: bytes) -> str:
    """All text of an XML tree, with a line break at the end of every block."""
    pieces: list[str] = []
    for event, element in etree.iterwalk(_tree(content), events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        name = etree.QName(element).localname
        if event == "start":
            if element.text and name not in {"script", "style", "instrText", "delText"}:
                pieces.append(element.text)
            continue
        if name in _PARAGRAPHS:
            pieces.append("\n")
        elif name == "s":  # ODF: runs of spaces
            pieces.append(" ")
        if element.tail:
            pieces.append(element.tail)
    return "".join(pieces)
