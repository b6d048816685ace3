"""The acts of a record as a staff page tells them: newest first, by whom, under which number of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from copyhold.core import ledger
from copyhold.people.models import Account
from copyhold.web.phrases import month_day, t

if TYPE_CHECKING:
    from django.db import models

    from copyhold.core.models import Entry
    from copyhold.people.actors import Actor

ACTS = {
    "application.start": t("Draft opened", "建立草稿"),
    "application.save": t("Entries changed", "修改填报内容"),
    "application.add_deposit": t("Deposit added", "提交样本"),
    "application.remove_deposit": t("Deposit taken out", "移除样本"),
    "application.submit": t("Application filed", "提交申请"),
    "application.accept": t("Accepted", "受理"),
    "application.claim": t("Taken for examination", "领取审查"),
    "application.release": t("Given back to the queue", "退回待审队列"),
    "application.record_check": t("Check recorded", "记录审查项"),
    "application.ask_correction": t("Correction asked", "要求补正"),
    "application.answer": t("Correction sent", "提交补正"),
    "application.approve": t("Approved and registered", "准予登记"),
    "application.refuse": t("Refused", "不予登记"),
    "application.withdraw": t("Withdrawn", "撤回"),
    "application.lapse": t("Closed as not answered", "逾期未补正，视为撤回"),
    "deposit.fingerprint": t("Fingerprint taken", "提取指纹"),
    "deposit.compare": t("Compared with the register", "与登记簿比对"),
    "deposit.open": t("Deposit opened", "调阅样本"),
    "finding.make": t("Finding made", "生成发现"),
    "finding.confirm": t("Confirmed: likely infringement", "确认：涉嫌侵权"),
    "finding.reject": t("Rejected", "排除"),
    "finding.ask_owner": t("Owner asked", "询问权利人"),
    "target.add": t("Target entered", "登记巡查目标"),
    "patrol.queue": t("Patrol ordered", "下达巡查"),
    "patrol.start": t("Patrol started", "巡查开始"),
    "patrol.finish": t("Patrol finished", "巡查完成"),
    "patrol.finish_in_part": t("Patrol finished in part", "巡查部分完成"),
    "patrol.interrupt": t("Patrol interrupted", "巡查中断"),
    "patrol.abort": t("Patrol stopped", "巡查终止"),
    "clue.receive": t("Clue received", "接收线索"),
    "clue.report": t("Reported by the public", "公众举报"),
    "clue.accept": t("Accepted", "受理线索"),
    "clue.reject": t("Not taken up", "不予受理"),
    "clue.dispatch": t("Passed on to another office", "移交其他机构"),
    "clue.file": t("Put into a case", "转入案件"),
    "case.file": t("Case filed", "立案"),
    "case.add_clue": t("Clue added", "并入线索"),
    "case.add_exhibit": t("Exhibit added to the file", "证据入卷"),
    "case.investigate": t("Investigation begun", "开始调查"),
    "case.give_prior_notice": t("Prior notice given", "行政处罚事先告知"),
    "case.record_statement": t("Statement of the party recorded", "登记陈述申辩"),
    "case.record_quantities": t("Quantities recorded", "登记涉案数量"),
    "case.send_to_review": t("Sent to legal review", "送法制审核"),
    "case.review": t("Legal review recorded", "法制审核"),
    "case.return": t("Returned with questions", "退回补充调查"),
    "case.decide": t("Decided", "作出决定"),
    "case.close": t("Closed and archived", "结案归档"),
    "case.refer": t("Referred to the police", "移送公安机关"),
    "case.drop": t("Dropped", "撤销案件"),
    "notice.draft": t("Notice drafted", "拟制通知"),
    "notice.serve": t("Notice served", "送达通知"),
    "notice.comply": t("Compliance recorded", "登记已处理"),
    "notice.answer": t("Counter-statement recorded", "登记反通知"),
    "notice.lapse": t("Term passed without an answer", "期满未答复"),
    "notice.lift": t("Lifted", "撤回通知"),
    "informer.open": t("Informer opened by the head", "负责人调阅举报人信息"),
    "document.make": t("Document made", "制作文书"),
    "exhibit.seal": t("Sealed and logged", "封存并入账"),
    "exhibit.open": t("Opened", "调阅"),
    "exhibit.check": t("Digests checked again", "重新核对摘要"),
    "exhibit.export": t("Handed out", "提供副本"),
}


def acts_of(*records: models.Model, viewer: Actor, limit: int = 200) -> list[dict[str, Any]]:
    """Rows for {% acts %}: of one record, or of several told together; the newest is marked as now."""
    entries = sorted((e for record in records for e in ledger.acts_of(record)), key=lambda e: -e.number)[:limit]
    known = people(entry.actor for entry in entries)
    return [
        {
            "at": f"{month_day(entry.at)} {time_of(entry.at)}",
            "label": ACTS.get(entry.action, entry.action),
            "text": _by(entry, known, viewer),
            "tone": "now" if place == 0 else "",
        }
        for place, entry in enumerate(entries)
    ]


def _by(entry: Entry, known: dict[str, str], viewer: Actor) -> str:
    who = who_is(entry.actor, known, viewer)
    return str(t(f"{who} · act {entry.number:,}", f"{who} · 台账第 {entry.number:,} 项"))


def people(actor_ids: Any) -> dict[str, str]:
    """Names by actor id, in one query. The ledger itself holds none."""
    keys = {key for actor_id in actor_ids if (key := actor_id.removeprefix("account-")).isdecimal()}
    return {f"account-{one.pk}": str(one) for one in Account.objects.filter(pk__in=keys)}


def who_is(actor_id: str, known: dict[str, str], viewer: Actor | None = None) -> str:
    if viewer is not None and actor_id == viewer.actor_id:
        return str(t("you", "您"))
    if actor_id == "public":
        return str(t("the public", "公众"))
    return known.get(actor_id) or str(t("the machine", "系统"))


def time_of(at: Any) -> str:
    from django.utils import timezone

    return f"{timezone.localtime(at):%H:%M}"
