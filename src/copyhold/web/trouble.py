"""Errors at the edge: which status, which words, and what is safe. The only place where HTTP meets the error tree."""

from __future__ import annotations

import logging
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext

from copyhold.core.ledger import request_id
from copyhold.errors import BadInput, Conflict, CopyholdError, Forbidden, NotFound, Unavailable
from copyhold.web.phrases import t

if TYPE_CHECKING:
    from django.core.exceptions import PermissionDenied, SuspiciousOperation

log = logging.getLogger("copyhold.web")

STATUS: tuple[tuple[type[CopyholdError], int], ...] = (
    (BadInput, 400),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Unavailable, 503),
)
HEADINGS = {
    400: t("This cannot be used as it is", "此内容无法使用"),
    403: t("This is not open to you", "您没有此项权限"),
    404: t("There is nothing here", "此处没有内容"),
    405: t("This page works another way", "请换一种方式打开本页"),
    409: t("Someone was faster, or the record has moved on", "记录已有变化"),
    429: t("Too many attempts", "尝试次数过多"),
    500: t("Something went wrong on our side", "系统出现问题"),
    503: t("The register did not answer", "登记系统暂时没有应答"),
}
SAFE = {
    409: t(
        "Nothing was overwritten. Open the record again and look before you act.",
        "没有覆盖任何内容。请重新打开记录，查看后再操作。",
    ),
    500: t(
        "The act was not carried out and nothing was half-saved. The office sees this error under the number below.",
        "本次操作未执行，也没有只保存一半的内容。管理人员可凭下方编号查到此错误。",
    ),
    503: t(
        "Nothing was lost: what was saved stays saved, and what you just sent was not carried out. "
        "Try again in a minute.",
        "没有任何内容丢失：已保存的仍在，刚才提交的尚未执行。请一分钟后再试。",
    ),
}


def status_of(error: CopyholdError) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def words_of(error: CopyholdError) -> str:
    """The message in the reader's language; gettext first, then the facts."""
    text = gettext(error.template)
    return text.format(**error.params) if error.params else text


def answer(request: HttpRequest, error: BaseException) -> HttpResponse | None:
    """A response for an error that has a meaning, else None."""
    if isinstance(error, (OperationalError, InterfaceError)):
        log.error("%s the database was lost: %s", request_id.get(), error)
        return page(request, 503, "", "database.lost")
    if isinstance(error, CopyholdError):
        return page(request, status_of(error), words_of(error), error.instance_code)
    return None


def page(request: HttpRequest, status: int, words: str, code: str = "") -> HttpResponse:
    """An error page in the look, or a problem document (RFC 9457) for machines."""
    if wants_json(request):
        return problem(status, words or str(HEADINGS.get(status, "")), code)
    # A lost database must not be asked for the shell's figures: see context.shell.
    request.is_bare = status >= HTTPStatus.INTERNAL_SERVER_ERROR  # type: ignore[attr-defined]
    facts: dict[str, Any] = {
        "status": status,
        "heading": HEADINGS.get(status, HEADINGS[500]),
        "words": words,
        "safe": SAFE.get(status, ""),
        "request_id": request_id.get(),
        "code": code,
    }
    return render(request, "web/error.html", facts, status=status)


def problem(status: int, detail: str, code: str = "") -> JsonResponse:
    body = {
        "type": f"urn:copyhold:{code or status}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": str(detail),
        "request_id": request_id.get(),
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/v") or request.headers.get("Accept", "").startswith("application/json")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    words = t(
        "Check the address, or search the register by number, title or owner.",
        "请检查网址，或按登记号、作品名称、著作权人检索登记簿。",
    )
    return page(request, 404, str(words))


def bad_request(request: HttpRequest, exception: SuspiciousOperation | None = None) -> HttpResponse:  # noqa: ARG001
    return page(request, 400, str(t("Go back and send it once more.", "请返回后重新提交。")))


def forbidden(request: HttpRequest, exception: PermissionDenied | None = None) -> HttpResponse:  # noqa: ARG001
    return page(request, 403, str(t("Sign in with another role, or go back.", "请换用其他身份登录，或返回。")))


def broken(request: HttpRequest) -> HttpResponse:
    """Everything unforeseen, and a database lost outside a view (in a session, say)."""
    error = sys.exc_info()[1]
    return (error and answer(request, error)) or page(request, 500, "")


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF check said no: nearly always a page that was open for very long, or cookies switched off."""
    log.warning("%s csrf: %s", request_id.get(), reason)
    words = t(
        "This form was open too long, or your browser keeps no cookies. Go back, load the page again and send it once "
        "more. What you typed is still there.",
        "表单打开时间过长，或浏览器未启用 Cookie。请返回并刷新页面后重新提交，您填写的内容仍在。",
    )
    return page(request, 403, str(words), "form.stale")


__all__ = ["answer", "bad_request", "broken", "forbidden", "not_found", "page", "problem", "stale_form"]
