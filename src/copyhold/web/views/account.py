"""Sign in, choose for whom and in which role, sign out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import authenticate, login, logout
from django.core.cache import cache
from django.db.models import Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from copyhold.core import clock
from copyhold.people.models import Account, Membership
from copyhold.web import rail, trouble
from copyhold.web.middleware import remember_language
from copyhold.web.phrases import t

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

ATTEMPTS, WINDOW_S = 8, 300


class SignIn(forms.Form):
    login = forms.CharField(
        label=t("Account", "账号"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
        error_messages={"required": t("Enter your account.", "请输入账号。")},
    )
    password = forms.CharField(
        label=t("Password", "密码"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": t("Enter your password.", "请输入密码。")},
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: Any) -> HttpResponse:
    form = SignIn(request.POST or None)
    following = request.POST.get("next") or request.GET.get("next", "")
    if request.method == "POST" and form.is_valid():
        place = f"sign-in:{request.META.get('REMOTE_ADDR', '')}:{form.cleaned_data['login']}"
        if (cache.get_or_set(place, 0, WINDOW_S) or 0) >= ATTEMPTS:
            words = t("Wait five minutes, then try again.", "请五分钟后再试。")
            return trouble.page(request, 429, str(words), "sign_in.too_often")
        account = authenticate(request, username=form.cleaned_data["login"], password=form.cleaned_data["password"])
        if isinstance(account, Account):
            cache.delete(place)
            return _enter(request, account, following)
        cache.incr(place)
        form.add_error(
            None, t("Account and password do not belong together. Check both.", "账号与密码不符，请核对后重新输入。")
        )
    return render(request, "web/account/sign_in.html", {"form": form, "next": following})


def _enter(request: HttpRequest, account: Account, following: str) -> HttpResponse:
    login(request, account)
    memberships = _memberships(account)
    if len(memberships) == 1:
        response = _take(request, memberships[0], following)
    else:
        request.session["next"] = following
        response = redirect("choose_membership")
    if "language" not in request.COOKIES:
        remember_language(response, account.language)
    return response


def _memberships(account: Account) -> list[Membership]:
    today = clock.today()
    valid = account.memberships.select_related("organisation").filter(
        Q(valid_from=None) | Q(valid_from__lte=today), Q(valid_to=None) | Q(valid_to__gte=today)
    )
    return list(valid.order_by("pk"))


def _take(request: HttpRequest, membership: Membership, following: str) -> HttpResponse:
    request.session["membership"] = membership.pk
    safe = url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=request.is_secure())
    return redirect(following if safe else reverse("desk"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose_membership(request: Any) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect("sign_in")
    memberships = _memberships(request.user)
    if request.method == "POST":
        chosen = next((one for one in memberships if str(one.pk) == request.POST.get("membership")), None)
        if chosen:
            return _take(request, chosen, request.session.pop("next", ""))
    return render(request, "web/account/choose.html", {"memberships": memberships})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends on POST; a GET (the link in the phone's menu) asks first, so that no other site can do it."""
    if request.method != "POST":
        return render(request, "web/account/sign_out.html")
    logout(request)
    return redirect("home")


def desk(request: Any) -> HttpResponse:
    """Where this role works; a role without a desk of its own gets the list of what waits."""
    if target := rail.DESKS.get(request.actor.role):
        return redirect(target)
    return render(request, "web/account/desk.html")
