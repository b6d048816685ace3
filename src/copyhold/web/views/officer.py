"""The inspection officer: findings that wait, one finding with its evidence, and the exhibits behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from copyhold.errors import BadInput
from copyhold.evidence import services as evidence
from copyhold.evidence.models import Custody, Exhibit
from copyhold.inspection import services
from copyhold.inspection.lifecycle import FINDING
from copyhold.inspection.models import Finding, Target
from copyhold.people import permissions
from copyhold.reference import services as reference
from copyhold.registry.models import Licence
from copyhold.web import timeline, trouble
from copyhold.web.forms import ChoiceField
from copyhold.web.phrases import is_chinese, short_day, t
from copyhold.web.views.examination import seen_in
from copyhold.web.views.likeness import figures, first_look, handed_out, said, strength
from copyhold.web.views.verify import report_rows

if TYPE_CHECKING:
    from django.http import HttpResponse

PER_PAGE = 25
MEDIA = {
    "image": t("picture", "图片"),
    "text": t("text", "文字"),
    "audio": t("sound", "音频"),
    "video": t("video", "视频"),
}
JUDGE = {
    "confirm": services.confirm_finding,
    "reject": services.reject_finding,
    "ask_owner": services.ask_owner,
}
DONE = {
    "confirm": t("Confirmed; a clue follows from it.", "已确认，线索随后生成。"),
    "reject": t("Rejected, with your reason.", "已排除，并记录理由。"),
    "ask_owner": t("The owner is to be asked.", "已转询权利人。"),
}


@never_cache
@require_safe
def findings(request: Any) -> HttpResponse:
    """The inbox: the strongest first, its filters kept in the URL."""
    asked = {name: request.GET.get(name, "") for name in ("state", "medium", "target", "q")}
    visible = Finding.objects.visible_to(request.actor)
    rows = visible
    state = asked["state"] or "to_judge"
    if state != "all":
        rows = rows.filter(state=state)
    if asked["medium"]:
        rows = rows.filter(match__sighting__medium=asked["medium"])
    if asked["target"]:
        rows = rows.filter(match__sighting__patrol__target__number=asked["target"])
    if asked["q"]:
        rows = rows.filter(Q(number__icontains=asked["q"]) | Q(match__work__title__icontains=asked["q"])
                           | Q(match__work__title_en__icontains=asked["q"])
                           | Q(match__sighting__page_url__icontains=asked["q"]))  # fmt: skip
    rows = rows.select_related("match__work", "match__sighting__patrol__target", "exhibit")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    facts = {
        "nav": "inspection", "page": page, "asked": asked, "state": state,
        "rows": [_row(one) for one in page.object_list],
        "states": [(one.name, one.label) for one in FINDING.states], "media": MEDIA.items(),
        "targets": Target.objects.filter(patrols__sightings__matches__finding__in=visible).distinct(),
    }  # fmt: skip
    return render(request, "web/officer/findings.html", facts)


def _row(one: Finding) -> dict[str, Any]:
    match = one.match
    medium = match.sighting.medium
    return {
        "finding": one, "match": match, "medium": MEDIA.get(medium, medium), "strength": strength(match.bits),
        "host": host_of(match.sighting.page_url),
        "thumb": reverse("match_file", args=[match.pk, "query.jpg"]) if medium == "image" else "",
    }  # fmt: skip


def host_of(url: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(url).netloc


class Judgement(forms.Form):
    """Confirm, reject or ask, always with a reason that a stranger can follow."""

    reason = forms.CharField(
        label=t("Reason", "理由"),
        help_text=t("One or two sentences a stranger can follow.", "用一两句话说明，让他人看得明白。"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": t("Give a reason that a stranger can follow.", "请写明理由。")},
    )
    field_order = ("judgement", "reason")

    def __init__(self, *args: Any, state: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["judgement"] = ChoiceField(
            label=t("Judgement", "判断"),
            choices=[(step.action, step.label) for step in FINDING.possible(state)],
            hints={
                "confirm": t("a clue follows from it", "随后生成线索"),
                "reject": t("say why; the finding is closed", "说明原因，发现即关闭"),
                "ask_owner": t("a licence may exist that is not recorded", "可能存在未备案的许可"),
            },
            error_messages={"required": t("Choose a judgement.", "请选择判断。")},
        )
        self.order_fields(self.field_order)


def found(request: Any, number: str) -> Finding:
    rows = Finding.objects.visible_to(request.actor).select_related(
        "match__work__owner", "match__sighting__patrol__target", "match__explanation", "exhibit", "office"
    )
    record: Finding | None = rows.filter(number=number).first()
    if record is None:
        raise Http404
    permissions.check(request.actor, "finding.read", record)
    return record


@never_cache
def finding(request: Any, number: str) -> HttpResponse:
    """One finding; the first look in a session is written into the custody of its exhibit."""
    record = found(request, number)
    if first_look(request, f"exhibit-{record.exhibit_id}-{record.pk}"):
        evidence.open_exhibit(request.actor, record.exhibit, reason=record.number)
    return _drawn(request, record, Judgement(state=record.state))


@require_POST
def judge(request: Any, number: str) -> HttpResponse:
    record = found(request, number)
    form = Judgement(request.POST, state=record.state)
    chosen = request.POST.get("judgement", "")
    if chosen in JUDGE and not FINDING.possible(record.state):
        JUDGE[chosen](request.actor, record, reason=request.POST.get("reason", ""), seen=seen_in(request))
    if not form.is_valid():
        return _drawn(request, record, form, status=400)
    try:
        JUDGE[chosen](request.actor, record, reason=form.cleaned_data["reason"], seen=seen_in(request))
    except BadInput as error:
        return _drawn(request, record, form, failure=trouble.words_of(error), status=400)
    messages.success(request, DONE[chosen])
    return redirect("finding", number=number)


def _drawn(request: Any, record: Finding, form: Judgement, *, failure: str = "", status: int = 200) -> HttpResponse:
    match, actor = record.match, request.actor
    explanation = reference.explanation(match.explanation)
    may_judge = permissions.may(actor, "finding.confirm", record) and bool(FINDING.possible(record.state))
    known = timeline.people([record.judged_by])
    facts = {
        "nav": "inspection", "finding": record, "match": match, "sighting": match.sighting, "work": match.work,
        "exhibit": record.exhibit, "items": record.exhibit.items.select_related("blob"),
        "explanation": explanation, "figures": figures(explanation, match), "strength": strength(match.bits),
        "said": said(explanation) if explanation.kind == "text" else "",
        "base": reverse("match_file", args=[match.pk, "x"])[:-1],
        "medium": MEDIA.get(match.sighting.medium, match.sighting.medium), "host": host_of(match.sighting.page_url),
        "reasons": reasons_of(match.reasons), "custody": custody_of(record.exhibit, actor),
        "form": form, "failure": failure, "may_judge": may_judge,
        "judged_by": timeline.who_is(record.judged_by, known, actor) if record.judged_by else "",
        "others": Finding.objects.visible_to(actor).filter(match__sighting__page_url=match.sighting.page_url)
        .exclude(pk=record.pk).select_related("match__work", "match__sighting")[:8],
        "clue": getattr(record, "clue", None), "acts": timeline.acts_of(record, viewer=actor),
        **_place(record, actor),
    }  # fmt: skip
    return render(request, "web/officer/finding.html", facts, status=status)


def reasons_of(reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The licence check, each licence with its sentence."""
    licensees = dict(Licence.objects.filter(number__in=[one["licence"] for one in reasons if one.get("licence")])
                     .values_list("number", "licensee"))  # fmt: skip
    return [
        {
            "outcome": "pass" if one.get("covers") else "fail",
            "licence": one.get("licence", ""), "licensee": licensees.get(one.get("licence", ""), ""),
            "text": one["zh"] if is_chinese() else one["en"],
        }
        for one in reasons
    ]  # fmt: skip


