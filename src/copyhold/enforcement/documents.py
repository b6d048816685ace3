"""The papers of a case as files: rendered by Typst, kept in the vault, listed in the order they were made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from copyhold.core import clock, vault
from copyhold.enforcement import papers
from copyhold.enforcement.models import Case, Document
from copyhold.registry.certificate.rendering import compile_page

if TYPE_CHECKING:
    from copyhold.enforcement.models import Notice
    from copyhold.enforcement.papers import Paper
    from copyhold.people.actors import Actor

TEMPLATE = Path(__file__).parent / "templates" / "enforcement" / "paper.typ"
PDF = "application/pdf"


def render(content: dict[str, Any]) -> bytes:
    """The PDF (PDF/A-3a, PDF/UA-1) of a paper. Raises Unprintable for characters that no font holds."""
    return compile_page(TEMPLATE, content, "pdf", clock.now())


def render_picture(content: dict[str, Any], *, pixels_per_inch: float = 100) -> bytes:
    """Its first page as a PNG."""
    return compile_page(TEMPLATE, content, "png", None, pixels_per_inch)


def keep(actor: Actor, case: Case, paper: Paper, *, notice: Notice | None = None) -> Document:
    """Render a paper and put it into the file of the case. Called inside the act that makes it; locks the case."""
    Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    pdf = render(papers.content_of(paper, case.office))
    return Document.objects.create(
        case=case,
        notice=notice,
        number=case.documents.count() + 1,
        kind=paper.kind,
        title=papers.TITLES[paper.kind][0],
        blob=vault.put(pdf, PDF),
        made_at=clock.now(),
        made_by=actor.actor_id,
    )


def paper_number(case: Case) -> str:
    """The number of the next paper of a case, as printed: 兰版案〔2026〕1号之2."""
    return f"{case.number}之{case.documents.count() + 1}"


def read(document: Document) -> bytes:
    """The bytes, checked against their digest."""
    return vault.get(document.blob_id)
