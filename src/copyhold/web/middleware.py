"""What happens around every request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


def security_headers(handler: Handler) -> Handler:
    return handler


def language(handler: Handler) -> Handler:
    return handler


def actor(handler: Handler) -> Handler:
    return handler


def clear_errors(handler: Handler) -> Handler:
    return handler
