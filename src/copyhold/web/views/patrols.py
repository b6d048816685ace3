"""Targets and patrols: what is inspected, how each visit ended, and the order to go again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from copyhold.errors import BadInput
from copyhold.inspection import services
from copyhold.inspection.models import Address, Match, Patrol, Target
from copyhold.people.models import Organisation
from copyhold.people.roles import Role
from copyhold.web import timeline, trouble
from copyhold.web.forms import LinesField
from copyhold.web.phrases import t
from copyhold.web.views.officer import MEDIA

if TYPE_CHECKING:
    from django.http import HttpResponse

PER_PAGE = 50
OUTCOMES = {
    "matched": t("recognised", "识别到作品"),
    "nothing": t("nothing recognised", "未识别到作品"),
    "not_matchable": t("too little to compare", "内容过少，无法比对"),
    "unreadable": t("not readable", "无法读取"),
}
TONES = {"visited": "ok", "waiting": "wait", "leased": "live", "refused": "stop", "failed": "stop"}


def visible(actor: Any) -> Any:
    return Target.objects.visible_to(actor).select_related("office", "platform")


@never_cache
@require_safe
def targets(request: Any) -> HttpResponse:
    rows = visible(request.actor).annotate(n=Count("patrols")).order_by("number")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    latest = {target.pk: target.patrols.first() for target in page.object_list}
    shown = [{"target": target, "patrol": latest[target.pk]} for target in page.object_list]
    patrols = Patrol.objects.filter(target__in=visible(request.actor)).select_related("target")[:12]
    return render(
        request, "web/officer/targets.html", {"nav": "inspection", "page": page, "rows": shown, "patrols": patrols}
    )


class TargetForm(forms.Form):
    name = forms.CharField(label=t("Name", "名称"), max_length=200,
                           error_messages={"required": t("Name the target.", "请填写名称。")})  # fmt: skip
    name_en = forms.CharField(label=t("Name in English", "英文名称"), max_length=200, required=False)
    places = LinesField(
        label=t("Where does the patrol begin?", "从哪些网址开始？"),
        help_text=t("Whole addresses from http on, one a line.", "完整网址（含 http），每行一个。"),
        error_messages={"required": t("Name one start address at least.", "请至少填写一个起始网址。")},
    )
    hosts = LinesField(
        label=t("On which hosts does it stay?", "限定在哪些域名内？"),
        help_text=t("Empty: those of the start addresses. The patrol never leaves them.",
                    "留空即为起始网址的域名。巡查不会超出范围。"),
        required=False, rows=2,
    )  # fmt: skip
    platform = forms.ModelChoiceField(
        label=t("Who runs it?", "由哪家平台运营？"), required=False,
        queryset=Organisation.objects.filter(kind=Organisation.Kind.PLATFORM),
    )  # fmt: skip
    max_pages = forms.IntegerField(
        label=t("At most how many pages?", "最多访问多少页？"), min_value=1, max_value=100_000, initial=500
    )
    delay_s = forms.FloatField(
        label=t("Seconds between two visits", "两次访问间隔（秒）"), min_value=0.2, max_value=60, initial=1
    )

    def clean_places(self) -> list[str]:
        places: list[str] = self.cleaned_data["places"]
        if wrong := [place for place in places if not place.startswith(("http://", "https://"))]:
            raise forms.ValidationError(
                t(f"Enter a whole address, from http on: {wrong[0]}", f"请填写完整网址：{wrong[0]}")
            )
        return places


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: Any) -> HttpResponse:
    form, failure, status = TargetForm(request.POST or None), "", 200
    if request.method == "POST" and form.is_valid():
        try:
            target = services.add_target(request.actor, office=request.actor.organisation, **form.cleaned_data)
        except BadInput as error:
            failure, status = trouble.words_of(error), 400
        else:
            messages.success(request, t(f"Target {target.number} is entered.", f"已登记目标 {target.number}。"))
            return redirect("target", number=target.number)
    elif request.method == "POST":
        status = 400
    facts = {
        "nav": "inspection", "form": form, "failure": failure, "title": t("Add a target", "新增巡查目标"),
        "button": t("Add the target", "新增目标"), "back": "targets", "tone": "primary",
        "aside": t("A patrol obeys robots.txt, waits between visits, and keeps what it sees in a WARC file.",
                   "巡查遵守 robots.txt，访问之间留有间隔，所见内容存入 WARC 文件。"),
    }  # fmt: skip
    return render(request, "web/officer/form.html", facts, status=status)


@never_cache
@require_safe
def target(request: Any, number: str) -> HttpResponse:
    record = get_object_or_404(visible(request.actor), number=number)
    facts = {
        "nav": "inspection", "target": record, "patrols": record.patrols.all()[:30],
        "acts": timeline.acts_of(record, viewer=request.actor, limit=20),
        "may_queue": request.actor.role in {Role.OFFICER, Role.HEAD, Role.HEADQUARTERS},
    }  # fmt: skip
    return render(request, "web/officer/target.html", facts)


@require_POST
def queue(request: Any, number: str) -> HttpResponse:
    record = get_object_or_404(visible(request.actor), number=number)
    patrol_made = services.queue_patrol(request.actor, record)
    messages.success(request, t(f"Patrol {patrol_made.number} is ordered.", f"已下达巡查 {patrol_made.number}。"))
    return redirect("patrol", number=patrol_made.number)


@never_cache
@require_safe
def patrol(request: Any, number: str) -> HttpResponse:
    rows = Patrol.objects.select_related("target__office").filter(target__in=visible(request.actor))
    record = get_object_or_404(rows, number=number)
    state, words = request.GET.get("state", ""), request.GET.get("q", "")
    addresses = record.addresses.order_by("pk")
    if state:
        addresses = addresses.filter(state=state)
    if words:
        addresses = addresses.filter(url__icontains=words)
    page = Paginator(addresses, PER_PAGE).get_page(request.GET.get("page"))
    counted = services.summary_of(record)
    facts = {
        "nav": "inspection", "patrol": record, "target": record.target, "page": page, "state": state, "q": words,
        "rows": [{"address": one, "tone": TONES.get(one.state, "")} for one in page.object_list],
        "states": Address.State.choices,
        "addresses": _named(counted["addresses"], dict(Address.State.choices)),
        "sightings": _named(counted["sightings"], OUTCOMES),
        "verdicts": _named(counted["verdicts"], dict(Match.Verdict.choices)),
        "all_addresses": sum(counted["addresses"].values()), "all_sightings": sum(counted["sightings"].values()),
        "all_matches": sum(counted["verdicts"].values()),
        "matches": Match.objects.filter(sighting__patrol=record).select_related("work", "sighting", "finding")
        .order_by("-bits")[:40],
        "media": MEDIA, "acts": timeline.acts_of(record, viewer=request.actor, limit=20),
    }  # fmt: skip
    return render(request, "web/officer/patrol.html", facts)


def _named(counts: dict[str, int], names: Any) -> list[tuple[Any, int]]:
    return [(names.get(code, code), n) for code, n in counts.items()]
