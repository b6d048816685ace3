"""Form fields of the look: a day in three boxes, choices with a hint each, a list of names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms

from copyhold.web.phrases import t

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class DayWidget(forms.MultiWidget):
    """Day, month, year: quicker and surer than a calendar for a day one knows. Drawn by partials/field.html."""

    def __init__(self) -> None:
        super().__init__([forms.TextInput(), forms.TextInput(), forms.TextInput()])

    def decompress(self, value: Any) -> list[Any]:
        return [value.day, value.month, value.year] if isinstance(value, date) else ["", "", ""]


class DayField(forms.MultiValueField):
    """A date from three numbers; says which of them is missing or cannot be."""

    widget = DayWidget

    def __init__(self, *, year_missing: Any = "", **options: Any) -> None:
        self.year_missing = year_missing or t("Enter the year.", "请填写年份。")
        parts = (forms.CharField(required=False, max_length=4) for _ in range(3))
        super().__init__(fields=tuple(parts), require_all_fields=False, **options)

    def clean(self, value: Any) -> date | None:
        day, month, year = (str(part or "").strip() for part in (value or ("", "", "")))
        if not (day or month or year):
            if self.required:
                raise forms.ValidationError(self.error_messages["required"])
            return None
        if not year:
            raise forms.ValidationError(self.year_missing)
        if not (day and month):
            raise forms.ValidationError(t("Enter day and month as well.", "请同时填写月和日。"))
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            raise forms.ValidationError(t("There is no such day. Check it.", "没有这一天，请核对。")) from None


class ChoiceField(forms.ChoiceField):
    """Radio buttons with a hint under each choice."""

    def __init__(self, *, hints: Mapping[str, Any] | None = None, two_columns: bool = False, **options: Any) -> None:
        super().__init__(widget=forms.RadioSelect, **options)
        self.hints = hints or {}
        self.two_columns = two_columns


class SeveralField(forms.MultipleChoiceField):
    """Tick boxes, none to all."""

    def __init__(self, *, two_columns: bool = True, **options: Any) -> None:
        super().__init__(widget=forms.CheckboxSelectMultiple, **options)
        self.hints: dict[str, Any] = {}
        self.two_columns = two_columns


class LinesField(forms.CharField):
    """One entry a line; blank lines do not count."""

    def __init__(self, *, rows: int = 3, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **options)

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, (list, tuple)) else value


def label_of(choices: Iterable[tuple[str, Any]], value: str) -> Any:
    return dict(choices).get(value, value)
