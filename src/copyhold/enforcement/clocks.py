"""The legal terms of a clue, a case and a notice, ready to be drawn. The law pack counts; no number stands here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from copyhold.enforcement import law, rules
from copyhold.enforcement.models import Case, Clue, Notice
from copyhold.registry.certificate.content import day_en, day_zh
from copyhold.registry.clocks import SOON_DAYS, UNITS

if TYPE_CHECKING:
    from datetime import date, datetime

    from copyhold.jurisdictions.model import Ruler
    from copyhold.jurisdictions.pack import LawPack

SOON_SHARE = 4  # the last quarter of a term is soon


@dataclass(frozen=True, slots=True)
class Run:
    """One term of a record: from `start`; `until` is when the act was done, None while it is awaited."""

    clock: str
    start: date | datetime
    until: datetime | None
    who: tuple[str, str]  # English, Chinese


def clocks_of(record: Clue | Case | Notice, now: datetime) -> list[dict[str, Any]]:
    """The terms that run or ran, most urgent first.

    Each {code, total, used, left, unit, due, due_at, words_en, words_zh, article_en, article_zh, name_en, name_zh,
    law_pack, confidence, source, is_soon, is_overdue, is_met, is_provisional}: `used` + `left` = `total` in `unit`;
    `left` is negative when overdue.
    """
    pack = law.pack_of(record)
    runs = [run for run in _runs_of(record) if law.clock_of(pack, run.clock)]
    drawn = [_drawn(pack, run, now) for run in runs]
    return sorted(drawn, key=lambda facts: (facts["is_met"], facts["due_at"]))


def _runs_of(record: Clue | Case | Notice) -> list[Run]:
    if isinstance(record, Clue):
        return [
            Run("clue_acceptance", record.received_at, record.decided_at, ("the office decides", "登记机构作出决定"))
        ]
    return _of_notice(record) if isinstance(record, Notice) else _of_case(record)


def _of_case(case: Case) -> list[Run]:
    over = case.decided_at or (case.state_since if case.state in {"referred", "dropped"} else None)
    runs = [Run("decision", case.filed_on, over, ("the office decides", "办案机关作出决定"))]
    if case.prior_notice_at is not None:
        done = over or (case.stated_at if case.has_waived else None)
        who = ("the party may speak", "当事人可以陈述、申辩"), ("the party may ask for a hearing", "当事人可以要求听证")
        runs += [
            Run(code, case.prior_notice_at, done, words)
            for code, words in zip(rules.STATEMENT_CLOCKS, who, strict=True)
        ]
    return runs


def _of_notice(notice: Notice) -> list[Run]:
    if notice.served_at is None:
        return []
    rule = rules.notice_rule(law.pack_of(notice), notice.rule)
    done = notice.answered_at or notice.closed_at
    runs = [Run(rule.act_clock, notice.served_at, done, ("the platform acts", "平台完成处理"))]
    if notice.answered_at is not None and rule.restore_clock is not None:
        runs.append(Run(rule.restore_clock, notice.answered_at, notice.closed_at, ("the wait ends", "等待期届满")))
    return runs


def _drawn(pack: LawPack, run: Run, now: datetime) -> dict[str, Any]:
    ruler = pack.ruler(run.clock, run.start, run.until or now)
    citation = ruler.article.citation if ruler.article else None
    is_met = run.until is not None and not ruler.is_overdue
    words = _words_met(ruler) if is_met else _words_running(ruler, run.who)
    return {
        "code": ruler.code,
        "name_en": ruler.name.en,
        "name_zh": ruler.name.zh,
        "total": ruler.total,
        "used": ruler.used,
        "left": ruler.left,
        "unit": ruler.unit,
        "due": ruler.due,
        "due_at": ruler.due_at,
        "words_en": words[0],
        "words_zh": words[1],
        "article_en": citation.en if citation else "",
        "article_zh": citation.zh if citation else "",
        "law_pack": str(pack),
        "confidence": ruler.confidence,
        "source": ruler.source,
        "is_soon": not is_met and (ruler.left * SOON_SHARE <= ruler.total or _is_near(ruler)),
        "is_overdue": not is_met and ruler.is_overdue,
        "is_met": is_met,
        "is_provisional": ruler.is_provisional,
    }


def _is_near(ruler: Ruler) -> bool:
    return ruler.unit != "hours" and ruler.left <= SOON_DAYS


def _count(ruler: Ruler, amount: int) -> tuple[str, str]:
    one, many, zh = UNITS[ruler.unit]
    return f"{amount} {one if amount == 1 else many}", f"{amount} {zh}"


def _words_met(ruler: Ruler) -> tuple[str, str]:
    en, zh = _count(ruler, ruler.used)
    return f"Done after {en}, in time.", f"历时 {zh}，未逾期。"


def _words_running(ruler: Ruler, who: tuple[str, str]) -> tuple[str, str]:
    last = ruler.due_at.date() if ruler.unit == "hours" else ruler.due
    hour = f"{ruler.due_at:%H:%M}" if ruler.unit == "hours" else ""
    by_en = f"{hour} on {day_en(last)}" if hour else day_en(last)
    by_zh = f"{day_zh(last)} {hour} 前" if hour else f"{day_zh(last)}前（含当日）"
    if ruler.is_overdue:
        en, zh = _count(ruler, max(-ruler.left, 0))
        return f"The term is over since {en}: {who[0]} by {by_en}.", f"期限已过 {zh}：应当在 {by_zh}{who[1]}。"
    en, zh = _count(ruler, ruler.left)
    return f"{en} left: {who[0]} by {by_en}.", f"剩余 {zh}：{by_zh}，{who[1]}。"
