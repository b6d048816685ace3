"""One form for every act of enforcement: a step needs some words (or none), and one service carries it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render

from copyhold.errors import BadInput, Conflict
from copyhold.people import permissions
from copyhold.web import trouble
from copyhold.web.phrases import t
from copyhold.web.views.examination import seen_in

if TYPE_CHECKING:
    from django.http import HttpResponse

Fields = Callable[[Any], dict[str, forms.Field]]


def words(label: Any, *, hint: Any = "", rows: int = 6, is_needed: bool = True) -> forms.Field:
    """A long text of the person who acts; what is empty is said in words."""
    return forms.CharField(
        label=label, help_text=hint, required=is_needed, max_length=20_000, widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": t("Write it down: the file must show it.", "请填写，案卷须载明。")},
    )  # fmt: skip


@dataclass(frozen=True)
class Step:
    """`perform(actor, record, seen=…, **what was typed)` → the record to open next, or None to stay."""

    label: Any
    perform: Callable[..., Any]
    permission: str
    fields: Fields = field(default=lambda _record: {})
    tone: str = ""
    note: Any = ""


def carry_out(request: Any, record: Any, step: Step, *, kind: str, nav: str = "enforcement") -> HttpResponse:
    """Without fields: POST does it. With fields: GET shows the form, POST does it; nothing typed is lost."""
    form = forms.Form(request.POST or None) if request.method == "POST" else forms.Form()
    form.fields.update(step.fields(record))
    failure, status = "", 200
    permissions.check(request.actor, step.permission, record)
    if request.method == "POST":
        if form.is_valid():
            try:
                opened = step.perform(request.actor, record, seen=seen_in(request), **form.cleaned_data)
            except (BadInput, Conflict) as error:
                if isinstance(error, Conflict) and (
                    error.instance_code == "record.changed_meanwhile" or not form.fields
                ):
                    raise
                failure = trouble.words_of(error)
                record.refresh_from_db()
            else:
                messages.success(request, t("Done, and entered in the ledger.", "已办理，并记入台账。"))
                return (
                    opened if opened is not None and hasattr(opened, "status_code") else redirect(kind, record.number)
                )
        status = 400
    facts = {
        "nav": nav, "form": form, "failure": failure, "title": str(step.label).rstrip("…"), "record": record,
        "number": record.number, "button": str(step.label).rstrip("…"), "back": kind, "back_arg": record.number,
        "tone": "grave" if step.tone == "grave" else "primary", "seen": record.version, "aside": step.note,
    }  # fmt: skip
    return render(request, "web/officer/form.html", facts, status=status)


def offered(  # noqa: PLR0917
            actor: Any, record: Any, steps: dict[str, Step], names: Sequence[tuple[str, str]], reasons: dict[str, Any],
            kind: str) -> list[dict[str, Any]]:  # fmt: skip
    """The buttons, each off with its reason where this person may not, or something stands in the way."""
    from django.urls import reverse

    shown = []
    for name, tone in names:
        step = steps[name]
        is_allowed = permissions.may(actor, step.permission, record)
        why = "" if is_allowed else t("not with your role, or not your case", "您的身份不能办理，或非本案承办人")
        shown.append(
            {
                "action": name, "label": step.label, "tone": tone, "why": why or reasons.get(name, ""),
                "is_form": bool(step.fields(record)), "url": reverse(f"{kind}_{name}", args=[record.number]),
            }
        )  # fmt: skip
    return shown
