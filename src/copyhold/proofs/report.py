"""What a verification says: one verdict, and the numbered checks behind it."""

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["certificate", "exhibit", "unreadable"]


@dataclass(frozen=True, slots=True)
class Check:
    """One step. `is_warning` marks a step that passed, but leaves something for the reader to do."""

    number: int
    name_en: str
    name_zh: str
    ok: bool
    why: str
    why_zh: str = ""
    is_warning: bool = False

    def name(self, language: str) -> str:
        return self.name_zh if language.startswith("zh") else self.name_en

    def reason(self, language: str) -> str:
        return self.why_zh if language.startswith("zh") and self.why_zh else self.why


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict over one file. `facts` are what the file states: believe them only when `ok`."""

    kind: Kind
    checks: tuple[Check, ...]
    key: str = ""  # the vkey that was used, "" when none could be read
    is_key_trusted: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return bool(self.checks) and all(check.ok for check in self.checks)

    def reasons(self, language: str = "en") -> list[str]:
        """Why it was refused; empty when it was not."""
        return [f"{check.number}. {check.name(language)}: {check.reason(language)}" for check in self.failed]

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.ok)

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "kind": self.kind,
            "key": self.key,
            "is_key_trusted": self.is_key_trusted,
            "checks": [
                {
                    "number": check.number,
                    "name": {"en": check.name_en, "zh": check.name_zh},
                    "ok": check.ok,
                    "is_warning": check.is_warning,
                    "why": {"en": check.why, "zh": check.why_zh},
                }
                for check in self.checks
            ],
            "facts": self.facts,
        }
