"""The acts of enforcement: one verb, one function, one transaction, one ledger entry."""

from copyhold.enforcement.chain import chain_of
from copyhold.enforcement.clocks import clocks_of
from copyhold.enforcement.facts import marks_of, obstacles_to_decision
from copyhold.enforcement.services.cases import (
    add_clue,
    add_exhibit,
    close_case,
    decide_case,
    drop_case,
    file_case,
    give_prior_notice,
    investigate_case,
    record_quantities,
    record_statement,
    refer_case,
    return_case,
    review_case,
    send_to_review,
)
from copyhold.enforcement.services.clues import (
    accept_clue,
    clue_by_receipt,
    dispatch_clue,
    erase_informer,
    open_informer,
    receive_clue,
    reject_clue,
    report_publicly,
)
from copyhold.enforcement.services.notices import (
    draft_notice,
    lapse_notice,
    lift_notice,
    record_answer,
    record_compliance,
    serve_notice,
)

__all__ = [
    "accept_clue",
    "add_clue",
    "add_exhibit",
    "chain_of",
    "clocks_of",
    "close_case",
    "clue_by_receipt",
    "decide_case",
    "dispatch_clue",
    "draft_notice",
    "drop_case",
    "erase_informer",
    "file_case",
    "give_prior_notice",
    "investigate_case",
    "lapse_notice",
    "lift_notice",
    "marks_of",
    "obstacles_to_decision",
    "open_informer",
    "receive_clue",
    "record_answer",
    "record_compliance",
    "record_quantities",
    "record_statement",
    "refer_case",
    "reject_clue",
    "report_publicly",
    "return_case",
    "review_case",
    "send_to_review",
    "serve_notice",
]
