"""Works entered into the register as people do it: filed, examined, approved, with their deposits fingerprinted."""

from datetime import date
from types import SimpleNamespace

from copyhold.people.actors import Actor
from copyhold.reference import services as reference
from copyhold.registry import rules
from copyhold.registry import services as registry
from copyhold.registry.models import Application, Work
from copyhold.web.demonstration import media

PIECES = {piece.key: piece for piece in (*media.REGISTERED, media.CORRECTED)}
FIELDS = {
    "category": "F",
    "nature": "original",
    "completed_on": date(2024, 1, 18),
    "completed_at_place": "兰汀",
    "ownership": "individual",
    "obtained": "original",
    "statement": "独立创作。",
    "authors": [{"name": "林秋水", "nationality": "CN", "signature": "real"}],
}


def filed(
    people: SimpleNamespace, *files: tuple[str, bytes, str], holder: Actor | None = None, title=""
) -> Application:
    """A submitted application with these deposits: (file name, bytes, medium)."""
    holder = holder or people.holder
    application = registry.start_application(
        holder, applicant=holder.organisation, office=people.office, title=title or files[0][0], **FIELDS
    )
    for filename, data, medium in files:
        kind = {"image": "image/png", "text": "text/plain", "audio": "audio/wav"}[medium]
        deposit = registry.add_deposit(
            holder, application, filename=filename, data=data, medium=medium, media_type=kind
        )
        reference.fingerprint_deposit(deposit=deposit)
    return registry.submit_application(holder, application)


def approved(people: SimpleNamespace, application: Application) -> Work:
    registry.accept_application(people.examiner, application)
    for code in rules.CODES:
        registry.record_check(people.examiner, application, item=code, outcome="pass", note="seen")
    return registry.approve_application(people.examiner, application)


def registered(people: SimpleNamespace, key: str, *, holder: Actor | None = None) -> Work:
    """A piece of the demonstration as a work in force."""
    piece = PIECES[key]
    application = filed(people, (piece.filename, piece.read(), piece.medium), holder=holder, title=piece.title)
    return approved(people, application)
