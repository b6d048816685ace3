"""Cases: the list, the case file, its documents, and every act that is open now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from copyhold.core import clock, vault
from copyhold.enforcement import law as enforcement_law
from copyhold.enforcement import services
from copyhold.enforcement.lifecycle import CASE
from copyhold.enforcement.models import Case, Document
from copyhold.evidence.models import Exhibit
from copyhold.people import permissions
from copyhold.people.models import Organisation
from copyhold.people.roles import Role
from copyhold.registry.models import Work
from copyhold.web import law, timeline, trouble
from copyhold.web.forms import LinesField
from copyhold.web.phrases import is_chinese, month_day, t
from copyhold.web.views.likeness import handed_out
from copyhold.web.views.steps import Step, carry_out, offered, words

if TYPE_CHECKING:
    from django.http import HttpResponse

PER_PAGE = 25
LIVE = ("filed", "investigating", "pre_notice", "legal_review", "decided")


def in_words(text: Any) -> str:
    return str(text.zh if is_chinese() else text.en)


def _quantities(record: Case) -> dict[str, forms.Field]:
    names = {one.quantity: in_words(one.name) for one in enforcement_law.pack_of(record).thresholds}
    return {
        code: forms.IntegerField(label=name, required=False, min_value=0, initial=record.quantities.get(code))
        for code, name in names.items()
    }


def _count(actor: Any, record: Case, *, seen: int | None, **typed: Any) -> None:
    given = {name: value for name, value in typed.items() if value is not None}
    services.record_quantities(actor, record, quantities=given, seen=seen)


def _exhibits(record: Case) -> dict[str, forms.Field]:
    rows = Exhibit.objects.filter(office=record.office).exclude(cases__case=record)
    return {"exhibit": forms.ModelChoiceField(label=t("Which exhibit?", "哪件证据？"), queryset=rows,
                                              error_messages={"required": t("Choose an exhibit.", "请选择证据。")})}  # fmt: skip


def _notice(record: Case) -> dict[str, forms.Field]:
    urls = [one.exhibit.source for one in record.exhibits.select_related("exhibit") if one.exhibit.source]
    rules = [(rule.code, in_words(rule.name)) for rule in enforcement_law.pack_of(record).notice_rules]
    platforms = Organisation.objects.filter(kind=Organisation.Kind.PLATFORM)
    first = next((clue.platform_id for clue in record.clues.all() if clue.platform_id), None)
    return {
        "addressee": forms.ModelChoiceField(label=t("To which platform?", "发给哪家平台？"), queryset=platforms, initial=first,
                                            error_messages={"required": t("Choose a platform.", "请选择平台。")}),
        "rule": forms.ChoiceField(label=t("Under which rule?", "适用哪类规则？"), choices=rules),
        "urls": LinesField(label=t("Which addresses?", "涉及哪些网址？"), initial="\n".join(dict.fromkeys(urls)), rows=5,
                           error_messages={"required": t("Name one address at least.", "请至少填写一个网址。")}),
    }  # fmt: skip


def _draft(actor: Any, record: Case, *, seen: int | None, **typed: Any) -> Any:  # noqa: ARG001 - a case has no act here
    return redirect("notice", services.draft_notice(actor, record, **typed).number)


def _review(_record: Case) -> dict[str, forms.Field]:
    return {"opinion": words(t("Legal opinion", "法制审核意见")),
            "passes": forms.BooleanField(label=t("The case passes the review", "审核通过"), required=False)}  # fmt: skip


def _statement(_record: Case) -> dict[str, forms.Field]:
    return {"text": words(t("What the party said", "陈述申辩内容")),
            "waives": forms.BooleanField(label=t("The party expressly gives up any further statement and a hearing",
                                                 "当事人明确放弃进一步陈述申辩和听证"), required=False)}  # fmt: skip


def _one(name: str, label: Any, hint: Any = "") -> Any:
    return lambda _record: {name: words(label, hint=hint)}


STEPS = {
    "investigate": Step(t("Begin the investigation", "开始调查"), services.investigate_case, "case.investigate"),
    "give_prior_notice": Step(
        t("Give prior notice…", "行政处罚事先告知…"), services.give_prior_notice, "case.give_prior_notice",
        _one("text", t("Facts, reasons, and what is proposed", "事实、理由及拟作出的处罚")),
        note=t("The party may then speak and ask for a hearing; no decision before those terms have passed.",
               "当事人可陈述申辩、要求听证；期限届满前不得作出决定。")),
    "record_statement": Step(t("Record the party’s statement…", "登记陈述申辩…"), services.record_statement,
                             "case.record_statement", _statement),
    "record_quantities": Step(t("Record quantities…", "登记涉案数量…"), _count, "case.record_quantities", _quantities),
    "send_to_review": Step(t("Send to legal review", "送法制审核"), services.send_to_review, "case.send_to_review"),
    "review": Step(t("Write the legal opinion…", "填写法制审核意见…"), services.review_case, "case.review", _review),
    "return": Step(t("Return with questions…", "退回补充调查…"), services.return_case, "case.return",
                   _one("reason", t("What is to be settled first?", "需补充查明的问题"))),
    "decide": Step(t("Decide…", "作出决定…"), services.decide_case, "case.decide",
                   _one("decision", t("The decision, as it is served", "处罚决定内容"))),
    "close": Step(t("Close and archive", "结案归档"), services.close_case, "case.close"),
    "drop": Step(t("Drop…", "撤销案件…"), services.drop_case, "case.drop",
                 _one("reason", t("Why does it end without a decision?", "撤销理由")), tone="grave"),
    "refer": Step(t("Refer to the police…", "移送公安机关…"), services.refer_case, "case.refer",
                  _one("reason", t("Why is a crime suspected?", "涉嫌犯罪的理由")), tone="grave"),
    "add_exhibit": Step(t("Add evidence…", "补充证据…"), services.add_exhibit, "case.add_exhibit", _exhibits),
    "draft_notice": Step(t("Draft a notice to a platform…", "拟制平台通知…"), _draft, "notice.draft", _notice),
}  # fmt: skip


@never_cache
@require_safe
def cases(request: Any) -> HttpResponse:
    asked = {name: request.GET.get(name, "") for name in ("state", "mine", "q")}
    rows = Case.objects.visible_to(request.actor).select_related("office")
    state = asked["state"] or "open"
    if state == "open":
        rows = rows.filter(state__in=LIVE)
    elif state != "all":
        rows = rows.filter(state=state)
    if asked["mine"]:
        rows = rows.filter(officers=request.actor.account)
    if asked["q"]:
        rows = rows.filter(
            Q(number__icontains=asked["q"]) | Q(title__icontains=asked["q"]) | Q(party__icontains=asked["q"])
        )
    page = Paginator(rows.order_by("filed_on", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    now = clock.now()
    shown = [
        {"case": one, "clock": next((c for c in services.clocks_of(one, now) if not c["is_met"]), None)}
        for one in page.object_list
    ]
    facts = {
        "nav": "enforcement", "page": page, "rows": shown, "asked": asked, "state": state,
        "states": [(one.name, one.label) for one in CASE.states],
    }  # fmt: skip
    return render(request, "web/officer/cases.html", facts)


def found(request: Any, number: str) -> Case:
    record: Case | None = (
        Case.objects.visible_to(request.actor).select_related("office", "reviewer").filter(number=number).first()
    )
    if record is None:
        raise Http404
    permissions.check(request.actor, "case.read", record)
    return record


@never_cache
@require_safe
def case(request: Any, number: str) -> HttpResponse:
    record, actor, now = found(request, number), request.actor, clock.now()
    terms = services.clocks_of(record, now)
    clues = list(record.clues.select_related("work__owner", "platform", "finding"))
    notices = [{"notice": one, "clock": next(iter(services.clocks_of(one, now)), None)}
               for one in record.notices.select_related("addressee")]  # fmt: skip
    told = timeline.acts_of(record, *[one["notice"] for one in notices], *clues, viewer=actor, limit=60)
    marks = services.marks_of(record)
    facts = {
        "nav": "enforcement", "case": record, "clocks": [one for one in terms if not one["is_met"]][:3] or terms[:1],
        "links": [_link(one) for one in services.chain_of(record)], "acts": [*_coming(terms, notices), *told],
        "told": len(told), "documents": record.documents.all(), "notices": notices, "clues": clues,
        "exhibits": record.exhibits.select_related("exhibit"), "parties": _parties(record, clues),
        "marks": marks, "marks_reached": sum(one.is_reached for one in marks), "buttons": _buttons(record, actor),
        "act_name": law.item_name("acts", record.act), "officers": record.officers.all(),
        "works": len({one.work_id for one in clues if one.work_id}),
    }  # fmt: skip
    return render(request, "web/officer/case.html", facts)


def _link(link: Any) -> dict[str, Any]:
    url = reverse(link.url_name, args=[link.url_arg]) if link.url_name else ""
    return {
        "label_en": link.label_en,
        "label_zh": link.label_zh,
        "text_en": link.text_en,
        "text_zh": link.text_zh,
        "url": url,
    }


def _coming(terms: list[dict[str, Any]], notices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is still to come, the farthest on top, dotted."""
    own = [(one, one["name_zh"] if is_chinese() else one["name_en"]) for one in terms if not one["is_met"]]
    for held in notices:
        one = held["clock"]
        if one and not one["is_met"]:
            own.append((one, t(f"{held['notice'].addressee} acts on {held['notice'].number}",
                               f"{held['notice'].addressee} 处理通知 {held['notice'].number}")))  # fmt: skip
    own.sort(key=lambda pair: pair[0]["due_at"], reverse=True)
    return [
        {
            "at": t(f"by {month_day(one['due'])}", f"{month_day(one['due'])}前"), "label": label, "tone": "next",
            "text": one["words_zh"] if is_chinese() else one["words_en"],
        }
        for one, label in own
    ]  # fmt: skip


