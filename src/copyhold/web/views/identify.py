"""What is this? A file is compared with the register; likenesses are shown side by side, and nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from copyhold.errors import BadInput
from copyhold.people import permissions
from copyhold.web import trouble, uploads
from copyhold.web.phrases import t

if TYPE_CHECKING:
    from django.http import HttpResponse

    from copyhold.reference.services import Identification, Identified

SHOWN = 3
A_MINUTE, PER_MINUTE = 60, 20
REASONS = {
    "featureless": t("The picture has too few details to recognise it by.", "图片细节太少，无法识别。"),
    "silent": t("The recording is silent.", "录音没有声音。"),
    "too_short": t("The file is too short to recognise it by.", "文件太短，无法识别。"),
    "template_only": t("The file holds only what very many works share.", "文件只含通用内容，无法识别。"),
}
MEDIA = {"image": t("picture", "图片"), "text": t("text", "文字"), "audio": t("recording", "录音")}


@require_http_methods(["GET", "HEAD", "POST"])
def identify(request: Any) -> HttpResponse:
    facts: dict[str, Any] = {"nav": "identify", "error": ""}
    if request.method != "POST":
        return render(request, "web/public/identify.html", facts)
    if too_often(request, "identify"):
        return trouble.page(request, 429, str(t("Wait a minute, then try again.", "请一分钟后再试。")), "too_often")
    permissions.check(request.actor, "media.identify")
    try:
        data = uploads.whole(request.FILES.get("file"))
        name = request.FILES["file"].name
        found = _look(data, name)
    except BadInput as error:
        facts["error"] = trouble.words_of(error)
        return render(request, "web/public/identify.html", facts, status=400)
    facts |= {
        "found": found,
        "filename": name,
        "octets": len(data),
        "medium": MEDIA.get(found.medium, found.medium),
        "reason": REASONS.get(found.reason, found.reason),
        "likenesses": [_shown(data, one) for one in found.matches[:SHOWN]],
        "further": [described(one) for one in found.matches[SHOWN:20]],
    }
    return render(request, "web/public/identify.html", facts)


def _look(data: bytes, name: str) -> Identification:
    from copyhold.reference import services

    return services.identify(data, name, scope="registered")


def described(one: Identified) -> dict[str, Any]:
    return {
        "work": one.work,
        "share": round(one.match.work_share * 100),
        "of_file": round(one.match.query_share * 100),
        "bits": round(one.match.bits),
    }


def _shown(data: bytes, one: Identified) -> dict[str, Any]:
    """With the explanation, made in the sandbox and kept nowhere; without it if the two cannot be drawn."""
    from copyhold.core import vault
    from copyhold.reference import reading

    deposit = one.fingerprint.deposit
    try:
        frame = reading.explain(data, vault.get(deposit.blob_id), one.match, deposit.medium)
        explanation = reading.open_explanation(frame)
    except BadInput:
        explanation = None
    return {**described(one), "explanation": explanation}


def too_often(request: Any, what: str, limit: int = PER_MINUTE) -> bool:
    """A plain brake for work that costs much: so many a minute from one address, in this process."""
    place = f"{what}:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(place, 0, A_MINUTE)
    try:
        return cache.incr(place) > limit
    except ValueError:  # it ran out between the two lines
        return False
