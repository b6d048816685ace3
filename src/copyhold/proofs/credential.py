"""W3C Verifiable Credentials 2.0 with a Data Integrity proof, cryptosuite `eddsa-jcs-2022`.

https://www.w3.org/TR/vc-data-model-2.0/ and https://www.w3.org/TR/vc-di-eddsa/#eddsa-jcs-2022. The issuer is the office
key as did:key, so that a stranger needs nothing but the file. Any VC library that knows the suite verifies it.

We are stricter than the suite in one point: the proof's @context must equal the document's, so that no context can be
added unsigned.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from copyhold.proofs import multibase
from copyhold.proofs.canonical import canonical
from copyhold.proofs.errors import Malformed, Refused
from copyhold.proofs.keys import Signer, Verifier

CONTEXT: Final = [
    "https://www.w3.org/ns/credentials/v2",
    "https://www.w3.org/ns/credentials/undefined-terms/v2",
]
CERTIFICATE_TYPE: Final = "CopyrightRegistrationCredential"
SUITE: Final = "eddsa-jcs-2022"
WHAT: Final = "credential"


def certificate(
    *, subject: Mapping[str, Any], pdf_sha256: str, issued_at: datetime, signer: Signer, identifier: str = ""
) -> dict[str, Any]:
    """The signed credential of a certificate.

    `subject` holds the facts of the record (number, title, …, digests of the deposits); `pdf_sha256` (hex) joins them
    and ties the credential to one PDF. `identifier` is a URL or URN of the credential, left out when empty.
    """
    document: dict[str, Any] = {
        "@context": list(CONTEXT),
        **({"id": identifier} if identifier else {}),
        "type": ["VerifiableCredential", CERTIFICATE_TYPE],
        "issuer": signer.verifier.did,
        "validFrom": _timestamp(issued_at),
        "credentialSubject": {**subject, "pdf_sha256": pdf_sha256},
    }
    return sign(document, signer, issued_at)


def record(*, subject: Mapping[str, Any], issued_at: datetime, signer: Signer) -> dict[str, Any]:
    """The signed credential that goes INTO the PDF as its attachment: the same facts, but no digest of that PDF."""
    document: dict[str, Any] = {
        "@context": list(CONTEXT),
        "type": ["VerifiableCredential", CERTIFICATE_TYPE],
        "issuer": signer.verifier.did,
        "validFrom": _timestamp(issued_at),
        "credentialSubject": dict(subject),
    }
    return sign(document, signer, issued_at)


def sign(document: Mapping[str, Any], signer: Signer, created: datetime) -> dict[str, Any]:
    """Add a proof to an unsigned document (vc-di-eddsa §3.3.1). Raises `Malformed`."""
    if "proof" in document or "@context" not in document:
        raise Malformed(what=WHAT, why="it has a proof already, or no @context")
    did, multikey = signer.verifier.did, signer.verifier.multikey
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": _timestamp(created),
        "verificationMethod": f"{did}#{multikey}",
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
    }
    signature = signer.sign(hash_data(document, options))
    return {**document, "proof": {**options, "proofValue": multibase.encode(signature)}}


def hash_data(document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical proof options, then SHA-256 of the canonical document: the 64 bytes that are signed."""
    return hashlib.sha256(canonical(options)).digest() + hashlib.sha256(canonical(document)).digest()


def verify(secured: Any, verifier: Verifier) -> dict[str, Any]:
    """The credential's subject, if this key issued and signed it. Raises `Malformed` or `Refused`."""
    document = verify_proof(secured, verifier)
    if document.get("issuer") != verifier.did:
        raise Refused(why="the issuer is not the holder of the key")
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict):
        raise Malformed(what=WHAT, why="it has no subject")
    return subject


def verify_proof(secured: Any, verifier: Verifier) -> dict[str, Any]:
    """The document without its proof, if the proof holds (vc-di-eddsa §3.3.2). Raises `Malformed` or `Refused`."""
    # 1. Exactly one proof, of this suite and for this purpose, by this key.
    proof = _proof_of(secured)
    expected = {"type": "DataIntegrityProof", "cryptosuite": SUITE, "proofPurpose": "assertionMethod"}
    if any(proof.get(key) != value for key, value in expected.items()):
        raise Refused(why=f"its proof is not an assertion of the suite {SUITE}")
    if proof.get("verificationMethod") != f"{verifier.did}#{verifier.multikey}":
        raise Refused(why="another key than the expected one signed it")
    # 2. The context that was signed is the context that is read.
    document = {key: value for key, value in secured.items() if key != "proof"}
    if proof.get("@context") != document.get("@context"):
        raise Refused(why="its @context is not the one that was signed")
    # 3. The signature over both digests.
    options = {key: value for key, value in proof.items() if key != "proofValue"}
    if not verifier.verify(hash_data(document, options), multibase.decode(proof["proofValue"])):
        raise Refused(why="its signature is wrong")
    return document


def untrusted_key(secured: Any, name: str) -> Verifier:
    """The key that the credential says signed it, under the given name. Raises `Malformed` or `KeyUnusable`."""
    method = _proof_of(secured).get("verificationMethod")
    return Verifier.from_did(name, str(method).partition("#")[0])


def _proof_of(secured: Any) -> dict[str, Any]:
    proof = secured.get("proof") if isinstance(secured, dict) else None
    if not isinstance(proof, dict) or not isinstance(proof.get("proofValue"), str):
        raise Malformed(what=WHAT, why="it has no proof, or not exactly one")
    return proof


def _timestamp(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise Malformed(what="time", why="it has no time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
