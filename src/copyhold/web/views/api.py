"""The small REST face: search, one work, verify, identify. JSON in UTF-8; errors are problem documents (RFC 9457)."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from copyhold.errors import BadInput, NotFound, gettext_noop
from copyhold.registry.models import Certificate, Licence, Work
from copyhold.web import trouble, uploads
from copyhold.web.views import identify as identifying
from copyhold.web.views import public
from copyhold.web.views import verify as verifying

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

PER_PAGE, LAST_PAGE = 50, 10_000


def bounded(text: str, least: int, most: int, default: int) -> int:
    """An integer parameter within its bounds: a huge one must not reach the database."""
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise BadInput(gettext_noop("Give a whole number from {least} to {most}."), least=least, most=most)
    return int(text)


def braked(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """No session, so no CSRF token: these read and keep nothing. So many a minute from one address."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def handle(request: Any) -> HttpResponse:
        if identifying.too_often(request, view.__name__):
            return trouble.problem(429, "Wait a minute, then try again.", "too_often")
        return view(request)

    return handle


def documentation(request: HttpRequest) -> HttpResponse:
    example = Work.objects.first()
    return render(
        request, "web/public/api.html", {"example": example.number if example else "兰作登字-2026-F-00000001"}
    )


def _work(work: Work, request: HttpRequest) -> dict[str, Any]:
    return {
        "number": work.number,
        "title": work.title,
        "title_en": work.title_en or None,
        "category": work.category,
        "state": work.state,
        "owner": work.owner.public_name,
        "registrar": work.registrar.name,
        "registered_on": work.registered_on,
        "completed_on": work.completed_on,
        "published_on": work.published_on,
        "url": request.build_absolute_uri(reverse("work", args=[work.number])),
    }


@require_GET
def works(request: HttpRequest) -> JsonResponse:
    page = bounded(request.GET.get("page", ""), 1, LAST_PAGE, 1)
    found = public.search(request.GET)
    rows = list(found[(page - 1) * PER_PAGE : page * PER_PAGE])
    return JsonResponse({"count": found.count(), "page": page, "works": [_work(row, request) for row in rows]})


@require_GET
def work(request: HttpRequest, number: str) -> JsonResponse:
    record = Work.objects.select_related("owner", "registrar").filter(number=number).first()
    if record is None:
        raise NotFound
    certificate = Certificate.objects.filter(work=record).order_by("-pk").first()
    licences = Licence.objects.filter(work=record).order_by("valid_from")
    body = _work(record, request) | {
        "certificate": {
            "issued_at": certificate.issued_at,
            "pdf_sha256": certificate.pdf_id,
            "log_entry": certificate.entry_number,
        }
        if certificate
        else None,
        "licences": [
            {
                "number": one.number,
                "licensee": one.licensee,
                "rights": one.rights,
                "hosts": one.hosts,
                "territories": one.territories,
                "valid_from": one.valid_from,
                "valid_to": one.valid_to,
                "is_exclusive": one.is_exclusive,
                "state": one.state,
            }
            for one in licences
        ],
    }
    return JsonResponse(body)


@braked
def verify(request: Any) -> JsonResponse:
    """`number=…`, or `file` (and `proof`) as multipart: the verdict with its numbered checks in both languages."""
    number = request.POST.get("number", "").strip()

    def judged() -> dict[str, Any]:
        return verifying.judged_number(number) if number else verifying.judged_file(request.FILES)

    with override("en"):
        english = judged()
        checks = [{"outcome": row["outcome"], "en": [str(row["label"]), str(row["text"])]} for row in english["rows"]]
    with override("zh-hans"):
        if not number and "file" in request.FILES:
            for file in request.FILES.values():
                file.seek(0)
        for check, row in zip(checks, judged()["rows"], strict=True):
            check["zh"] = [str(row["label"]), str(row["text"])]
    tone = {"ok": "genuine", "wait": "to_note", "stop": "refused"}[english["tone"]]
    found = english["work"]
    return JsonResponse({"verdict": tone, "number": found.number if found else None, "checks": checks})


@braked
def identify(request: Any) -> JsonResponse:
    """`file` as multipart: registered works that it resembles. A likeness is not an infringement."""
    from copyhold.reference import services

    data = uploads.whole(request.FILES.get("file"))
    found = services.identify(data, request.FILES["file"].name, scope="registered")
    return JsonResponse(
        {
            "medium": found.medium,
            "reason": found.reason or None,
            "works_searched": found.works_searched,
            "took_ms": round(found.took_ms, 1),
            "matches": [
                {
                    "work": one.work.number if one.work else None,
                    "bits": round(one.match.bits, 1),
                    "query_share": round(one.match.query_share, 4),
                    "work_share": round(one.match.work_share, 4),
                    "segments": [
                        {"query": segment.query, "reference": segment.reference} for segment in one.match.segments
                    ],
                }
                for one in found.matches
            ],
        }
    )
