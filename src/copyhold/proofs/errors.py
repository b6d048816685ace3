"""What can be wrong with a proof.

BadInput
├── Malformed     these bytes are not the format they claim to be
├── Refused       well-formed, but the proof does not hold (the one "no")
├── KeyUnusable   a key, a key name or a key file that cannot be used
└── NotABundle    this file is no certificate or exhibit bundle at all
"""

from copyhold.errors import BadInput, gettext_noop


class Malformed(BadInput):
    code = "malformed_proof"
    message = gettext_noop("This is not a valid {what}: {why}. Ask the office for the file again.")


class Refused(BadInput):
    code = "proof_refused"
    message = gettext_noop("The proof does not hold: {why}. Do not rely on this file.")


class KeyUnusable(BadInput):
    code = "key_unusable"
    message = gettext_noop("This key cannot be used: {why}. Give a verification key as the office publishes it.")


class NotABundle(BadInput):
    code = "not_a_bundle"
    message = gettext_noop(
        "This is not a certificate or exhibit bundle: {why}. Give the file exactly as the office issued it."
    )
