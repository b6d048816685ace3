"""What the papers of a case say, in both languages, as plain data for the template. Articles come from the law pack."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils.encoding import iri_to_uri
from django.utils.timezone import localtime

from copyhold.core import clock
from copyhold.enforcement import law, rules
from copyhold.registry.certificate.content import day_en, day_zh

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copyhold.enforcement.models import Case, Clue, Notice
    from copyhold.enforcement.rules import Mark
    from copyhold.evidence.models import Exhibit
    from copyhold.jurisdictions.model import NoticeRule, Text
    from copyhold.jurisdictions.pack import LawPack
    from copyhold.people.models import Organisation

Pair = tuple[str, str]  # Chinese, English

TITLES: dict[str, Pair] = {  # by the kind of a Document
    "filing": ("立案审批表", "Case-filing approval form"),
    "platform_notice": ("平台处理通知书", "Notice to the platform"),
    "prior_notice": ("行政处罚事先告知书", "Prior notice of penalty"),
    "decision": ("行政处罚决定书", "Decision on an administrative penalty"),
    "referral": ("涉嫌犯罪案件移送书", "Referral of a suspected crime"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper: `rows` are its facts, `paragraphs` its words, `basis` the articles, `exhibits` with their digests."""

    kind: str
    number: str
    rows: list[tuple[Pair, Sequence[str]]]
    paragraphs: list[Pair]
    basis: list[Text]
    urls: list[str] = field(default_factory=list)
    exhibits: list[Exhibit] = field(default_factory=list)
    deadline: Pair | None = None


def seal_of(office: Organisation) -> Organisation:
    """Whose name and seal a paper bears: the office itself, or the administration above it that has a prefix."""
    holder: Organisation | None = office
    while holder is not None:
        if holder.registrar_prefix:
            return holder
        holder = holder.parent
    return office


def filing_form(case: Case, clues: Sequence[Clue]) -> Paper:
    """The form by which a case is filed."""
    pack = law.pack_of(case)
    origins = list(dict.fromkeys(str(clue.origin) for clue in clues))
    due = pack.due("decision", case.filed_on)
    return Paper(
        kind="filing",
        number=case.number,
        rows=[
            *_about(case, pack, clues),
            (("承办人员", "Officers"), ["、".join(str(officer) for officer in case.officers.order_by("pk"))]),
            (("案件来源", "Source"), [f"{_origin(code)}" for code in origins]),
            (("线索", "Clues"), [clue.number for clue in clues]),
            (("立案日期", "Filed on"), [case.filed_on.isoformat()]),
        ],
        paragraphs=[
            (
                "上述线索反映的行为涉嫌违反著作权法律、法规，同时损害公共利益，属于本机关管辖。",
                (
                    "What these clues show appears to break copyright law and to harm the public interest, "
                    "and lies within the jurisdiction of this office."
                ),
            ),
            (
                f"同意立案，由不少于{rules.LEAST_OFFICERS}名执法人员办理。",
                f"The case is filed and given to {rules.LEAST_OFFICERS} or more enforcement officers.",
            ),
        ],
        basis=_basis(pack, case, "decision"),
        urls=[clue.url for clue in clues if clue.url],
        exhibits=exhibits_of(case),
        deadline=_by("应当作出处理决定", "The office decides", due),
    )


def platform_notice(notice: Notice) -> Paper:
    """The notice served on a platform. `served_at` and `due_at` stand already."""
    case, pack = notice.case, law.pack_of(notice)
    rule = rules.notice_rule(pack, notice.rule)
    return Paper(
        kind="platform_notice",
        number=notice.number,
        rows=[
            (("收件单位", "Addressee"), _names(notice.addressee)),
            (("案号", "Case"), [case.number]),
            (("适用规则", "Rule"), [rule.name.zh, rule.name.en]),
            (("涉及作品", "Works"), _works(_clues_of(case))),
        ],
        paragraphs=[
            _grounds(_clues_of(case)),
            (
                "请采取删除、屏蔽、断开链接等必要措施，转送有关经营者，并将处理结果告知本机关。",
                (
                    "The platform takes them down, blocks them or cuts the links, forwards this notice to those who "
                    "offer them, and reports the outcome to this office."
                ),
            ),
            _restoring(pack, rule),
        ],
        basis=law.citations(pack, rule.articles),
        urls=list(notice.urls),
        exhibits=exhibits_of(case),
        deadline=_until("平台应当完成处理", "The platform acts", notice.due_at, pack) if notice.due_at else None,
    )


