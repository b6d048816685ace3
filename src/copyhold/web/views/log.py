"""The public log: its head, its tiles, and the place of one act in it (C2SP tlog-tiles and tlog-proof)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from copyhold.core import ledger
from copyhold.core.models import Checkpoint, Entry, LedgerHead, Node
from copyhold.errors import NotFound

if TYPE_CHECKING:
    from django.http import HttpRequest

WIDTH, LATEST = 256, 12


def log(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("entry", "")
    facts: dict[str, Any] = {
        "size": LedgerHead.objects.values_list("size", flat=True).filter(pk=1).first() or 0,
        "checkpoint_row": Checkpoint.objects.order_by("-size").first(),
        "vkey": ledger.signer().verifier.vkey,
        "latest": [_line(entry) for entry in Entry.objects.order_by("-number")[:LATEST]],
        "asked": asked,
    }
    if asked:
        entry = Entry.objects.filter(number=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else None
        if entry is None:
            raise NotFound(code="ledger.no_entry")
        if "proof" in request.GET:
            response = HttpResponse(ledger.proof_of(entry.number), content_type="text/plain; charset=utf-8")
            response["Content-Disposition"] = content_disposition_header(
                as_attachment=True, filename=f"{asked}.tlog-proof"
            )
            return response
        facts["entry"] = _line(entry)
    return render(request, "web/public/log.html", facts)


def _line(entry: Entry) -> dict[str, object]:
    """What an act shows to everyone: its place, its minute and its salted digest; never who or what."""
    return {"number": entry.number, "at": entry.at, "leaf": bytes(entry.leaf).hex()}


def checkpoint(_request: HttpRequest) -> HttpResponse:
    newest = Checkpoint.objects.order_by("-size").first() or ledger.sign_checkpoint()
    response = HttpResponse(newest.note, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


def tile(_request: HttpRequest, level: int, index: int, width: int = WIDTH) -> HttpResponse:
    """`width` hashes of the tree at height 8 × `level`, from `index` × 256 on; complete ones never change."""
    if not (0 < width <= WIDTH and level < 8 and index < 2**40):
        raise NotFound(code="ledger.no_tile")
    first = index * WIDTH
    rows = Node.objects.filter(level=8 * level, index__gte=first, index__lt=first + width).order_by("index")
    hashes = [bytes(value) for value in rows.values_list("hash", flat=True)]
    if len(hashes) < width:
        raise NotFound(code="ledger.no_tile")
    response = HttpResponse(b"".join(hashes), content_type="application/octet-stream")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
