"""What can go wrong with a law pack.

CopyholdError
├── NotFound
│   ├── NoPack       no such country, version, or none in force on that day
│   └── NoSuchTerm   the pack has no clock, article, class … of this name
├── BadInput
│   └── WrongNumber  a registration number cannot be made from these parts
└── BrokenPackError       the data files contradict the schema (an installation fault)
"""

from copyhold.errors import BadInput, CopyholdError, NotFound, gettext_noop


class NoPack(NotFound):
    code = "no_law_pack"
    message = gettext_noop("There is no law pack “{name}”. Install one, or choose another day or version.")


class NoSuchTerm(NotFound):
    code = "no_such_term"
    message = gettext_noop("The law pack {pack} has no {kind} “{name}”.")


class WrongNumber(BadInput):
    code = "wrong_number"
    message = gettext_noop("No registration number can be made of this: {why}.")


class BrokenPackError(CopyholdError):
    code = "broken_law_pack"
    message = gettext_noop("The law pack file {file} cannot be used: {why}. Restore it from the package.")