def custody_of(exhibit: Exhibit, viewer: Any) -> list[dict[str, Any]]:
    rows = list(exhibit.custody.order_by("-at", "-pk")[:30])
    known = timeline.people(row.actor for row in rows)
    return [
        {
            "at": f"{short_day(row.at)} {timeline.time_of(row.at)}",
            "label": Custody.Step(row.step).label,
            "text": " · ".join(
                part for part in (timeline.who_is(row.actor, known, viewer), row.note, row.digest[:12]) if part
            ),
            "tone": "now" if place == 0 else "",
        }
        for place, row in enumerate(rows)
    ]


def _place(record: Finding, actor: Any) -> dict[str, Any]:
    waiting = list(Finding.objects.visible_to(actor).filter(state="to_judge").values_list("number", flat=True)[:500])
    if record.number not in waiting:
        return {"place": 0, "of": len(waiting), "next": waiting[0] if waiting else ""}
    at = waiting.index(record.number)
    following = [*waiting[at + 1 :], *waiting[:at]]
    return {"place": at + 1, "of": len(waiting), "next": following[0] if following else ""}


# --- exhibits --------------------------------------------------------------------------------------------------------


@never_cache
@require_safe
def exhibits(request: Any) -> HttpResponse:
    words = request.GET.get("q", "")
    rows = Exhibit.objects.visible_to(request.actor)
    if words:
        rows = rows.filter(Q(number__icontains=words) | Q(title__icontains=words) | Q(source__icontains=words))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "web/officer/exhibits.html", {"nav": "evidence", "page": page, "q": words})


def _exhibit(request: Any, number: str, action: str = "exhibit.open") -> Exhibit:
    record: Exhibit = get_object_or_404(Exhibit.objects.visible_to(request.actor), number=number)
    permissions.check(request.actor, action, record)
    return record


@never_cache
@require_safe
def exhibit(request: Any, number: str) -> HttpResponse:
    record = _exhibit(request, number)
    if first_look(request, f"exhibit-{record.pk}"):
        evidence.open_exhibit(request.actor, record, reason="look at the exhibit")
    return _exhibit_drawn(request, record)


def _exhibit_drawn(request: Any, record: Exhibit, report: Any = None) -> HttpResponse:
    facts = {
        "nav": "evidence", "exhibit": record, "items": record.items.select_related("blob"), "report": report,
        "steps": report_rows(report) if report else [], "custody": custody_of(record, request.actor), "entry": evidence.sealing_entry(record),
        "findings": record.findings.select_related("match__work"), "cases": record.cases.select_related("case"),
    }  # fmt: skip
    return render(request, "web/officer/exhibit.html", facts)


@require_POST
def exhibit_check(request: Any, number: str) -> HttpResponse:
    """Read everything again, as a stranger would, and show each step of the verification."""
    record = _exhibit(request, number, "exhibit.check")
    return _exhibit_drawn(request, record, evidence.check_exhibit(request.actor, record))


@require_POST
def exhibit_export(request: Any, number: str) -> HttpResponse:
    record = _exhibit(request, number, "exhibit.export")
    return handed_out(evidence.export_exhibit(request.actor, record), "application/zip", f"{record.number}.zip")
