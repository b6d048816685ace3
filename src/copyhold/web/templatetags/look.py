"""The parts of the look as tags, loaded in every template. Each returns escaped HTML; geometry is in SVG attributes.

{% t "English" "中文" n=3 %}        two originals; {n} is filled in and escaped
{% icon "c-ok" "ok" %}              one of the glyphs of partials/sprite.html
{% pill "wait" text %}  {% state_pill record %}
{% clock facts %}  {% chain links %}  {% acts rows %}  {% facts rows %}  {% checks rows %}  {% pager page %}
{% field form.title %}  {% error_summary form %}  {% qr url %}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import segno
from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from copyhold.core.lifecycle import lifecycles
from copyhold.web import law, phrases
from copyhold.web.forms import DayWidget
from copyhold.web.likeness import drawn
from copyhold.web.phrases import is_chinese

if TYPE_CHECKING:
    from django.core.paginator import Page
    from django.forms.boundfield import BoundWidget

    from copyhold.recognition.core import Explanation

register = template.Library()

_FILTERS: dict[str, Callable[..., Any]] = {
    "day": phrases.day,
    "short_day": phrases.short_day,
    "month_day": phrases.month_day,
    "moment": phrases.moment,
    "number": phrases.number,
    "octets": phrases.size,
    "short_hash": phrases.short_hash,
    "class_name": law.class_name,
    "unlocal": phrases.unlocal,
}
for _name, _filter in _FILTERS.items():
    register.filter(_name, _filter)

GLYPHS = {"ok": "g-ok", "wait": "g-wait", "stop": "g-stop", "live": "g-live", "trace": "g-trace", "": "g-plain"}
OUTCOMES = {  # outcome → glyph, its colour, the tint of the row, the word for those who do not see the glyph
    "pass": ("c-ok", "ok", "", phrases.t("passed", "通过")),
    "concern": ("c-wait", "wait", "warn", phrases.t("concern", "存疑")),
    "fail": ("c-stop", "stop", "fail", phrases.t("failed", "未通过")),
    "open": ("c-open", "open", "", phrases.t("open", "待办")),
}
UNITS = {
    "working_days": (phrases.t("working day left", "个工作日后到期"), phrases.t("working days left", "个工作日后到期")),
    "days": (phrases.t("day left", "日后到期"), phrases.t("days left", "日后到期")),
    "hours": (phrases.t("hour left", "小时后到期"), phrases.t("hours left", "小时后到期")),
}


@register.simple_tag
def t(en: str, zh: str, **values: Any) -> SafeString:
    """Literals in a template may hold markup; what comes from a variable, and every value, is escaped."""
    chosen = conditional_escape(zh if is_chinese() else en)
    return format_html(chosen, **values) if values else mark_safe(chosen)  # noqa: S308 - escaped just above


@register.simple_tag
def icon(name: str, css: str = "i") -> SafeString:
    return format_html('<svg class="{}" aria-hidden="true"><use href="#{}"/></svg>', css, name)


@register.simple_tag
def pill(tone: str, text: Any) -> SafeString:
    glyph = GLYPHS.get(tone, "g-plain")
    return format_html(
        '<span class="pill {}"><svg aria-hidden="true"><use href="#{}"/></svg>{}</span>', tone, glyph, text
    )


@register.simple_tag
def state_pill(record: Any, lifecycle: str = "") -> SafeString:
    """The pill of a record's state, from the lifecycle that bears its model's name."""
    name = lifecycle or record._meta.model_name
    drawn = next(table for table in lifecycles() if table.name == name)
    state = drawn.state(record.state)
    return pill(state.tone, state.label)


@register.inclusion_tag("web/partials/clock.html")
def clock(facts: Any, css: str = "") -> dict[str, Any]:
    """A legal term as a ruler, 180 × 14: a tick per day (5 days if long), the needle is today.

    `facts`: total, used, left, unit (working_days, days, hours), words_en, words_zh, is_soon, is_met.
    """
    read = facts.get if isinstance(facts, Mapping) else lambda key, default=None: getattr(facts, key, default)
    total, used, left = max(int(read("total") or 1), 1), int(read("used") or 0), read("left")
    share = min(max(used / total, 0), 1)
    fine, bold = (1, 5) if total <= 31 else (5, 30)
    ticks = [(f"{180 * k / total:.1f}", 4 if k % bold == 0 else 8) for k in range(0, total + 1, fine)]
    one, many = UNITS.get(str(read("unit") or "days"), UNITS["days"])
    is_met, is_late = bool(read("is_met")), left is not None and int(left) < 0
    tone = "met" if is_met else "soon" if read("is_soon") or is_late else ""
    return {
        "tone": f"{tone} {css}".strip(),
        "is_met": is_met,
        "is_late": is_late,
        "left": abs(int(left or 0)),
        "unit": one if left is not None and abs(int(left)) == 1 else many,
        "late_unit": _late_unit(str(read("unit") or "days")),
        "words": _without_count(str((read("words_zh") if is_chinese() else read("words_en")) or "")),
        "article": read("article_zh") if is_chinese() else read("article_en"),
        "run": f"{180 * share:.1f}",
        "needle": f"{max(180 * share - 1, 0):.1f}",
        "ticks": ticks,
    }


def _without_count(words: str) -> str:
    """“4 days left: the office acts by 8 July.” → “the office acts by 8 July.”: the count stands above already."""
    head, colon, rest = words.partition("：" if is_chinese() else ": ")
    return rest if colon and any(sign.isdigit() for sign in head) else words


def _late_unit(unit: str) -> str:
    words = {"working_days": ("working days late", "个工作日已逾期"), "hours": ("hours late", "小时已逾期")}
    en, zh = words.get(unit, ("days late", "日已逾期"))
    return zh if is_chinese() else en


@register.inclusion_tag("web/partials/chain.html")
def chain(links: Iterable[Mapping[str, Any]], here: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002
    """Registration → … → case. A link: label_en, label_zh, text (or text_en, text_zh), url; `here` marks the last."""
    rows = [
        {
            "label": link["label_zh"] if is_chinese() else link["label_en"],
            "text": link.get("text_zh" if is_chinese() else "text_en") or link.get("text", ""),
            "url": link.get("url", ""),
        }
        for link in links
    ]
    return {"links": rows, "here": here}


@register.inclusion_tag("web/partials/acts.html")
def acts(rows: Iterable[Mapping[str, Any]], css: str = "") -> dict[str, Any]:
    """Newest first. Each row: at (moment or text), label, text, tone ("" · now · next · stopped), url."""
    return {"rows": rows, "css": css}


@register.inclusion_tag("web/partials/facts.html")
def facts(rows: Iterable[tuple[Any, Any]], css: str = "") -> dict[str, Any]:
    """Pairs of label and value; a pair without a value is left out."""
    return {"rows": [(label, value) for label, value in rows if value is not None and value != ""], "css": css}


@register.inclusion_tag("web/partials/checks.html")
def checks(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Each row: outcome (pass, concern, fail, open), label, text, end, url."""
    drawn = []
    for row in rows:
        glyph, colour, tint, word = OUTCOMES[str(row["outcome"])]
        drawn.append({**row, "glyph": glyph, "colour": colour, "tint": tint, "word": word})
    return {"rows": drawn}


