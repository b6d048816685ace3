"""The acts of the register: one verb, one function, one transaction, one ledger entry."""

from copyhold.registry.services.applications import (
    add_deposit,
    answer_correction,
    problems_of,
    remove_deposit,
    save_application,
    start_application,
    submit_application,
    withdraw_application,
)
from copyhold.registry.services.examination import (
    accept_application,
    approve_application,
    ask_correction,
    claim_application,
    lapse_application,
    open_deposit,
    record_check,
    refuse_application,
    release_application,
)
from copyhold.registry.services.issuing import (
    begin_issuing,
    certificate_bundle,
    certificate_content,
    certificate_picture,
    finish_issuing,
)
from copyhold.registry.services.recordal import (
    dispute_work,
    end_licence,
    record_licence,
    revoke_work,
    settle_work,
)

__all__ = [
    "accept_application",
    "add_deposit",
    "answer_correction",
    "approve_application",
    "ask_correction",
    "begin_issuing",
    "certificate_bundle",
    "certificate_content",
    "certificate_picture",
    "claim_application",
    "dispute_work",
    "end_licence",
    "finish_issuing",
    "lapse_application",
    "open_deposit",
    "problems_of",
    "record_check",
    "record_licence",
    "refuse_application",
    "release_application",
    "remove_deposit",
    "revoke_work",
    "save_application",
    "settle_work",
    "start_application",
    "submit_application",
    "withdraw_application",
]
