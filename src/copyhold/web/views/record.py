"""One record of the register: its facts, chain of title, proofs, identifiers, and its certificate."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header

from copyhold.core import clock, ledger, vault
from copyhold.errors import Forbidden, NotFound, gettext_noop
from copyhold.registry.models import Certificate, Licence, Work
from copyhold.registry.services import issuing
from copyhold.web import law
from copyhold.web.phrases import day, is_chinese, moment, short_day, t
from copyhold.web.views import pictures

if TYPE_CHECKING:
    from copyhold.people.actors import Actor


def work(request: Any, number: str) -> HttpResponse:
    record = get_object_or_404(Work.objects.select_related("owner", "registrar", "application"), number=number)
    licences = list(Licence.objects.filter(work=record).order_by("-valid_from"))
    certificate = Certificate.objects.filter(work=record).order_by("-pk").first()
    return render(
        request,
        "web/public/work.html",
        {
            "nav": "register",
            "work": record,
            "facts": _facts(record),
            "picture": pictures.address(record),
            "licences": licences,
            "certificate": certificate,
            "title_acts": _title_acts(record, licences, certificate),
            "bars": _bars(record, licences),
            "proofs": _proofs(record, certificate),
            "identifiers": _identifiers(request, record, certificate),
            "verify_url": issuing.verify_address(record.number),
            "other_title": record.title if str(record) != record.title else record.title_en,
            "category": law.class_name(record.category),
            "licence_words": t(f"{len(licences)} licences recorded", f"{len(licences)} 项许可备案")
            if len(licences) != 1
            else t("1 licence recorded", "1 项许可备案"),
            "ended_word": t("ended early", "已提前终止"),
            "may_license": may_license(request.actor, record),
            "may_fetch": may_fetch(request.actor, record),
            "struck": {"revoked": t("REVOKED", "已撤销"), "disputed": t("DISPUTED", "有争议")}.get(record.state, ""),
        },
    )


def may_license(actor: Actor, record: Work) -> bool:
    return actor.is_applicant and record.state == "active" and actor.acts_for(record.owner_id)


def may_fetch(actor: Actor, record: Work) -> bool:
    """A certificate names its owner: a natural person's goes to that person (and to staff) only."""
    return not record.owner.is_natural_person or actor.is_staff or actor.acts_for(record.owner_id)


def _facts(record: Work) -> list[tuple[Any, Any]]:
    application = record.application
    authors = [author.get("name", "") for author in record.authors if author.get("name")]
    masked = [record.owner.public_name if name == record.owner.name else name for name in authors]
    return [
        (t("Author", "作者"), law.joined(masked)),
        (t("Owner now", "现著作权人"), record.owner.public_name),
        (t("Kind", "作品类别"), law.class_name(record.category)),
        (t("Nature of creation", "创作性质"), law.item_name("creation_natures", application.nature)),
        (t("Completed", "创作完成"), _dated(record.completed_on, application.completed_at_place)),
        (
            t("First published", "首次发表"),
            _dated(record.published_on, application.published_at_place) or t("not published", "未发表"),
        ),
        (t("Registered", "登记"), t(
            f"{day(record.registered_on)} by the {record.registrar}", f"{day(record.registered_on)}，{record.registrar}"
        )),
        (t("Use of AI declared", "声明使用人工智能"), application.declared_ai),
    ]  # fmt: skip


def _dated(when: date | None, place: str) -> str:
    return (
        (f"{day(when)}，{place}" if is_chinese() else f"{day(when)}, {place}")
        if when and place
        else (day(when) if when else "")
    )


def _title_acts(record: Work, licences: list[Licence], certificate: Certificate | None) -> list[dict[str, Any]]:
    """Chain of title, newest first: every licence, and the registration it all stands on."""
    recorded = _recorded(record)
    rows = [
        {
            "on": one.valid_from,
            "act": t(
                f"{'Exclusive licence' if one.is_exclusive else 'Licence'}, to {short_day(one.valid_to)}",
                f"{'专有许可' if one.is_exclusive else '许可使用'}，至 {short_day(one.valid_to)}",
            ),
            "between": f"{record.owner.public_name} → {one.licensee}",
            "rights": law.joined(law.item_name("rights", code) for code in one.rights),
            "number": one.number,
            "entry": recorded.get(one.number),
            "ended": one.state != "recorded",
        }
        for one in licences
    ]
    rows.append(
        {
            "on": record.registered_on,
            "act": t("Registration; certificate issued", "登记并发证") if certificate else t("Registration", "登记"),
            "between": t(f"to {record.owner.public_name}", f"登记为{record.owner.public_name}所有"),
            "rights": "",
            "number": record.number,
            "entry": certificate.entry_number if certificate else None,
            "ended": False,
        }
    )
    return rows


