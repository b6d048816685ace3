"""Is this certificate genuine and in force? By number, by QR, or by the file itself: numbered checks, one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from copyhold.core import clock, ledger, vault
from copyhold.errors import BadInput, CopyholdError
from copyhold.proofs import bundle, canonical
from copyhold.registry.models import Certificate, Work
from copyhold.web import trouble, uploads
from copyhold.web.phrases import day, is_chinese, moment, short_hash, t

if TYPE_CHECKING:
    from django.http import HttpResponse

    from copyhold.proofs.report import Report

Rows = list[dict[str, Any]]


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: Any) -> HttpResponse:
    if request.method == "POST":
        return _file(request)
    if number := request.GET.get("number", "").strip():
        return redirect("verify_number", number=number)
    return render(request, "web/public/verify.html", {"nav": "verify"})


def verify_number(request: Any, number: str) -> HttpResponse:
    """The target of the QR code."""
    facts = judged_number(number.strip())
    return render(request, "web/public/verified.html", {"nav": "verify", **facts}, status=facts["status"])


def judged_number(number: str) -> dict[str, Any]:
    """The verdict on a registration number: is it known, signed, logged, unchanged, in force today."""
    work = Work.objects.select_related("owner", "registrar").filter(number=number).first()
    if work is None:
        rows: Rows = [
            {
                "outcome": "fail",
                "label": t("The number exists: no", "登记号存在：否"),
                "text": t(f"{number} is not in this register.", f"本登记簿中没有 {number}。"),
            }
        ]
        return _verdict(rows, None, status=404)
    certificate = Certificate.objects.filter(work=work).order_by("-pk").first()
    rows = [
        {"outcome": "pass", "label": t("The number exists", "登记号存在"), "text": f"{work.number}, {work}"},
        *_certificate_rows(certificate),
        _in_force(work),
    ]
    return _verdict(rows, work)


def _certificate_rows(certificate: Certificate | None) -> Rows:
    """Our own copy is checked in full, as a stranger would check the bundle."""
    if certificate is None:
        text = t("It is made within a minute of registration.", "登记后一分钟内完成。")
        return [{"outcome": "open", "label": t("The certificate is being issued", "证书制作中"), "text": text}]
    from copyhold.registry import services

    try:
        report = bundle.verify_bundle(services.certificate_bundle(certificate), trusted=ledger.signer().verifier)
    except CopyholdError as error:
        label = t("The certificate on file is whole: no", "留存证书完整：否")
        return [{"outcome": "fail", "label": label, "text": trouble.words_of(error)}]
    return report_rows(report)


def report_rows(report: Report) -> Rows:
    language = "zh" if is_chinese() else "en"
    return [
        {
            "outcome": "fail" if not check.ok else "concern" if check.is_warning else "pass",
            "label": check.name(language),
            "text": check.reason(language),
        }
        for check in report.checks
    ]


def _in_force(work: Work) -> dict[str, Any]:
    if work.state == "active":
        label = t("It is in force today", "今日有效")
        return {"outcome": "pass", "label": label, "text": day(clock.today())}
    if work.state == "disputed":
        text = t(
            "Someone disputes the registration; it stands until that is settled.", "登记有争议，处理完毕前仍然有效。"
        )
        return {
            "outcome": "concern",
            "label": t("It is in force today, but disputed", "今日有效，但有争议"),
            "text": text,
        }
    return {
        "outcome": "fail",
        "label": t("It is in force today: no", "今日有效：否"),
        "text": t("The office revoked this registration.", "登记机构已撤销该登记。"),
        "url": f"/works/{work.number}",
        "link": t("See the chain of title", "查看权利沿革"),
    }


def _file(request: Any) -> HttpResponse:
    try:
        facts = judged_file(request.FILES)
    except BadInput as error:
        facts = {"nav": "verify", "error": trouble.words_of(error)}
        return render(request, "web/public/verify.html", facts, status=400)
    return render(request, "web/public/verified.html", {"nav": "verify", **facts})


def judged_file(files: Any) -> dict[str, Any]:
    """A bundle, a PDF with its proof, or a PDF alone (then our own record says whether we issued these bytes)."""
    file = files.get("file")
    data = uploads.whole(file)
    sidecar = files.get("proof")
    if sidecar:
        report = bundle.verify_pdf(data, uploads.whole(sidecar), trusted=ledger.signer().verifier)
    elif data.startswith(b"%PDF-"):
        return _pdf_alone(data, file.name)
    else:
        report = bundle.verify_bundle(data, trusted=ledger.signer().verifier)
    work = Work.objects.select_related("owner", "registrar").filter(number=str(report.facts.get("number", ""))).first()
    rows = report_rows(report)
    if work is not None and report.ok and report.kind == "certificate":
        rows.append(_in_force(work))
    return _verdict(rows, work if report.ok else None, filename=file.name, octets=len(data), kind=report.kind)


def _pdf_alone(data: bytes, filename: str) -> dict[str, Any]:
    digest = canonical.digest(data)
    certificate = Certificate.objects.select_related("work__owner", "work__registrar").filter(pdf_id=digest).first()
    label = t("The file is the one we issued", "文件与我们签发的一致")
    if certificate is None:
        text = t(
            f"No certificate of this office has these bytes (SHA-256 {short_hash(digest)}).",
            f"本机构没有签发过该文件（SHA-256 {short_hash(digest)}）。",
        )
        no = t("The file is one we issued: no", "文件由我们签发：否")
        return _verdict([{"outcome": "fail", "label": no, "text": text}], None, filename=filename, octets=len(data))
    text = t(
        f"Byte for byte: its SHA-256 {short_hash(digest)} is the one entered {moment(certificate.issued_at)}",
        f"逐字节一致：SHA-256 {short_hash(digest)} 与 {moment(certificate.issued_at)} 所记相同",
    )
    vault.get(certificate.pdf_id)  # our own copy must still be whole
    rows: Rows = [{"outcome": "pass", "label": label, "text": text}]
    rows += [*_certificate_rows(certificate), _in_force(certificate.work)]
    return _verdict(rows, certificate.work, filename=filename, octets=len(data))


def _verdict(
    rows: Rows, work: Work | None, *, status: int = 200, kind: str = "certificate", **file: Any
) -> dict[str, Any]:
    """From the rows to one sentence that a child can repeat, and what to do."""
    failed = [row for row in rows if row["outcome"] == "fail"]
    doubtful = [row for row in rows if row["outcome"] in {"concern", "open"}]
    passed = len(rows) - len(failed) - len(doubtful)
    is_revoked = bool(failed) and work is not None and work.state == "revoked" and len(failed) == 1
    tone = "stop" if failed else "wait" if doubtful else "ok"
    if is_revoked:
        words = _REVOKED
    elif failed:
        words = _UNKNOWN if status == 404 else _REFUSED
    elif kind == "exhibit":
        words = _EXHIBIT
    else:
        words = _DISPUTED if work is not None and work.state == "disputed" else _PENDING if doubtful else _GENUINE
    return {
        "rows": rows,
        "work": work,
        "tone": tone,
        "passed": passed,
        "failed": len(failed),
        "doubtful": len(doubtful),
        "heading": words[0],
        "sentence": words[1],
        "todo": words[2],
        "at": clock.now(),
        "status": status,
        "kind": kind,
        "struck": t("REVOKED", "已撤销") if work is not None and work.state == "revoked" else "",
        **file,
    }


_GENUINE = (
    t("Genuine and in force", "真实有效"),
    t("This office registered this work, and the record stands today as it was issued.",
      "该作品由本机构登记，记录至今有效，与签发时一致。"),
    t("You may rely on it as first evidence of ownership. Compare title and owner with the paper in your hand.",
      "可作为权属的初步证明。请将作品名称、著作权人与您手中的证书核对。"),
)  # fmt: skip
_REVOKED = (
    t("Genuine, but no longer in force", "证书真实，但已失效"),
    t("This office issued it and later revoked the registration.", "该证书由本机构签发，登记后被撤销。"),
    t("Do not pay or sign on this paper. Open the record as it stands today.",
      "请勿据此付款或签约。请查看最新登记记录。"),
)  # fmt: skip
_UNKNOWN = (
    t("Not in this register", "登记簿中没有该编号"),
    t("This office has no record under this number.", "本机构没有该编号的记录。"),
    t("Check each sign of the number. If it is printed so on a certificate, do not rely on it and tell the office.",
      "请逐字核对编号。如证书上确为此编号，请勿采信并告知登记机构。"),
)  # fmt: skip
_REFUSED = (
    t("Not genuine, or changed", "不真实或已被改动"),
    t("At least one check failed; one is enough.", "至少有一项检查未通过，一项即足以否定。"),
    t("Do not rely on this file. Ask its sender for the original, or search the record by number.",
      "请勿采信该文件。请向提供者索取原件，或按登记号查询。"),
)  # fmt: skip
_DISPUTED = (
    t("Genuine, in force, and disputed", "真实有效，但存在争议"),
    t("The record stands, and someone contests it.", "登记仍然有效，但有人提出异议。"),
    t("Ask the office about the dispute before you pay or sign.", "付款或签约前，请向登记机构了解争议情况。"),
)  # fmt: skip
_PENDING = (
    t("Registered; something is still open", "已登记，尚有事项未完成"),
    t("The record stands; read the open points below.", "登记有效，请查看下列未完成事项。"),
    t("Look again in a minute.", "请稍后再查。"),
)  # fmt: skip
_EXHIBIT = (
    t("Genuine: sealed evidence of this office", "真实：本机构封存的证据"),
    t("Nothing in it was changed since it was sealed and logged.", "自封存入账以来内容未被改动。"),
    t("Its files may be opened; each has the digest that was sealed.", "其中文件可以打开，每个文件均与封存摘要一致。"),
)  # fmt: skip
