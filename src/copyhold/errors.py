"""One small tree of errors for every room.

    CopyholdError
    ├── BadInput      what was sent cannot be used            (the edge answers 400)
    ├── Forbidden     this person may not do this             (403)
    ├── NotFound      there is no such thing, or none visible (404)
    ├── Conflict      not in this state, or someone was first (409)
    └── Unavailable   a part that is needed cannot be reached (503)

A room subclasses these. A message says what to do. It is an English template that doubles as the translation key,
so the cellar stays free of gettext and the edge still answers in the reader's language.
"""

from typing import Any, ClassVar


def gettext_noop(message: str) -> str:
    """Mark a message for translation where it is written; the edge translates it where it is shown."""
    return message


class CopyholdError(Exception):
    """Something a person can act upon.

    `code` is stable and documented; `message` is a template with `{named}` places, filled from `params`.
    """

    code: ClassVar[str] = "error"
    message: ClassVar[str] = gettext_noop("Something went wrong. Nothing was changed.")

    def __init__(self, message: str = "", /, *, code: str = "", **params: Any) -> None:
        self.template = message or self.message
        self.instance_code = code or self.code
        self.params = params
        super().__init__(self.template)

    def __str__(self) -> str:
        return self.template.format(**self.params) if self.params else self.template

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.template, self.instance_code, self.params))


def _rebuild(cls: type[CopyholdError], template: str, code: str, params: dict[str, Any]) -> CopyholdError:
    return cls(template, code=code, **params)


class BadInput(CopyholdError):
    code = "bad_input"
    message = gettext_noop("This cannot be used as it is. Correct it and send it again.")


class Forbidden(CopyholdError):
    code = "forbidden"
    message = gettext_noop("Your role may not do this.")


class NotFound(CopyholdError):
    code = "not_found"
    message = gettext_noop("There is nothing here under this name or number.")


class Conflict(CopyholdError):
    code = "conflict"
    message = gettext_noop("This was changed in the meantime. Open it again and look before you act.")


class Unavailable(CopyholdError):
    code = "unavailable"
    message = gettext_noop("A part of the office cannot be reached. Nothing was changed; try again in a minute.")