@register.inclusion_tag("web/partials/pager.html", takes_context=True)
def pager(context: template.Context, page: Page) -> dict[str, Any]:  # type: ignore[type-arg]
    """Links to other pages of a list; filters stay in the URL."""
    query = context["request"].GET.copy()
    for name in ("page", "lang"):
        query.pop(name, None)
    return {
        "page": page,
        "query": query.urlencode(),
        "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
    }


@register.inclusion_tag("web/partials/field.html")
def field(bound: BoundField, css: str = "") -> dict[str, Any]:
    """Question, hint, error, control: in this order, tied together for those who listen."""
    widget = bound.field.widget
    described = " ".join(
        name
        for name, there in ((f"{bound.auto_id}-hint", bound.help_text), (f"{bound.auto_id}-wrong", bound.errors))
        if there
    )
    attributes: dict[str, str | bool] = {"class": f"input {css}".strip()}
    if described:
        attributes["aria-describedby"] = described
    if bound.errors:
        attributes["aria-invalid"] = "true"
    is_choice = isinstance(widget, (RadioSelect, CheckboxSelectMultiple))
    is_day = isinstance(widget, DayWidget)
    return {
        "bound": bound,
        "is_choice": is_choice,
        "is_day": is_day,
        "kind": "checkbox" if isinstance(widget, CheckboxSelectMultiple) else "radio",
        "boxes": _boxes(bound) if is_day else [],
        "is_tick": isinstance(widget, CheckboxInput),
        "is_optional": not bound.field.required and not is_choice and not getattr(bound.field, "is_asked", False),
        "options": _options(bound) if is_choice else [],
        "two": "two" if getattr(bound.field, "two_columns", False) else "",
        "control": "" if is_choice or is_day else bound.as_widget(attrs=attributes),
    }


