"""The deposit of a published picture, reduced for everyone to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from copyhold.core import vault
from copyhold.errors import BadInput
from copyhold.registry.models import Deposit, Work

if TYPE_CHECKING:
    from django.http import HttpRequest

MAX_OCTETS, A_DAY_S = 24 * 10**6, 24 * 3600
ITSELF = {  # the explanation of a picture against itself: nothing turned, nothing scaled
    "of_work_percent": 100.0, "of_query_percent": 100.0, "points": 0, "points_of": 0, "mirrored": False,
    "inverted": False, "scale_percent": 100.0, "turn_degrees": 0.0,
}  # fmt: skip


def shown(work: Work) -> Deposit | None:
    """The deposit that may be shown: of a published picture in force. What is unpublished stays closed."""
    if work.published_on is None or work.state == "revoked":
        return None
    pictures = Deposit.objects.filter(application=work.application_id, medium="image", blob__size__lte=MAX_OCTETS)
    return pictures.order_by("pk").first()


def address(work: Work) -> str:
    return reverse("work_picture", args=[work.number]) if shown(work) else ""


@require_safe
def work_picture(_request: HttpRequest, number: str) -> HttpResponse:
    """A JPEG of at most 800 pixels, made in the sandbox from the untrusted deposit; kept for a day in this process."""
    deposit = shown(get_object_or_404(Work, number=number))
    if deposit is None:
        raise Http404
    key = f"picture:{deposit.blob_id}"
    jpeg = cache.get(key)
    if jpeg is None:
        jpeg = _reduced(vault.get(deposit.blob_id))
        cache.set(key, jpeg, A_DAY_S)
    response = HttpResponse(jpeg, content_type="image/jpeg")
    response["Cache-Control"] = f"public, max-age={A_DAY_S}"
    return response


def _reduced(data: bytes) -> bytes:
    from copyhold.recognition.core import Match
    from copyhold.reference import reading

    itself = Match(work=0, bits=0.0, segments=(), query_share=1.0, work_share=1.0, detail=ITSELF)
    try:
        frame = reading.explain(data, data, itself, "image")
    except BadInput:
        raise Http404 from None
    return reading.open_explanation(frame).files["reference.jpg"]
