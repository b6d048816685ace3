"""The applicant's wizard: five short steps. Whatever is typed is kept, complete or not, until it is sent."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from copyhold.core import clock
from copyhold.errors import BadInput, Conflict, CopyholdError
from copyhold.people.models import Mandate, Organisation
from copyhold.registry.errors import Incomplete
from copyhold.registry.models import Application, Deposit
from copyhold.web import context, law, trouble, uploads
from copyhold.web.application_forms import FORMS, LAST, STEP_OF, STEPS, Files, TheWork
from copyhold.web.phrases import t

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

MAX_DEPOSIT = 256 * 10**6


def own(request: Any, number: str) -> Application:
    """The application, if this applicant may see it."""
    rows = Application.objects.visible_to(request.actor).select_related("applicant", "office", "agent")
    found: Application = get_object_or_404(rows, number=number)
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: Any) -> HttpResponse:
    """The title opens the draft; everything else comes later."""
    from copyhold.registry import services

    principals, offices = _principals(request.actor), _offices()
    form = TheWork(request.POST or None)
    failure = ""
    if request.method == "POST":
        form.is_valid()
        title = form.cleaned_data.get("title", "")
        applicant = _chosen(principals, request.POST.get("applicant"))
        office = _chosen(offices, request.POST.get("office"))
        if title and applicant and office:
            try:
                draft = services.start_application(
                    request.actor, applicant=applicant, office=office, **form.cleaned_data
                )
            except BadInput as error:
                failure = trouble.words_of(error)
            else:
                return redirect("application_step", number=draft.number, step=2 if form.is_valid() else 1)
    facts = {"form": form, "principals": principals, "offices": offices, "failure": failure, "started": False}
    return _render(request, None, 1, facts)


def _principals(actor: Any) -> list[Organisation]:
    """For whom this person may apply: the own organisation if it holds rights, and those who gave a mandate."""
    given = Mandate.objects.filter(agent=actor.organisation, valid_to__gte=clock.today()).select_related("principal")
    own_first = [] if actor.organisation.kind == Organisation.Kind.AGENT else [actor.organisation]
    return own_first + [mandate.principal for mandate in given]


def _offices() -> list[Organisation]:
    kind = Organisation.Kind.ADMINISTRATION
    return list(Organisation.objects.filter(kind=kind).exclude(registrar_prefix="").order_by("pk"))


def _chosen(rows: list[Organisation], key: str | None) -> Organisation | None:
    if key is None and len(rows) == 1:
        return rows[0]
    return next((row for row in rows if str(row.pk) == key), None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: Any, number: str, step: int) -> HttpResponse:
    application = own(request, number)
    if application.state not in {"draft", "correction"}:
        return redirect("application", number=number)
    if not 1 <= step <= LAST:
        raise Http404
    if step == LAST:
        return _last(request, application)
    if request.method == "POST":
        return _save(request, application, step)
    return _render(request, application, step, {"form": FORMS[step](initial=_initial(application))})


def _initial(application: Application) -> dict[str, Any]:
    facts = {name: getattr(application, name) for name in STEP_OF if hasattr(application, name) and name != "deposits"}
    return facts | {"authors": [author.get("name", "") for author in application.authors]}


def _save(request: Any, application: Application, step: int) -> HttpResponse:
    """Keep every answer that can be kept, also when another one is wrong: nothing typed is lost."""
    from copyhold.registry import services

    form = FORMS[step](request.POST)
    is_whole, failure = form.is_valid(), ""
    seen = request.POST.get("seen", "")
    try:
        if form.cleaned_data:
            services.save_application(
                request.actor, application, seen=int(seen) if seen.isdecimal() else None, **form.cleaned_data
            )
    except (BadInput, Conflict) as error:
        is_whole, failure = False, trouble.words_of(error)
        application.refresh_from_db()
    if not failure and request.POST.get("then") == "leave":
        messages.success(request, t("Saved. You can go on at any time.", "已保存，可随时继续。"))
        return redirect("applications")
    if is_whole:
        return redirect("application_step", number=application.number, step=step + 1)
    return _render(request, application, step, {"form": form, "failure": failure})


def _render(request: HttpRequest, application: Application | None, step: int, facts: dict[str, Any]) -> HttpResponse:
    names = [
        {"number": place, "name": name, "is_done": place < step, "is_now": place == step}
        for place, name in enumerate(STEPS, 1)
    ]
    frame = {
        "nav": "apply",
        "application": application,
        "step": step,
        "steps": names,
        "last": LAST,
        "name": STEPS[step - 1],
        "started": True,
        "deposits": deposits_of(application) if application and step in {2, LAST} else [],
        "office_row": application.office if application else context.office(),
        **facts,
    }
    return render(request, "web/applicant/step.html", frame)


def deposits_of(application: Application) -> list[dict[str, Any]]:
    """Each file with what the machine says of it."""
    rows = []
    for deposit in application.deposits.select_related("blob").prefetch_related("fingerprints"):
        prints = list(deposit.fingerprints.all())
        rows.append({"deposit": deposit, "reason": prints[0].reason if prints else "", "is_read": bool(prints)})
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
def add_deposit(request: Any, number: str) -> HttpResponse:
    """Each file is opened in the sandbox before it is filed: what cannot be read is said at once."""
    from copyhold.reference import reading
    from copyhold.registry import services

    application = own(request, number)
    if request.method != "POST":  # the page of an error, opened anew or in the other language
        return redirect("application_step", number=number, step=2)
    wrong = []
    for file in request.FILES.getlist("file") or [None]:
        try:
            data = uploads.whole(file, MAX_DEPOSIT)
            taken = reading.read(data, file.name, side="reference")
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            services.add_deposit(
                request.actor, application, filename=file.name, data=data, medium=taken.medium, media_type=kind
            )
        except (BadInput, Conflict) as error:
            wrong.append({"name": file.name if file else "", "why": trouble.words_of(error)})
    if not wrong:
        return redirect("application_step", number=number, step=2)
    return _render(request, application, 2, {"form": Files(), "wrong": wrong})


@require_POST
def remove_deposit(request: Any, number: str, deposit: int) -> HttpResponse:
    from copyhold.registry import services

    application = own(request, number)
    services.remove_deposit(request.actor, application, get_object_or_404(Deposit, pk=deposit, application=application))
    return redirect("application_step", number=number, step=2)


def _last(request: Any, application: Application, failure: str = "") -> HttpResponse:
    """Everything once more, and what still stands in the way, each with the step where it is put right."""
    from copyhold.registry import services

    problems = [(_anchor(application, problem.field), problem.message) for problem in services.problems_of(application)]
    facts = {"problems": problems, "failure": failure, "summary": summary(application), "form": None}
    return _render(request, application, LAST, facts)


def _anchor(application: Application, field: str) -> str:
    place = STEP_OF.get(field, 1)
    return f"{reverse('application_step', args=[application.number, place])}#id_{field}"


def summary(application: Application) -> list[tuple[int, Any, list[tuple[Any, Any]]]]:
    """The answers, step by step."""
    from copyhold.web.phrases import day, listed

    authors = listed([author.get("name", "") for author in application.authors])
    published = f"{day(application.published_on)} {application.published_at_place}"
    held = law.joined(law.item_name("rights", code) for code in application.rights) or t("all rights", "全部权利")
    the_work = [
        (t("Title", "作品名称"), application.title),
        (t("Title in English", "英文名称"), application.title_en),
        (t("Class", "类别"), law.class_name(application.category)),
        (t("Nature of creation", "创作性质"), law.item_name("creation_natures", application.nature)),
    ]
    creation = [
        (t("Ownership", "权属"), law.item_name("ownership_types", application.ownership)),
        (t("Authors", "作者"), authors),
        (t("Completed", "创作完成"), f"{day(application.completed_on)} {application.completed_at_place}"),
        (t("First published", "首次发表"), published if application.published_on else t("not published", "未发表")),
        (t("Original in it", "独创性说明"), application.statement),
        (t("Use of AI", "使用人工智能"), application.declared_ai),
    ]
    owner = [
        (t("Owner", "著作权人"), application.applicant),
        (t("By agent", "代理人"), application.agent),
        (t("Obtained", "取得方式"), law.item_name("acquisition_modes", application.obtained)),
        (t("Rights", "权利"), held),
    ]
    return [(1, STEPS[0], the_work), (3, STEPS[2], creation), (4, STEPS[3], owner)]


@require_POST
def submit(request: Any, number: str) -> HttpResponse:
    from copyhold.registry import services

    application = own(request, number)
    seen = request.POST.get("seen", "")
    try:
        services.submit_application(request.actor, application, seen=int(seen) if seen.isdecimal() else None)
    except Incomplete:
        application.refresh_from_db()
        return _last(request, application)
    except CopyholdError as error:
        if isinstance(error, BadInput):
            application.refresh_from_db()
            return _last(request, application, trouble.words_of(error))
        raise
    messages.success(request, t(f"Sent. Its number is {number}.", f"已提交，编号 {number}。"))
    return redirect("application", number=number)
