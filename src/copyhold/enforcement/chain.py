"""How a case came about: seven links from the registration to the file, each of which opens its proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.timezone import localtime

from copyhold.registry.models import Work

if TYPE_CHECKING:
    from datetime import datetime

    from copyhold.enforcement.models import Case, Clue
    from copyhold.inspection.models import Finding
    from copyhold.reference.models import Fingerprint

MEDIA_ZH = {"image": "图像", "text": "文字", "audio": "音频", "video": "视频"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link. `url_name` is a route of the pages, `url_arg` its argument; both empty where nothing opens."""

    code: str
    label_en: str
    label_zh: str
    text_en: str
    text_zh: str
    url_name: str = ""
    url_arg: str = ""


def chain_of(case: Case) -> list[Link]:
    """Registration (with its certificate), fingerprint, licence check, capture, match, clue, case.

    Told by the first clue that rests on a finding; a case without any says so in the links that it lacks.
    """
    clues = list(case.clues.select_related("finding", "work").order_by("pk"))
    clue = next((one for one in clues if one.lead), clues[0] if clues else None)
    finding = clue.lead if clue else None
    work = finding.match.work if finding else (clue.work if clue else None)
    return [
        _registration(work),
        *(_of_finding(finding) if finding else _without_finding(work)),
        _clue(clue, len(clues)),
        Link(
            code="case", label_en="Case", label_zh="案件", url_name="case", url_arg=case.number,
            text_en=f"filed {case.filed_on.isoformat()}", text_zh=f"{case.filed_on.isoformat()} 立案",
        ),
    ]  # fmt: skip


def _registration(work: Work | None) -> Link:
    if work is None:
        return _none("registration", "Registration", "登记")
    certificate = work.certificates.order_by("pk").first()
    with_en = f"; certificate {_day(certificate.issued_at)}" if certificate else ""
    with_zh = f"；{_day(certificate.issued_at)} 发证" if certificate else ""
    day = work.registered_on.isoformat()
    return Link(
        code="registration", label_en="Registration", label_zh="登记", url_name="work", url_arg=work.number,
        text_en=f"{work.number}, {day}{with_en}", text_zh=f"{work.number}，{day} 登记{with_zh}",
    )  # fmt: skip


def _of_finding(finding: Finding) -> list[Link]:
    match, exhibit = finding.match, finding.exhibit
    licences = [reason for reason in match.reasons if reason.get("licence")]
    checked_en = f"{len(licences)} on record, none covers it" if licences else "no licence on record"
    checked_zh = f"已备案许可 {len(licences)} 项，均不覆盖" if licences else "无已备案许可"
    seen = _day(match.sighting.captured_at)
    share = f"{match.work_share:.0%}"
    to_finding = {"url_name": "finding", "url_arg": finding.number}
    return [
        _fingerprint(match.fingerprint, match.work),
        Link(code="licence_check", label_en="Licence check", label_zh="许可核查", text_en=checked_en,
             text_zh=checked_zh, **to_finding),
        Link(code="capture", label_en="Capture", label_zh="取证", text_en=f"{exhibit.number}, sealed; seen {seen}",
             text_zh=f"{exhibit.number}，已封存；{seen} 采集", url_name="exhibit", url_arg=exhibit.number),
        Link(code="match", label_en="Match", label_zh="比对",
             text_en=f"{finding.number}, {share} of the work, confirmed",
             text_zh=f"{finding.number}，与作品重合 {share}，已确认", **to_finding),
    ]  # fmt: skip


def _fingerprint(fingerprint: Fingerprint, work: Work) -> Link:
    version = f"v{fingerprint.recogniser_version}"
    medium = MEDIA_ZH.get(fingerprint.medium, fingerprint.medium)
    return Link(
        code="fingerprint", label_en="Fingerprint", label_zh="指纹", url_name="work", url_arg=work.number,
        text_en=f"{fingerprint.medium}, {fingerprint.postings} points, {version}",
        text_zh=f"{medium}，{fingerprint.postings} 个特征，{version}",
    )  # fmt: skip


def _without_finding(work: Work | None) -> list[Link]:
    lacking = [_none("fingerprint", "Fingerprint", "指纹")]
    if work is not None:
        lacking = [Link(code="fingerprint", label_en="Fingerprint", label_zh="指纹", text_en="not used in this case",
                        text_zh="本案未使用", url_name="work", url_arg=work.number)]  # fmt: skip
    return [
        *lacking,
        _none("licence_check", "Licence check", "许可核查"),
        _none("capture", "Capture", "取证"),
        _none("match", "Match", "比对"),
    ]


def _clue(clue: Clue | None, count: int) -> Link:
    if clue is None:
        return _none("clue", "Clue", "线索")
    day, more = _day(clue.received_at), count - 1
    return Link(
        code="clue", label_en="Clue", label_zh="线索", url_name="clue", url_arg=clue.number,
        text_en=f"{clue.number}, {day}" + (f", and {more} more" if more else ""),
        text_zh=f"{clue.number}，{day}" + (f"，另有 {more} 条" if more else ""),
    )  # fmt: skip


def _none(code: str, en: str, zh: str) -> Link:
    return Link(code=code, label_en=en, label_zh=zh, text_en="none in this case", text_zh="本案没有")


def _day(moment: datetime) -> str:
    """The office's day."""
    return localtime(moment).date().isoformat()
