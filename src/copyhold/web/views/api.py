"""Being written."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def documentation(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")


def identify(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")


def verify(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")


def work(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")


def works(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")
