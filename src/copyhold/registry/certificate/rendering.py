"""Certificate → PDF/A-3a + PDF/UA-1 by Typst: the same facts give the same bytes.

The compiler and its 20 MB of fonts are loaded once a process. Fonts come from wheels and from Typst itself, never from
the machine, so every office prints alike.
"""

from __future__ import annotations

import json
import re
import threading
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typst

from copyhold.registry.errors import Unprintable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

TEMPLATE = Path(__file__).parent / "templates" / "certificate.typ"
SPECIMEN = Path(__file__).parent / "templates" / "specimen.typ"
STANDARDS: list[Any] = ["a-3a", "ua-1"]
UNSHOWN = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)

_one_at_a_time = threading.Lock()  # a compiler keeps its inputs between calls


@cache
def _compiler(template: Path) -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(files("noto_cjk_sans_otc"))])
    return typst.Compiler(str(template), root=str(template.parent), font_paths=fonts)


def render(content: dict[str, Any], *, made_at: datetime) -> bytes:
    """The PDF of `content` (see content.py), dated `made_at`. Raises Unprintable for characters no font holds."""
    return compile_page(TEMPLATE, content, "pdf", made_at)


def render_picture(content: dict[str, Any], *, pixels_per_inch: float = 110) -> bytes:
    """The same page as a PNG, for a preview."""
    return compile_page(TEMPLATE, content, "png", None, pixels_per_inch)


def need_printable(texts: Iterable[str]) -> None:
    """Raise Unprintable if a certificate could not show these texts: asked at filing, not at issuing."""
    text = "\n".join(texts)
    if hidden := [letter for letter in text if not letter.isprintable() and letter != "\n"]:
        raise Unprintable(letters=" ".join(f"U+{ord(letter):04X}" for letter in dict.fromkeys(hidden)))
    compile_page(SPECIMEN, {"text": text}, "pdf", None)


def compile_page(
    template: Path,
    content: dict[str, Any],
    form: Literal["pdf", "png"],
    made_at: datetime | None,
    pixels_per_inch: float | None = None,
) -> bytes:
    """A Typst template of the house, fed with `content` as JSON in `sys.inputs.data`: PDF/A-3a + PDF/UA-1, or a PNG.

    For rooms above that print their own papers: same fonts, same standards, one compiler a process and template.
    `made_at` dates the PDF, so that the same input gives the same bytes. Raises Unprintable.
    """
    inputs = {"data": json.dumps(content, ensure_ascii=False)}
    stamp = None if made_at is None else int(made_at.timestamp())
    standards = STANDARDS if form == "pdf" else []
    try:
        with _one_at_a_time:
            made = _compiler(template).compile(
                format=form, sys_inputs=inputs, pdf_standards=standards, timestamp=stamp, ppi=pixels_per_inch
            )
    except typst.TypstError as error:
        if found := UNSHOWN.search(error.message):
            raise Unprintable(letters=found.group(1)) from error
        raise
    return made if isinstance(made, bytes) else made[0]  # type: ignore[index]
