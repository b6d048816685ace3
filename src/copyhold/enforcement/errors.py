"""What can go wrong in enforcement.

BadInput
├── BadField          one field cannot be used as given
├── UnknownTerm       the law pack of the case has no such act, notice rule or quantity
└── MixedOffices      clues of different offices cannot make one case
Conflict
├── CaseOver          the case no longer takes clues or exhibits
├── AlreadyInCase     this exhibit lies in the file already
├── TermRuns          a legal term has not passed yet
├── NoPriorNotice     no decision without prior notice
├── StatementTermRuns the party may still speak or ask for a hearing
├── NoLegalReview     no decision without a legal review that passed
├── ReviewedByInvestigator  who investigates does not review
└── TooFewOfficers    a case needs two officers at least
Unavailable
└── NoDesk            no office takes reports here
"""

from copyhold.errors import BadInput, Conflict, Unavailable, gettext_noop


class BadField(BadInput):
    code = "enforcement.field"
    message = gettext_noop("“{field}” cannot be used as it is. Correct it and send it again.")


class UnknownTerm(BadInput):
    code = "enforcement.unknown_term"
    message = gettext_noop("The law of this case does not know “{term}”. Choose one of: {known}.")


class MixedOffices(BadInput):
    code = "case.mixed_offices"
    message = gettext_noop("These clues belong to different offices. Pass them on to one office first.")


class CaseOver(Conflict):
    code = "case.over"
    message = gettext_noop("The case {number} is decided or ended; nothing is added to its file any more.")


class AlreadyInCase(Conflict):
    code = "case.already_there"
    message = gettext_noop("The exhibit {exhibit} already lies in the case {number}.")


class TermRuns(Conflict):
    code = "notice.term_runs"
    message = gettext_noop("The term of the notice {number} still runs. Wait until it has passed.")


class NoPriorNotice(Conflict):
    code = "case.no_prior_notice"
    message = gettext_noop("The party has had no prior notice. Give it before the decision.")


class StatementTermRuns(Conflict):
    code = "case.statement_term_runs"
    message = gettext_noop("The party may make a statement or ask for a hearing up to and including {until}.")


class NoLegalReview(Conflict):
    code = "case.no_legal_review"
    message = gettext_noop("The legal review has not passed the case. Without it no decision is made.")


class ReviewedByInvestigator(Conflict):
    code = "case.reviewed_by_investigator"
    message = gettext_noop("An officer of the case cannot review it. Another legal reviewer must do so.")


class TooFewOfficers(Conflict):
    code = "case.too_few_officers"
    message = gettext_noop("A case needs {least} officers at least. Name {missing} more.")


class NoDesk(Unavailable):
    code = "report.no_desk"
    message = gettext_noop("No office takes reports here yet. Try again later, or write to the copyright office.")