def _grounds(clues: Iterable[Clue]) -> Pair:
    """What the office knows: a match that no licence covers, or a suspicion only."""
    if any(clue.lead for clue in clues):
        return (
            "经核查，下列网络地址上的内容与登记作品相同或者实质性相似，登记簿中未见覆盖该使用的许可。",
            "The items below match registered works, and no licence on the register covers this use.",
        )
    return (
        "经核查，下列网络地址上的内容涉嫌侵犯著作权。",
        "The items at the addresses below are suspected of infringing copyright.",
    )


def _restoring(pack: LawPack, rule: NoticeRule) -> Pair:
    """What becomes of a counter-statement under this rule."""
    wait = law.clock_of(pack, rule.restore_clock) if rule.restore_clock else None
    if rule.restore == "at_once":
        return "收到不侵权的书面说明后，应当立即恢复。", "On a counter-statement it restores them at once."
    days = f" {wait.amount} 日内" if wait else "合理期限内"
    period = f"within {wait.amount} days of its arrival there" if wait else "within a reasonable period"
    zh = f"声明到达权利人后{days}未收到投诉或者起诉通知的，应当及时终止所采取的措施。"
    en = f"if no notice of a complaint or suit comes {period}, it lifts the measures."
    return (
        f"收到不存在侵权行为的声明后，应当转送权利人；{zh}",
        f"It forwards a declaration of non-infringement to the right holder; {en}",
    )


def prior_notice(case: Case, number: str, words: str) -> Paper:
    """The notice before a penalty: what is proposed, and what the party may do until when."""
    pack = law.pack_of(case)
    return Paper(
        kind="prior_notice",
        number=number,
        rows=_about(case, pack, _clues_of(case)),
        paragraphs=[
            *_spoken(words),
            (
                "当事人依法享有陈述、申辩的权利；符合听证条件的，有权要求听证。逾期未提出的，视为放弃。",
                (
                    "The party may make a statement and defend itself, and may ask for a hearing where the law "
                    "provides one. After the term it is taken to have given this up."
                ),
            ),
        ],
        basis=_basis(pack, case, *rules.STATEMENT_CLOCKS),
        exhibits=exhibits_of(case),
        deadline=_by("当事人可以陈述、申辩或者要求听证", "The party may speak", statement_until(case)),
    )


def decision(case: Case, number: str) -> Paper:
    """The decision, with what the law asks for: party, facts and evidence, kind and basis, remedies, office and day."""
    pack = law.pack_of(case)
    said = case.statement or "当事人在期限内未提出陈述、申辩或者听证要求。"
    payment = law.clock_of(pack, "payment")
    return Paper(
        kind="decision",
        number=number,
        rows=[
            *_about(case, pack, _clues_of(case)),
            (("事先告知", "Prior notice"), [_day(case.prior_notice_at, pack)]),
            (("法制审核", "Legal review"), [f"通过  passed  {_day(case.reviewed_at, pack)}"]),
        ],
        paragraphs=[
            *_spoken(case.decision),
            (f"当事人意见：{said}", ""),
            (
                f"履行方式和期限以本决定所载为准；决定罚款的，应当自收到决定书之日起 {payment.amount} 日内缴纳。"
                if payment
                else "履行方式和期限以本决定所载为准。",
                f"It is carried out as it says; a fine, if any, is paid within {payment.amount} days of receipt."
                if payment
                else "It is carried out as it says.",
            ),
            (
                "当事人不服本决定的，可以依法申请行政复议或者提起行政诉讼。",
                (
                    "Against this decision the party may apply for administrative reconsideration or bring a suit as "
                    "the law provides."
                ),
            ),
        ],
        basis=_basis(pack, case, "decision", "payment"),
        urls=[clue.url for clue in case.clues.order_by("pk") if clue.url],
        exhibits=exhibits_of(case),
    )


def referral(case: Case, number: str) -> Paper:
    """The letter that refers a suspected crime to the police, with the marks it reaches."""
    pack = law.pack_of(case)
    marks = rules.referral_marks(pack, case.quantities)
    handover = law.clock_of(pack, "transfer_handover")
    return Paper(
        kind="referral",
        number=number,
        rows=[
            *_about(case, pack, _clues_of(case)),
            *[((mark.name.zh, mark.name.en), [_standing(mark)]) for mark in marks],
        ],
        paragraphs=[
            *_spoken(case.reason),
            (
                "本案涉嫌犯罪，现将案件及所附证据移送。数量标准由法律数据包给出，供参考。",
                (
                    "This case gives reason to suspect a crime and is referred with its evidence. The marks come from "
                    "the law pack and are a prompt, not a finding."
                ),
            ),
        ],
        basis=_basis(pack, case, "transfer_decision", "transfer_handover"),
        urls=[clue.url for clue in case.clues.order_by("pk") if clue.url],
        exhibits=exhibits_of(case),
        deadline=(
            _until("应当移送公安机关", "It is handed over", pack.due_at(handover, case.state_since), pack)
            if handover
            else None
        ),
    )


