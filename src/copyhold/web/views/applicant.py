"""Being written."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def answer(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")


def application(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")


def applications(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")


def record_licence(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")


def withdraw(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")
