"""Being written."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def checkpoint(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")


def log(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")


def tile(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")
