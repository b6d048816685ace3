"""Being written."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def follow(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")


def report(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")