def _recorded(record: Work) -> dict[str, int]:
    """Licence number → the act of the ledger that recorded it: an act on the work."""
    acts = ledger.acts_of(record).filter(action="licence.record").values_list("detail__licence", "number")
    return {str(licence): number for licence, number in acts}


def _bars(record: Work, licences: list[Licence]) -> dict[str, Any]:
    """The drawing: ownership solid, licences dashed, on an axis of years (820 wide, the first 120 for names)."""
    today = clock.today()
    first = date(record.registered_on.year, 1, 1)
    last_year = max([today.year + 1, *(one.valid_to.year + 1 for one in licences)])
    last = date(min(last_year, first.year + 15), 1, 1)
    span = max((last - first).days, 1)

    def x(when: date) -> float:
        return round(120 + 670 * min(max((when - first).days / span, 0), 1), 1)

    bars = [
        {
            "x": x(one.valid_from),
            "w": round(max(x(one.valid_to) - x(one.valid_from), 3), 1),
            "y": 84 + 28 * row,
            "text_y": 99 + 28 * row,
            "label": one.licensee,
            "is_exclusive": one.is_exclusive,
        }
        for row, one in enumerate(licences[:6])
    ]
    height = 100 + 28 * max(len(bars), 1)
    years = range(first.year, last.year + 1, max(1, (last.year - first.year) // 6))
    start = x(record.registered_on)
    return {
        "years": [(year, x(date(year, 1, 1))) for year in years],
        "own": {"x": start, "w": round(790 - start, 1)},
        "bars": bars,
        "today_x": x(today),
        "bottom": height - 14,
        "height": height + 16,
        "foot": height + 4,
        "names": law.joined(one.licensee for one in licences),
    }


def _proofs(record: Work, certificate: Certificate | None) -> list[dict[str, Any]]:
    """What stands behind the record now; each line opens to its bytes."""
    if certificate is None:
        return [
            {
                "outcome": "open",
                "label": t("The certificate is being issued", "证书制作中"),
                "text": t("It is signed within a minute of registration.", "登记后一分钟内完成签章。"),
            }
        ]
    return [
        {
            "outcome": "pass",
            "label": t("Signed by the office", "由登记机构签章"),
            "text": t(
                "Ed25519 signature over the credential (eddsa-jcs-2022)", "对凭证的 Ed25519 签名（eddsa-jcs-2022）"
            ),
            "end": t("bundle", "证明包"),
            "url": reverse("certificate_bundle", args=[record.number]),
        },
        {
            "outcome": "pass",
            "label": t("Entered in the public log", "已记入公开日志"),
            "text": t(
                f"Act {certificate.entry_number:,}, {moment(certificate.issued_at)}",
                f"第 {certificate.entry_number:,} 项，{moment(certificate.issued_at)}",
            ),
            "end": t("log", "日志"),
            "url": reverse("log"),
        },
        {
            "outcome": "pass",
            "label": t("The certificate’s digest is in that act", "证书摘要载于该项"),
            "text": f"SHA-256 {certificate.pdf_id[:16]}…{certificate.pdf_id[-8:]}",
            "end": "PDF",
            "url": reverse("certificate_pdf", args=[record.number]),
        },
    ]


def _identifiers(request: HttpRequest, record: Work, certificate: Certificate | None) -> list[tuple[Any, str, Any]]:
    rows = [(t("Registration", "登记号"), record.number, t("this office", "本机构"))]
    rows += [
        (f"SHA-256 · {deposit.medium}", deposit.blob_id, t("deposit copy", "作品样本"))
        for deposit in record.application.deposits.all()[:3]
    ]
    if certificate:
        rows.append((t("SHA-256 · certificate", "SHA-256 · 证书"), certificate.pdf_id, t("PDF as issued", "所发 PDF")))
    address = unquote(request.build_absolute_uri(reverse("work", args=[record.number])))
    rows.append((t("Permanent address", "永久网址"), address, t("never re-used", "不重复使用")))
    return rows


def _certificate(request: Any, number: str) -> Certificate:
    found = Certificate.objects.select_related("work__owner").filter(work__number=number).order_by("-pk").first()
    if found is None:
        raise NotFound(code="certificate.none")
    if not may_fetch(request.actor, found.work):
        raise Forbidden(gettext_noop("The owner is a natural person: the certificate goes to the owner only."))
    return found


def certificate_pdf(request: HttpRequest, number: str) -> HttpResponse:
    certificate = _certificate(request, number)
    return download(vault.get(certificate.pdf_id), f"{number}.pdf", "application/pdf")


def certificate_bundle(request: HttpRequest, number: str) -> HttpResponse:
    from copyhold.registry import services

    certificate = _certificate(request, number)
    return download(services.certificate_bundle(certificate), f"{number}.zip", "application/zip")


def download(data: bytes, filename: str, media_type: str) -> HttpResponse:
    response = HttpResponse(data, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=filename)
    return response