def content_of(paper: Paper, office: Organisation) -> dict[str, Any]:
    """The paper as JSON values for the template."""
    seal, today = seal_of(office), clock.today()
    return {
        "title": _pair(TITLES[paper.kind]),
        "number": paper.number,
        "office": {"zh": seal.name, "en": seal.name_en},
        "handled_by": {"zh": office.name, "en": office.name_en},
        "rows": [{**_pair(label), "lines": [line for line in lines if line]} for label, lines in paper.rows],
        "paragraphs": [_pair(paragraph) for paragraph in paper.paragraphs],
        "basis": [{"zh": citation.zh, "en": citation.en} for citation in paper.basis],
        "urls": [iri_to_uri(url) for url in paper.urls],
        "exhibits": [
            {"number": one.number, "sha256": one.manifest_sha256, "sealed": localtime(one.sealed_at).date().isoformat()}
            for one in paper.exhibits
        ],
        "deadline": _pair(paper.deadline) if paper.deadline else None,
        "date": {"zh": day_zh(today), "en": day_en(today)},
        "day": {"year": today.year, "month": today.month, "day": today.day},
    }


def exhibits_of(case: Case) -> list[Exhibit]:
    return [link.exhibit for link in case.exhibits.select_related("exhibit").order_by("pk")]


def statement_until(case: Case) -> date:
    """The last day on which the party may speak or ask for a hearing."""
    pack = law.pack_of(case)
    start = case.prior_notice_at or clock.now()
    known = [rule for code in rules.STATEMENT_CLOCKS if (rule := law.clock_of(pack, code))]
    return max((pack.due(rule, start) for rule in known), default=clock.today())


def _about(case: Case, pack: LawPack, clues: Iterable[Clue]) -> list[tuple[Pair, Sequence[str]]]:
    act = law.act_of(pack, case.act).name if case.act else None
    return [
        (("案由", "Case"), [case.title]),
        (("当事人", "Party"), [case.party or "待查明  not yet known"]),
        (("涉嫌行为", "Act"), [act.zh, act.en] if act else ["待查明  not yet known"]),
        (("涉及作品", "Works"), _works(clues)),
    ]


def _standing(mark: Mark) -> str:
    words = "达到  reached" if mark.is_reached else "未达到  not reached"
    return f"{mark.value:,} / {mark.at_least:,}  {words}"


def _works(clues: Iterable[Clue]) -> list[str]:
    works = {clue.work.number: clue.work for clue in clues if clue.work}
    return [f"《{work.title}》 {work.number}" for work in works.values()] or ["—"]


def _clues_of(case: Case) -> list[Clue]:
    return list(case.clues.select_related("work").order_by("pk"))


def _names(organisation: Organisation) -> list[str]:
    return list(dict.fromkeys(name for name in (organisation.name, organisation.name_en) if name))


def _basis(pack: LawPack, case: Case, *clocks: str) -> list[Text]:
    """The articles of the act, then those of the terms that apply."""
    references: list[str] = list(law.act_of(pack, case.act).articles) if case.act else []
    for code in clocks:
        rule = law.clock_of(pack, code)
        references += rule.articles if rule else ()
    return law.citations(pack, references)


ORIGINS = {
    "patrol": "自行检查  own inspection",
    "report": "公众举报  report by the public",
    "complaint": "权利人投诉  complaint by a right holder",
    "transfer": "其他机关移送  transfer from another authority",
    "campaign": "专项行动  campaign",
}


def _origin(code: str) -> str:
    return ORIGINS[code]


def _spoken(words: str) -> list[Pair]:
    """What a person wrote stands as written, one paragraph a line."""
    return [(line.strip(), "") for line in words.splitlines() if line.strip()]


def _by(zh: str, en: str, last: date) -> Pair:
    return f"{zh}的期限：{day_zh(last)}（含当日）", f"{en} by {day_en(last)}, that day included."


def _until(zh: str, en: str, moment: datetime, pack: LawPack) -> Pair:
    """A term of hours ends at an hour; one of days is named by its last day."""
    local = moment.astimezone(pack.zone)
    hour = f"{local:%H:%M}"
    return f"{zh}的期限：{day_zh(local.date())} {hour} 前", f"{en} before {hour} on {day_en(local.date())}."


def _day(moment: datetime | None, pack: LawPack) -> str:
    return moment.astimezone(pack.zone).date().isoformat() if moment else "—"


def _pair(words: Iterable[str]) -> dict[str, str]:
    zh, en = words
    return {"zh": zh, "en": en}
