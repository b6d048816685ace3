"""What the frame of every page needs: whose office, which language, how long the log, who I am, what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings

import copyhold
from copyhold.core import clock
from copyhold.core.models import Checkpoint, LedgerHead
from copyhold.people.actors import PUBLIC
from copyhold.people.models import Organisation
from copyhold.people.roles import Role
from copyhold.web import rail
from copyhold.web.phrases import is_chinese

if TYPE_CHECKING:
    from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """The frame's facts. After a lost database (`request.is_bare`) only what can be had without one."""
    actor = getattr(request, "actor", PUBLIC)
    frame: dict[str, Any] = {
        "zh": is_chinese(),
        "actor": actor,
        "as_of": clock.now(),
        "version": copyhold.__version__,
        "law_pack": settings.COPYHOLD_LAW_PACK.upper(),
        "public_url": settings.COPYHOLD_PUBLIC_URL,
        "other_language": other_language(request),
        "is_bare": getattr(request, "is_bare", False),
    }
    if not frame["is_bare"]:
        frame |= {"office": office(), "log_head": log_head()}
        if actor.account is not None:
            frame |= {
                "waiting": rail.waiting(actor),
                "rooms": rail.rooms(actor),
                "actor_role": Role(actor.role).label,
                "has_other_memberships": actor.account.memberships.count() > 1,
            }
    return frame


def other_language(request: HttpRequest) -> str:
    """The link that shows this very page in the other language; after a form was sent, the page with the form."""
    code = "en" if is_chinese() else "zh-hans"
    if request.method not in {"GET", "HEAD"}:  # the form's own address may take no GET
        form = urlsplit(request.headers.get("Referer", ""))
        return f"{form.path if form.netloc == request.get_host() else ''}?lang={code}"
    query = request.GET.copy()
    query["lang"] = code
    return f"?{query.urlencode()}"


def office() -> Organisation | None:
    """The administration whose register this is: the first one that registers."""
    kind = Organisation.Kind.ADMINISTRATION
    return Organisation.objects.filter(kind=kind).exclude(registrar_prefix="").order_by("pk").first()


def log_head() -> dict[str, Any]:
    newest = Checkpoint.objects.order_by("-size").first()
    size = LedgerHead.objects.values_list("size", flat=True).filter(pk=1).first() or 0
    return {"size": size, "root": bytes(newest.root).hex() if newest else "", "checkpoint": newest}
