"""Being written."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def verify(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")


def verify_number(request: HttpRequest, **_k: Any) -> HttpResponse:
    return render(request, "web/account/desk.html")
