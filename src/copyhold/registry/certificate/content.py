"""What a certificate says, in both languages, as plain data for the template. Pure: facts in, page content out."""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import segno

if TYPE_CHECKING:
    from datetime import date

HEADING = {"zh": "作品登记证书", "en": "Certificate of Registration"}
SEAL = "作品自愿登记专用章"  # the round seal of the 2016 template
NAMES_SHOWN = 600  # characters
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One thing in Chinese and, where it has one, in English."""

    zh: str
    en: str = ""

    @property
    def lines(self) -> list[str]:
        return [self.zh] + ([self.en] if self.en and self.en != self.zh else [])

    @property
    def in_one(self) -> str:
        return "  ".join(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """The items of the official template, none added and none left out, as the register holds them."""

    number: str
    title: Words
    category: Words
    authors: tuple[str, ...]
    owner: Words
    completed_on: date | None
    published_on: date | None
    registered_on: date
    office: Words
    basis: Words
    effect: Words
    verify_url: str


def content_of(facts: CertificateFacts, *, credential: bytes) -> dict[str, Any]:
    """The page as JSON values. `credential`: the bytes attached to it as certificate.json."""
    name = facts.office
    return {
        "document_title": f"{HEADING['zh']} {facts.number}",
        "heading": HEADING,
        "number": facts.number,
        "office": {"zh": name.zh, "en": name.en},
        "rows": [{"zh": zh, "en": en, "lines": lines} for zh, en, lines in _rows(facts)],
        "basis": {"zh": facts.basis.zh, "en": facts.basis.en},
        "effect": {"zh": facts.effect.zh, "en": facts.effect.en},
        "date": {"zh": day_zh(facts.registered_on), "en": day_en(facts.registered_on)},
        "seal": SEAL,
        "seal_words": f"{name.zh}{SEAL} · Seal of the {name.en or name.zh}",
        "qr": qr_svg(facts.verify_url),
        "qr_words": f"二维码：{facts.verify_url} · QR code of the address printed beside it",
        "verify_words": unquote(facts.verify_url),
        "credential": credential.decode(),
    }  # fmt: skip


def printed_texts(facts: CertificateFacts) -> list[str]:
    """Everything on the page that somebody typed."""
    return [line for _, _, lines in _rows(facts) for line in lines] + [facts.office.in_one, facts.number]


def _rows(facts: CertificateFacts) -> list[tuple[str, str, list[str]]]:
    return [
        ("作品名称", "Title", [f"《{facts.title.zh}》", *facts.title.lines[1:]]),
        ("作品类别", "Class", [facts.category.in_one]),
        ("作者", "Author", [_names(facts.authors)]),
        ("著作权人", "Owner", facts.owner.lines),
        ("创作完成日期", "Completed on", [_day(facts.completed_on)]),
        ("首次发表日期", "First published on", [_day(facts.published_on)]),
        ("登记日期", "Registered on", [facts.registered_on.isoformat()]),
        ("登记机构", "Registrar", [facts.office.in_one]),
    ]


def _names(names: tuple[str, ...]) -> str:
    """All names as far as a page can hold them; the record has the rest."""
    shown = list(accumulate(names, lambda line, name: f"{line}、{name}"))
    fitting = [line for line in shown if len(line) <= NAMES_SHOWN] or [names[0][:NAMES_SHOWN]]
    rest = len(names) - len(fitting)
    return fitting[-1] if not rest else f"{fitting[-1]} 等 {len(names)} 人  and {rest} more"


def _day(day: date | None) -> str:
    return day.isoformat() if day else "未发表  Unpublished"


def qr_svg(address: str) -> str:
    """The address as a QR code that survives a stamp or a fold (level Q), as SVG."""
    out = io.BytesIO()
    segno.make(address, error="q", micro=False).save(
        out, kind="svg", border=0, dark="#15201f", svgclass=None, lineclass=None
    )
    return out.getvalue().decode()


def day_zh(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def day_en(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
