"""What can go wrong at the two doors.

BadInput
├── SandboxFailure             the file could not be examined safely
│   ├── TookTooLong
│   ├── TookTooMuchMemory
│   └── Crashed
└── FetchRefused               an address that will not, or could not, be fetched
    ├── AddressRefused         not public, wrong scheme or port, user name in it
    ├── RedirectRefused        too many, or to a place that is refused
    ├── RobotsRefused          the site asks robots to stay away
    ├── TooLarge
    ├── TooSlow
    ├── HostUnreachable        no such name, refused, reset, TLS failed, broken HTTP
    └── RenderFailed           the browser could not show the page
Unavailable
├── SandboxUnavailable         the worker process does not start on this machine
└── BrowserUnavailable         no Chromium found, or it does not start
"""

# ruff: noqa: E501  a message is one line, as translators see it
from copyhold.errors import BadInput, Unavailable, gettext_noop


class SandboxFailure(BadInput):
    """`detail` is for the log of the office: type and text of the exception, from an untrusted worker."""

    code = "sandbox_failure"
    message = gettext_noop(
        "This file could not be examined. Check that it opens on your own computer, save it anew and send it again."
    )


class TookTooLong(SandboxFailure):
    code = "took_too_long"
    message = gettext_noop(
        "Examining this file took longer than {seconds} s and was stopped. Send a shorter or simpler version of it."
    )


class TookTooMuchMemory(SandboxFailure):
    code = "took_too_much_memory"
    message = gettext_noop(
        "Examining this file needs more memory than the {mebibytes} MiB allowed, so it was stopped. Send a smaller version of it."
    )


class Crashed(SandboxFailure):
    code = "crashed"
    message = gettext_noop(
        "This file made the program that examines it break off. The file is damaged or hostile; save it anew in another format."
    )


class SandboxUnavailable(Unavailable):
    code = "sandbox_unavailable"
    message = gettext_noop("Files cannot be examined safely on this machine, so none is examined: {reason}")


class FetchRefused(BadInput):
    """`url` is the address, `reason` a stable English word or two for the log and the patrol's record."""

    code = "fetch_refused"
    message = gettext_noop("{url} was not fetched: {reason}")


class AddressRefused(FetchRefused):
    code = "address_refused"
    message = gettext_noop(
        "{url} is not a public web address and was not fetched: {reason}. Give an http or https address on the public Internet."
    )


class RedirectRefused(FetchRefused):
    code = "redirect_refused"
    message = gettext_noop(
        "{url} sends visitors on to a place that is not fetched: {reason}. Give the final address itself."
    )


class RobotsRefused(FetchRefused):
    code = "robots_refused"
    message = gettext_noop(
        "The site asks robots not to fetch {url} ({reason}). Have an officer look at it, or ask the site."
    )


class TooLarge(FetchRefused):
    code = "too_large"
    message = gettext_noop("{url} sends more than is accepted: {reason}. The rest was not read.")


class TooSlow(FetchRefused):
    code = "too_slow"
    message = gettext_noop("{url} did not answer in time: {reason}. Try again later.")


class HostUnreachable(FetchRefused):
    code = "host_unreachable"
    message = gettext_noop("{url} cannot be reached: {reason}. Check the address, or try again later.")


class RenderFailed(FetchRefused):
    code = "render_failed"
    message = gettext_noop("{url} could not be shown in the browser: {reason}. The plain page is kept.")


class BrowserUnavailable(Unavailable):
    code = "browser_unavailable"
    message = gettext_noop(
        "No Chromium browser can be started: {reason}. Install the package chromium, or set COPYHOLD_CHROMIUM to its path."
    )
