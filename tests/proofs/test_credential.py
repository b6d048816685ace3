"""The cryptosuite eddsa-jcs-2022 against the vectors of the W3C specification."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from copyhold.proofs import credential, multibase
from copyhold.proofs.canonical import canonical, parse_canonical, salted_digest
from copyhold.proofs.errors import Malformed, Refused
from copyhold.proofs.keys import Signer, Verifier

VECTOR = json.loads((Path(__file__).parent / "vectors" / "eddsa-jcs-2022.json").read_text())
SECURED = VECTOR["secured"]
DOCUMENT = {key: value for key, value in SECURED.items() if key != "proof"}
SIGNER = Signer("vc.example", multibase.decode(VECTOR["privateKeyMultibase"])[2:])
CREATED = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)


def test_the_key_is_the_published_one():
    assert SIGNER.verifier.multikey == VECTOR["publicKeyMultibase"]
    assert Verifier.from_did("vc.example", "did:key:" + VECTOR["publicKeyMultibase"]) == SIGNER.verifier


def test_the_digests_are_the_published_ones():
    options = {key: value for key, value in SECURED["proof"].items() if key != "proofValue"}
    assert canonical(options).decode() == VECTOR["canonicalProofOptions"]
    assert credential.hash_data(DOCUMENT, options).hex() == VECTOR["hashData"]


def test_signing_gives_the_published_signature():
    assert credential.sign(DOCUMENT, SIGNER, CREATED) == SECURED


def test_the_published_credential_verifies():
    assert credential.verify_proof(SECURED, SIGNER.verifier) == DOCUMENT


def test_an_issuer_who_is_not_the_key_is_refused():
    with pytest.raises(Refused, match="issuer"):
        credential.verify(SECURED, SIGNER.verifier)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Other"},
        {"proof": {**SECURED["proof"], "created": "2023-02-24T23:36:39Z"}},
        {"proof": {**SECURED["proof"], "proofPurpose": "authentication"}},
        {"proof": {**SECURED["proof"], "proofValue": "z" + "1" * 64}},
        {"proof": {**SECURED["proof"], "verificationMethod": "did:key:z6Mk#z6Mk"}},
        {"@context": SECURED["@context"][:1]},
    ],
)
def test_a_changed_credential_is_refused(change):
    with pytest.raises(Refused):
        credential.verify_proof(SECURED | change, SIGNER.verifier)


@pytest.mark.parametrize("thing", [None, [], {}, {"proof": []}, {"proof": {}}, {"proof": [SECURED["proof"]]}])
def test_what_has_not_exactly_one_proof_is_malformed(thing):
    with pytest.raises(Malformed):
        credential.verify_proof(thing, SIGNER.verifier)


def test_the_record_inside_the_pdf_is_signed_too():
    signed = credential.record(subject={"number": "1"}, issued_at=CREATED, signer=SIGNER)
    assert credential.verify(signed, SIGNER.verifier) == {"number": "1"}


@pytest.mark.parametrize("bad", [float("nan"), 2**53, {"a": object()}, "\ud800"])
def test_what_json_cannot_carry_has_no_canonical_form(bad):
    with pytest.raises(Malformed):
        canonical(bad)


def test_canonical_json_is_that_of_rfc_8785():
    # RFC 8785 §3.2.2, the published example.
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical(value).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


@pytest.mark.parametrize("data", [b"", b"{ }", b'{"b":1,"a":1}', b'{"a":1,"a":1}', b"1.0", b"\xff", b"[NaN]"])
def test_other_spellings_are_refused(data):
    with pytest.raises(Malformed):
        parse_canonical(data)


def test_a_salt_has_32_bytes():
    assert salted_digest(bytes(32), {}) != salted_digest(bytes([1]) * 32, {})
    with pytest.raises(Malformed):
        salted_digest(b"short", {})
