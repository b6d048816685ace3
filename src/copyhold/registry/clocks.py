"""The legal terms of an application: which one runs, from when, until when. The law pack counts the days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copyhold.jurisdictions.errors import NoSuchTerm
from copyhold.registry import law
from copyhold.registry.models import Application, Letter

if TYPE_CHECKING:
    from datetime import date, datetime

    from copyhold.jurisdictions.model import Ruler
    from copyhold.jurisdictions.pack import LawPack

EXAMINATION, CORRECTION = "examination", "correction"
SOON_DAYS = 3
UNITS = {
    "working_days": ("working day", "working days", "个工作日"),
    "days": ("day", "days", "天"),
    "hours": ("hour", "hours", "小时"),
}


def examination_clock(application: Application) -> str:
    """Which clock this registrar examines by; the general one where the pack does not list the registrar."""
    try:
        return law.pack_of(application).registrar(application.office.registrar_prefix).examination_clock
    except NoSuchTerm:
        return EXAMINATION


def examination_start(application: Application) -> datetime | None:
    """Acceptance, or the day the last correction came in: then the term begins anew."""
    answered = application.letters.filter(kind=Letter.Kind.ANSWER).order_by("-sent_at").first()
    return answered.sent_at if answered else application.accepted_at


def examination_due(application: Application) -> date:
    """The last day on which the office decides in time."""
    start = examination_start(application)
    if start is None:
        raise ValueError("the term of examination starts with acceptance")
    return law.pack_of(application).due(examination_clock(application), start)


def correction_due(application: Application) -> datetime:
    """The first moment at which a correction comes too late."""
    asked = application.letters.filter(kind=Letter.Kind.CORRECTION).latest("sent_at")
    return law.pack_of(application).due_at(CORRECTION, asked.sent_at)


def clock_of(application: Application, now: datetime) -> dict[str, Any] | None:
    """The term that runs, or ran, ready to be drawn; None before acceptance and after a withdrawal.

    {code, total, used, left, unit, due, words_en, words_zh, article_en, article_zh, confidence, is_soon, is_overdue,
    is_met, is_provisional}: `used` + `left` = `total` in `unit`; `left` is negative when overdue.
    """
    pack = law.pack_of(application)
    if application.state == "correction":
        asked = application.letters.filter(kind=Letter.Kind.CORRECTION).latest("sent_at")
        return _drawn(pack, pack.ruler(CORRECTION, asked.sent_at, now), who=("the applicant", "申请人"), is_met=False)
    start = examination_start(application)
    if start is None or application.state in {"withdrawn", "deemed_withdrawn"}:
        return None
    until = application.decided_at or now
    ruler = pack.ruler(examination_clock(application), start, until)
    is_met = application.decided_at is not None and not ruler.is_overdue
    return _drawn(pack, ruler, who=("the office", "登记机构"), is_met=is_met)


def _drawn(pack: LawPack, ruler: Ruler, *, who: tuple[str, str], is_met: bool) -> dict[str, Any]:
    citation = ruler.article.citation if ruler.article else None
    words = _words_met(ruler) if is_met else _words_running(ruler, who)
    last_quarter = ruler.left * 4 <= ruler.total
    return {
        "code": ruler.code,
        "total": ruler.total,
        "used": ruler.used,
        "left": ruler.left,
        "unit": ruler.unit,
        "due": ruler.due,
        "words_en": words[0],
        "words_zh": words[1],
        "article_en": citation.en if citation else "",
        "article_zh": citation.zh if citation else "",
        "law_pack": str(pack),
        "confidence": ruler.confidence,
        "is_soon": not is_met and (last_quarter or ruler.left <= SOON_DAYS),
        "is_overdue": not is_met and ruler.is_overdue,
        "is_met": is_met,
        "is_provisional": ruler.is_provisional,
    }


def _words_met(ruler: Ruler) -> tuple[str, str]:
    one, many, zh = UNITS[ruler.unit]
    return (
        f"Decided after {ruler.used} {one if ruler.used == 1 else many}, in time.",
        f"第 {ruler.used} {zh}作出决定，未逾期。",
    )


def _words_running(ruler: Ruler, who: tuple[str, str]) -> tuple[str, str]:
    one, many, zh = UNITS[ruler.unit]
    due = ruler.due
    until_en, until_zh = f"{due.day} {due:%B} {due.year}", f"{due.year} 年 {due.month} 月 {due.day} 日"
    if ruler.is_overdue:
        late = -ruler.left
        return (
            f"{late} {one if late == 1 else many} late: {who[0]} had to act by {until_en}.",
            f"已逾期 {late} {zh}：{who[1]}应当于 {until_zh}前办理。",
        )
    left = f"{ruler.left} {one if ruler.left == 1 else many}"
    return f"{left} left: {who[0]} acts by {until_en}.", f"剩余 {ruler.left} {zh}：{who[1]}应当于 {until_zh}前办理。"