def _boxes(bound: BoundField) -> list[dict[str, Any]]:
    """Day, month, year of a DayField, each with its own label."""
    value = bound.value()
    typed = value if isinstance(value, (list, tuple)) else bound.field.widget.decompress(value)
    named = (phrases.t("Day", "日"), "w-2"), (phrases.t("Month", "月"), "w-2"), (phrases.t("Year", "年"), "w-4")
    boxes = [
        {
            "label": label,
            "css": css,
            "name": f"{bound.html_name}_{place}",
            "id": f"{bound.auto_id}_{place}",
            "value": typed[place],
        }
        for place, (label, css) in enumerate(named)
    ]
    return boxes[::-1] if is_chinese() else boxes  # 年 月 日


def _options(bound: BoundField) -> list[dict[str, Any]]:
    hints: Mapping[str, Any] = getattr(bound.field, "hints", {})

    def drawn(choice: BoundWidget) -> dict[str, Any]:
        value = str(choice.data["value"])
        return {
            "value": value,
            "label": choice.choice_label,
            "hint": hints.get(value, ""),
            "id": choice.id_for_label,
            "checked": choice.data["selected"],
        }

    return [drawn(choice) for choice in bound if choice.data["value"] not in {"", None}]


@register.inclusion_tag("web/partials/error_summary.html")
def error_summary(form: Any, others: Iterable[tuple[str, Any]] = ()) -> dict[str, Any]:
    """All that is to be put right, in page order, each linked to its place. `others`: (anchor, text)."""
    rows = [(anchor, text) for anchor, text in others]
    for bound in form or ():
        first = f"{bound.auto_id}_0" if isinstance(bound.field.widget, RadioSelect | DayWidget) else bound.auto_id
        rows += [(first, error) for error in bound.errors]
    rows += [("", error) for error in (form.non_field_errors() if form else ())]
    return {"rows": rows}


@register.simple_tag
def qr(text: str, css: str = "qr") -> SafeString:
    """A QR code as one SVG path, drawn by us because no style attribute may stand in a page."""
    matrix = segno.make(text, error="m", boost_error=False).matrix
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" role="img" aria-label="QR"><path fill="currentColor" d="{}"/></svg>',
        css, len(matrix), len(matrix), path,
    )  # fmt: skip


@register.inclusion_tag("web/partials/likeness.html")
def likeness(
    explanation: Explanation, original: Any = "", copy: Any = "", base: str = "", anchor: str = "pair"
) -> dict[str, Any]:
    """The original left, the copy right, whatever the medium. `base`: where the explanation's files are served."""
    return {
        "original": original or phrases.t("Registered work", "登记作品"),
        "copy": copy or phrases.t("The file", "比对文件"),
        "anchor": anchor,
        **drawn(explanation, base),
    }


@register.simple_tag
def lines(values: Iterable[Any]) -> SafeString:
    return format_html_join(mark_safe("<br>"), "{}", ((value,) for value in values))
