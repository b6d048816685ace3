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
    # inspection and evidence
    "findings": "finding.read",
    "finding": "finding.read",
    "finding_judge": "finding.confirm",
    "match_file": "finding.read",
    "exhibits": "exhibit.open",
    "exhibit": "exhibit.open",
    "exhibit_check": "exhibit.check",
    "exhibit_export": "exhibit.export",
    "targets": "finding.read",
    "target_add": "target.add",
    "target": "finding.read",
    "patrol_queue": "patrol.queue",
    "patrol": "finding.read",
    # enforcement
    "clues": "clue.read",
    "clue": "clue.read",
    "clue_accept": "clue.accept",
    "clue_reject": "clue.reject",
    "clue_dispatch": "clue.dispatch",
    "clue_file": "clue.file",
    "cases": "case.read",
    "case": "case.read",
    "case_investigate": "case.investigate",
    "case_give_prior_notice": "case.give_prior_notice",
    "case_record_statement": "case.record_statement",
    "case_record_quantities": "case.record_quantities",
    "case_send_to_review": "case.send_to_review",
    "case_review": "case.review",
    "case_return": "case.return",
    "case_decide": "case.decide",
    "case_close": "case.close",
    "case_drop": "case.drop",
    "case_refer": "case.refer",
    "case_add_exhibit": "case.add_exhibit",
    "case_draft_notice": "notice.draft",
    "document": "document.read",
    "notices": "notice.read",
    "notice": "notice.read",
    "notice_serve": "notice.serve",
    "notice_comply": "notice.comply",
    "notice_answer": "notice.answer",
    "notice_lapse": "notice.lapse",
    "notice_lift": "notice.lift",
    # headquarters, and the desks
    "overview": "figures.read",
    "today": SIGNED_IN,
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
