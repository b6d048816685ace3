"""What can go wrong in the register.

BadInput
├── Incomplete       the application lacks something: `params["problems"]` lists each with its field
├── BadField         one field cannot be used as given
├── UnknownGround    the law pack of the application has no such ground
└── Unprintable      a certificate could not show these characters
Forbidden
└── OwnCase          nobody examines or decides an application of their own organisation
Conflict
├── AlreadyTaken     another examiner has this application
├── AlreadyDeposited the same bytes lie in this application already
├── ChecksOpen       the check-list is not settled
├── AlreadyRegistered the same bytes were registered in the meantime
├── ExclusiveElsewhere an exclusive licence in force covers the same use
└── NotInForce       the work is not in force
"""

from copyhold.errors import BadInput, Conflict, Forbidden, gettext_noop


class Incomplete(BadInput):
    code = "application.incomplete"
    message = gettext_noop("The application is not complete: {count} points are open. Complete them and send it again.")


class BadField(BadInput):
    code = "application.field"
    message = gettext_noop("“{field}” cannot be used as it is: {why}")


class UnknownGround(BadInput):
    code = "application.unknown_ground"
    message = gettext_noop("The law of this application knows no ground “{ground}”. Choose one of: {known}.")


class Unprintable(BadInput):
    code = "certificate.unprintable"
    message = gettext_noop("The certificate cannot show these characters: {letters}. Write the text without them.")


class OwnCase(Forbidden):
    code = "application.own_case"
    message = gettext_noop(
        "This is an application of your own organisation. Another office must examine and decide it."
    )


class AlreadyTaken(Conflict):
    code = "application.taken"
    message = gettext_noop(
        "Another examiner has taken this application. Choose another one, or ask the chief examiner."
    )


class AlreadyDeposited(Conflict):
    code = "deposit.twice"
    message = gettext_noop("This file already lies in the application as “{filename}”. Add each file once.")


class ChecksOpen(Conflict):
    code = "application.checks_open"
    message = gettext_noop("These checks are not settled: {items}. Record each as passed, or refuse the application.")


class AlreadyRegistered(Conflict):
    code = "application.already_registered"
    message = gettext_noop("The same file has just been registered as {numbers}. Look at the duplicate check again.")


class ExclusiveElsewhere(Conflict):
    code = "licence.exclusive"
    message = gettext_noop("The exclusive licence {number} already covers this use. Record its end first.")


class NotInForce(Conflict):
    code = "work.not_in_force"
    message = gettext_noop("The registration {number} is not in force.")
