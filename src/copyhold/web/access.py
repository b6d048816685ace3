"""The permission matrix of pages: URL name → the act it needs. Every URL stands here; a fitness test reads this table.

`public`: anyone. `signed_in`: any account with a chosen membership. Everything else is an action of
people.permissions, checked by the doorkeeper (middleware) for the role; which records of that kind are seen is for
`visible_to(actor)` in the view, and what may be done to one record is for the service.
"""

from __future__ import annotations

PUBLIC = "public"
SIGNED_IN = "signed_in"

ACCESS: dict[str, str] = {
    # everyone
    "home": PUBLIC,
    "seek": PUBLIC,
    "works": PUBLIC,
    "work": PUBLIC,
    "work_picture": PUBLIC,
    "verify": PUBLIC,
    "verify_number": PUBLIC,
    "identify": PUBLIC,
    "report": PUBLIC,
    "report_receipt": PUBLIC,
    "log": PUBLIC,
    "log_checkpoint": PUBLIC,
    "log_tile": PUBLIC,
    "accessibility": PUBLIC,
    "privacy": PUBLIC,
    "certificate_pdf": PUBLIC,
    "certificate_bundle": PUBLIC,
    # account
    "sign_in": PUBLIC,
    "sign_out": PUBLIC,
    "choose_membership": PUBLIC,  # signed in, membership not yet chosen
    "desk": SIGNED_IN,
    # applicant
    "applications": "application.read",
    "application_start": "application.start",
    "application": "application.read",
    "application_step": "application.save",
    "application_deposit": "application.add_deposit",
    "application_remove_deposit": "application.add_deposit",
    "application_submit": "application.submit",
    "application_answer": "application.answer",
    "application_withdraw": "application.withdraw",
    "licence_record": "licence.record",
    # examiner
    "examination": "checks.read",
    "examine": "checks.read",
    "examine_check": "application.record_check",
    "examine_accept": "application.accept",
    "examine_claim": "application.claim",
    "examine_release": "application.release",
    "examine_approve": "application.approve",
    "examine_ask_correction": "application.ask_correction",
    "examine_refuse": "application.refuse",
    "deposit_file": "deposit.read",
    "likeness_file": "checks.read",
    # API
    "api": PUBLIC,
    "api_works": PUBLIC,
    "api_work": PUBLIC,
    "api_verify": PUBLIC,
    "api_identify": PUBLIC,
}


def action_of(url_name: str) -> str:
    """The act that a URL needs; a URL that nobody entered above is a programming error."""
    return ACCESS[url_name]
