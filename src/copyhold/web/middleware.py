"""What happens around every request, from the outside in: its number, its headers, its language, who acts, may they."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

from copyhold.core.ledger import request_id
from copyhold.errors import Forbidden
from copyhold.people import permissions
from copyhold.people.actors import PUBLIC, Actor, actor_of
from copyhold.people.models import Membership
from copyhold.web import access, trouble
from copyhold.web.phrases import t

Handler = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data: blob:; script-src 'self'; connect-src 'self'; "
    "media-src 'self' blob:; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
YEAR_S = 365 * 24 * 3600


def numbered(handler: Handler) -> Handler:
    """Give the request a number that stands on error pages, in the log of the server and in the ledger."""

    def handle(request: HttpRequest) -> HttpResponse:
        token = request_id.set(secrets.token_hex(6))
        try:
            response = handler(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)

    return handle


def security_headers(handler: Handler) -> Handler:
    def handle(request: HttpRequest) -> HttpResponse:
        response = handler(request)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        return response

    return handle


def language(handler: Handler) -> Handler:
    """`?lang=` (kept in a cookie), else the cookie, else what the browser asks for, else the office's own."""
    offered = {code for code, _ in settings.LANGUAGES}

    def handle(request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("lang", "")
        chosen = asked if asked in offered else translation.get_language_from_request(request)
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = handler(request)
        if chosen == asked:
            remember_language(response, chosen)
        response.setdefault("Content-Language", "zh-Hans" if chosen.startswith("zh") else "en")
        return response

    return handle


def remember_language(response: HttpResponse, code: str) -> None:
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, code, max_age=YEAR_S, httponly=True, samesite="Lax")


def actor(handler: Handler) -> Handler:
    """`request.actor`: the membership chosen at sign-in, or the public."""

    def handle(request: HttpRequest) -> HttpResponse:
        request.actor = _actor(request)  # type: ignore[attr-defined]
        return handler(request)

    return handle


def _actor(request: HttpRequest) -> Actor:
    chosen = request.session.get("membership")
    if chosen is None or not request.user.is_authenticated:
        return PUBLIC
    membership = (
        Membership.objects.select_related("account", "organisation").filter(pk=chosen, account=request.user.pk).first()
    )
    if membership is None:
        return PUBLIC
    try:
        return actor_of(membership)
    except Forbidden:
        return PUBLIC


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """On with the page after signing in. A form that came after the session ended was not carried out: say so."""
    if request.method in {"GET", "HEAD"}:
        return redirect_to_login(request.get_full_path())
    words = t(
        "You had been signed out, so what you just sent was not saved. Sign in, enter it again and send it once more.",
        "登录已失效，刚才提交的内容未保存。请登录后重新填写并提交。",
    )
    messages.warning(request, words)
    form = urlsplit(request.headers.get("Referer", ""))  # the form's own address may take no GET
    return redirect_to_login(form.path if form.netloc == request.get_host() else reverse("desk"))


class Doorkeeper:
    """The one place where pages are guarded: `web.access` says which act a URL needs, `people` says who may."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.handler(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.content:
            return response
        words = t("This is the address of a button. Go back and press it.", "这是按钮的地址。请返回页面后点击按钮。")
        told = trouble.page(request, response.status_code, str(words))
        told["Allow"] = response["Allow"]
        return told

    def process_view(self, request: Any, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        action = access.action_of(request.resolver_match.view_name)
        if action == access.PUBLIC:
            return None
        if request.actor.account is None:
            return _to_sign_in(request)
        if action != access.SIGNED_IN:
            try:
                permissions.check(request.actor, action)
            except Forbidden as error:
                return trouble.answer(request, error)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """An error with a meaning becomes a page that says what to do; all others go on to the page for 500."""
        return trouble.answer(request, error)