def _parties(record: Case, clues: list[Any]) -> list[dict[str, Any]]:
    rows = [{"role": t("Party", "当事人"), "name": record.party, "about": ""}] if record.party else []
    owners = {clue.work.owner for clue in clues if clue.work}
    for owner in sorted(owners, key=str):
        n = Work.objects.filter(owner=owner, clues__case=record).distinct().count()
        rows.append(
            {"role": t("Owner", "权利人"), "name": owner, "about": t(f"works in this case: {n}", f"涉案作品 {n} 件")}
        )
    for platform in sorted({clue.platform for clue in clues if clue.platform}, key=str):
        n = record.notices.filter(addressee=platform).count()
        rows.append({"role": t("Platform", "平台"), "name": platform, "about": t(f"notices: {n}", f"通知 {n} 份")})
    return rows


def _buttons(record: Case, actor: Any) -> list[dict[str, Any]]:
    """The table of states first, then what may be added to an open file."""
    steps = [(step.action, step.tone) for step in CASE.possible(record.state)]
    extra = []
    if record.state in LIVE[:4]:
        if record.prior_notice_at:
            extra.append(("record_statement", ""))
        if record.state == "legal_review":
            extra.append(("review", "primary" if actor.role == Role.LEGAL_REVIEWER else ""))
        extra += [("add_exhibit", ""), ("draft_notice", ""), ("record_quantities", "")]
    stands = services.obstacles_to_decision(record, clock.now()) if record.state == "legal_review" else []
    reasons = {"decide": " ".join(trouble.words_of(one) for one in stands)}
    shown = offered(actor, record, STEPS, [*steps, *extra], reasons, "case")
    has_primary = False
    for one in sorted(shown, key=lambda one: (one["tone"] == "grave", bool(one["why"]))):
        if one["tone"] == "primary" and (has_primary or one["why"]):
            one["tone"] = ""
        has_primary = has_primary or one["tone"] == "primary"
    return sorted(shown, key=lambda one: (one["tone"] != "primary", one["tone"] == "grave", bool(one["why"])))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: Any, number: str, action: str) -> HttpResponse:
    return carry_out(request, found(request, number), STEPS[action], kind="case")


@require_safe
def document(request: Any, pk: int) -> HttpResponse:
    """A paper of a case; the addressee of a notice reads that notice's papers."""
    record = get_object_or_404(Document.objects.select_related("case", "notice"), pk=pk)
    permissions.check(request.actor, "document.read", record)
    name = f"{record.case.number}-{record.number}.pdf"
    return handed_out(vault.get(record.blob_id), "application/pdf", name)
