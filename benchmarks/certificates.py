"""Certificates: pages per CPU-second, beside Typst on an empty page and, where installed, fpdf2 on a bare page.

    python benchmarks/certificates.py [--pages 200]

Each certificate differs in number, title, author and QR code, as in life. The empty page is the floor under Typst with
the same fonts and standards; nothing can be faster than that. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.resources import files

import typst
from rich.console import Console
from rich.table import Table

from copyhold.registry.certificate.content import CertificateFacts, Words, content_of
from copyhold.registry.certificate.rendering import STANDARDS, render

AT = datetime(2026, 6, 15, 6, tzinfo=UTC)
EMPTY = b'#set document(title: "x")\n#set text(lang: "zh")\n#sys.inputs.data'


def certificate(n: int) -> bytes:
    facts = CertificateFacts(
        number=f"兰作登字-2026-F-{n:08d}",
        title=Words(zh=f"盐沼夜鹭（{n}）", en=f"Night Heron over the Salt Marsh, {n}"),
        category=Words(zh="美术作品", en="Fine art"),
        authors=(f"林秋水{n % 97}", "𠮷野䶮"),
        owner=Words(zh="苇岸工作室", en="Reedbank Studio"),
        completed_on=date(2024, 1, 18),
        published_on=date(2024, 2, 6),
        registered_on=date(2026, 6, 15),
        office=Words(zh="兰汀省版权局", en="Lanting Copyright Office"),
        basis=Words(
            zh="以上事项，由申请人申请，经登记机构审核，根据《中华人民共和国著作权法》第十二条的规定，予以登记。",
            en="On application, and after examination, the above is registered under article 12 of the Copyright Law.",
        ),
        effect=Words(zh="作品登记自愿。", en="Registration is voluntary."),
        verify_url=f"https://copyright.example/v/{n:08d}",
    )
    return render(content_of(facts, credential=json.dumps({"n": n}).encode()), made_at=AT)


def empty_page() -> Callable[[int], bytes]:
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(files("noto_cjk_sans_otc"))])
    compiler = typst.Compiler(font_paths=fonts)

    def page(n: int) -> bytes:
        inputs = {"data": str(n)}
        return compiler.compile(EMPTY, format="pdf", sys_inputs=inputs, pdf_standards=STANDARDS, timestamp=1)

    return page


def fpdf_page() -> Callable[[int], bytes] | None:
    """The same words without design, QR code, accessibility or archive standard; None when fpdf2 is not installed."""
    try:
        from fpdf import FPDF
    except ImportError:
        return None

    def page(n: int) -> bytes:
        pdf = FPDF()
        pdf.add_page()
        pdf.add_font("cjk", fname=str(files("noto_cjk_sans_otc") / "NotoSansCJK-Regular.ttc"))
        pdf.set_font("cjk", size=12)
        pdf.multi_cell(
            0, text=f"作品登记证书\n兰作登字-2026-F-{n:08d}\n盐沼夜鹭（{n}）\n林秋水\n苇岸工作室\n兰汀省版权局"
        )
        return bytes(pdf.output())

    return page


def measure(make: Callable[[int], bytes], pages: int) -> dict[str, float]:
    make(0)  # fonts and caches, paid once a process
    began, size = time.process_time(), 0
    for n in range(1, pages + 1):
        size += len(make(n))
    spent = time.process_time() - began
    return {"pages_per_cpu_s": round(pages / spent, 1), "kb_per_page": round(size / pages / 1000, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=200)
    pages = parser.parse_args().pages
    found = {"certificate": measure(certificate, pages), "typst, empty page": measure(empty_page(), pages)}
    if peer := fpdf_page():
        found["fpdf2, bare page"] = measure(peer, min(pages, 10))
    table = Table("what", "pages per CPU-second", "kB a page")
    for name, figures in found.items():
        table.add_row(name, str(figures["pages_per_cpu_s"]), str(figures["kb_per_page"]))
    Console().print(table)
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"pages": pages, "peak_memory_mb": memory_mb, **found}, ensure_ascii=False))


if __name__ == "__main__":
    main()
