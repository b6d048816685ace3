from typing import Any

from django.http import HttpRequest


def shell(_request: HttpRequest) -> dict[str, Any]:
    """What the frame of every page needs."""
    return {}
