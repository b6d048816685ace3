"""Certificate and exhibit bundles: good ones pass, and a drawer of broken ones, one per way to be wrong, is refused.

The drawer is built by functions, deterministically: each takes the good parts and spoils one thing.
"""

import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from copyhold.errors import BadInput
from copyhold.proofs import bundle, checkpoint, cli, container, credential, merkle, note, tlog_proof
from copyhold.proofs.canonical import canonical, digest, salted_digest
from copyhold.proofs.errors import Malformed, NotABundle, Refused
from copyhold.proofs.keys import Signer

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OFFICE = Signer("copyright.example/office", bytes(range(32)))
STRANGER = Signer("copyright.example/office", bytes(32))
PDF = b"%PDF-1.7\n" + bytes(range(256)) + b"\n%%EOF\n"
FACTS = {"number": "粤作登字-2026-F-00000012", "title": "海上生明月", "deposits": [digest(b"deposit")]}
ITEMS = {"capture.warc.gz": b"\x1f\x8b WARC", "截图.png": b"\x89PNG", "empty.txt": b""}


def in_log(after, *, signer=OFFICE, entry=None, index=5, origin=OFFICE.name):
    """A ledger entry that names `after`, among others, with its log proof."""
    body = {"number": index, "action": "certificate.issue", "after": after, **(entry or {})}
    salt = bytes([7]) * 32
    leaves = [merkle.leaf_hash(bytes([n])) for n in range(11)]
    leaves[index] = merkle.leaf_hash(salted_digest(salt, body))
    head = checkpoint.sign(origin, len(leaves), merkle.root(leaves), signer)
    proof = tlog_proof.format_proof(index, merkle.inclusion_proof(index, leaves), head)
    return {"entry": body, "salt": salt.hex()}, proof


def certificate_parts(pdf=PDF, signer=OFFICE, **log):
    entry, proof = in_log(digest(pdf), signer=signer, **log)
    signed = credential.certificate(subject=FACTS, pdf_sha256=digest(pdf), issued_at=NOW, signer=signer)
    return {"pdf": pdf, "credential": signed, "proof": proof, "entry": entry}


def exhibit_parts(signer=OFFICE, items=None):
    items = ITEMS if items is None else items
    listed = [
        bundle.ManifestItem(name, digest(data), len(data), "application/octet-stream", "copy")
        for name, data in items.items()
    ]
    sealed = bundle.exhibit_manifest(
        number="E-2026-000001",
        sealed_at=NOW,
        source="https://shop.example/item/1",
        items=listed,
        sealed_by=signer.verifier,
        facts={"title": "Page of a shop"},
    )
    entry, proof = in_log(digest(sealed), signer=signer)
    signature = bundle.sign_manifest(sealed, signer)
    return {"manifest": sealed, "signature": signature, "proof": proof, "entry": entry, "files": items}


CERTIFICATE = bundle.write_certificate_bundle(**certificate_parts())
EXHIBIT = bundle.write_exhibit_bundle(**exhibit_parts())
SIDECAR = bundle.write_pdf_proof(**certificate_parts())


def refused_at(data, trusted=OFFICE.verifier):
    """The first step that said no."""
    report = bundle.verify_bundle(data, trusted=trusted)
    assert not report.ok
    assert report.reasons()
    assert report.reasons("zh")
    return report.failed[0].number


def respelled(data, **changes):
    """The same container with some files replaced; `_` stands for the dot in a name."""
    files = container.unpack(data)
    for name, change in changes.items():
        key = name.replace("_", ".")
        files[key] = change(files[key]) if callable(change) else change
    return container.pack(files)


def edited(data, change):
    value = json.loads(data)
    change(value)
    return canonical(value)


@pytest.mark.parametrize("data", [CERTIFICATE, EXHIBIT], ids=["certificate", "exhibit"])
def test_a_good_bundle_passes_every_numbered_check(data):
    report = bundle.verify_bundle(data, trusted=OFFICE.verifier)
    assert report.ok
    assert [check.number for check in report.checks] == [1, 2, 3, 4, 5, 6, 7]
    assert not any(check.is_warning for check in report.checks)
    assert report.key == OFFICE.verifier.vkey
    assert report.is_key_trusted
    assert report.reasons() == []


def test_without_a_trusted_key_it_passes_with_a_warning():
    report = bundle.verify_bundle(CERTIFICATE)
    assert report.ok
    assert [check.number for check in report.checks if check.is_warning] == [2]
    assert not report.is_key_trusted


def test_a_bundle_says_its_facts():
    assert bundle.verify_bundle(CERTIFICATE).facts["number"] == FACTS["number"]
    facts = bundle.verify_bundle(EXHIBIT).facts
    assert (facts["exhibit"], facts["title"]) == ("E-2026-000001", "Page of a shop")


def test_any_zip_program_opens_it():
    with zipfile.ZipFile(io.BytesIO(EXHIBIT)) as opened:
        assert opened.testzip() is None
        assert opened.namelist()[4:] == ["items/capture.warc.gz", "items/截图.png", "items/empty.txt"]
        assert opened.read("items/capture.warc.gz") == ITEMS["capture.warc.gz"]


def test_the_same_parts_give_the_same_bytes():
    assert bundle.write_exhibit_bundle(**exhibit_parts()) == EXHIBIT


@given(at=st.integers(0, len(CERTIFICATE) - 1), bit=st.integers(0, 7))
def test_no_byte_of_a_certificate_bundle_can_change(at, bit):
    assert_refused(CERTIFICATE, at, bit)


@given(at=st.integers(0, len(EXHIBIT) - 1), bit=st.integers(0, 7))
def test_no_byte_of_an_exhibit_bundle_can_change(at, bit):
    assert_refused(EXHIBIT, at, bit)


@pytest.mark.deep
@pytest.mark.parametrize("data", [CERTIFICATE, EXHIBIT], ids=["certificate", "exhibit"])
def test_truly_no_byte_can_change(data):
    for at in range(len(data)):
        for bit in (0, 5, 7):
            assert_refused(data, at, bit)


@given(at=st.integers(0, len(PDF) + len(SIDECAR) - 1), bit=st.integers(0, 7))
def test_no_byte_of_a_pdf_or_its_proof_can_change(at, bit):
    both = bytearray(PDF + SIDECAR)
    both[at] ^= 1 << bit
    assert is_refused(bundle.verify_pdf, bytes(both[: len(PDF)]), bytes(both[len(PDF) :]))


def assert_refused(data, at, bit):
    """Without a trusted key, too: nobody can re-spell what the office wrote."""
    changed = bytearray(data)
    changed[at] ^= 1 << bit
    assert is_refused(bundle.verify_bundle, bytes(changed))


def is_refused(check, *files):
    """By a report that says no, or as no such file at all; any other exception is a fault."""
    try:
        return not check(*files).ok
    except NotABundle:
        return True


@given(at=st.integers(0, len(EXHIBIT)), more=st.binary(min_size=1, max_size=20))
def test_nothing_can_be_added_or_cut_off(at, more):
    for changed in (EXHIBIT[:at] + more + EXHIBIT[at:], EXHIBIT[:at]):
        assert changed == EXHIBIT or is_refused(bundle.verify_bundle, changed)


def zipped_by_another_program(data):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in container.unpack(data).items():
            target.writestr(name, content)
    return written.getvalue()


def with_proof(change):
    return lambda data: str(tlog_proof.LogProof(**{**_proof_facts(data), **change(_proof_facts(data))})).encode()


def _proof_facts(data):
    parsed = tlog_proof.parse(data.decode())
    return {name: getattr(parsed, name) for name in ("index", "hashes", "checkpoint", "extra")}


def cosigned(facts):
    parsed = note.parse(facts["checkpoint"])
    other = note.parse(note.sign(parsed.untrusted_text, Signer("witness.example", bytes(32))))
    return {"checkpoint": str(note.Note(parsed.untrusted_text, parsed.signatures + other.signatures))}


def of_another_log():
    parts = certificate_parts()
    entry, proof = in_log(digest(PDF), origin="other.example/log")
    return container.pack(_files(parts) | {"proof.txt": proof.encode(), "entry.json": canonical(entry)})


def _files(parts):
    return {
        "certificate.pdf": parts["pdf"],
        "certificate.json": canonical(parts["credential"]),
        "proof.txt": parts["proof"].encode(),
        "entry.json": canonical(parts["entry"]),
    }


BROKEN_CERTIFICATES = {
    "rezipped": (1, lambda: zipped_by_another_program(CERTIFICATE)),
    "cut_off": (1, lambda: CERTIFICATE[:-30]),
    "comment_added": (1, lambda: CERTIFICATE[:-2] + b"\x02\x00hi"),
    "signed_by_a_stranger": (2, lambda: container.pack(_files(certificate_parts(signer=STRANGER)))),
    "credential_not_canonical": (2, lambda: respelled(CERTIFICATE, certificate_json=lambda data: data + b"\n")),
    "title_changed": (3, lambda: respelled(CERTIFICATE, certificate_json=lambda data: edited(
        data, lambda vc: vc["credentialSubject"].update(title="海上生朝日")))),
    "fact_added": (3, lambda: respelled(CERTIFICATE, certificate_json=lambda data: edited(
        data, lambda vc: vc.update(name="more")))),
    "issuer_changed": (3, lambda: respelled(CERTIFICATE, certificate_json=lambda data: edited(
        data, lambda vc: vc.update(issuer="did:web:other.example")))),
    "context_added": (3, lambda: respelled(CERTIFICATE, certificate_json=lambda data: edited(
        data, lambda vc: vc["@context"].append("https://other.example")))),
    "other_suite": (3, lambda: respelled(CERTIFICATE, certificate_json=lambda data: edited(
        data, lambda vc: vc["proof"].update(cryptosuite="eddsa-rdfc-2022")))),
    "proof_removed": (2, lambda: respelled(CERTIFICATE, certificate_json=lambda data: edited(
        data, lambda vc: vc.pop("proof")))),
    "other_pdf": (4, lambda: respelled(CERTIFICATE, certificate_pdf=b"%PDF-1.7 another")),
    "entry_of_another_act": (5, lambda: container.pack(_files(certificate_parts() | dict(
        zip(("entry", "proof"), in_log("0" * 64), strict=True))))),
    "salt_changed": (7, lambda: respelled(CERTIFICATE, entry_json=lambda data: edited(
        data, lambda document: document.update(salt="00" * 32)))),
    "salt_upper_case": (5, lambda: respelled(CERTIFICATE, entry_json=lambda data: edited(
        data, lambda document: document.update(salt="AB" * 32)))),
    "salt_short": (5, lambda: respelled(CERTIFICATE, entry_json=lambda data: edited(
        data, lambda document: document.update(salt="00")))),
    "entry_without_salt": (5, lambda: respelled(CERTIFICATE, entry_json=lambda data: edited(
        data, lambda document: document.pop("salt")))),
    "entry_nested_without_end": (5, lambda: respelled(CERTIFICATE, entry_json=b"[" * 100_000)),
    "actor_changed": (7, lambda: respelled(CERTIFICATE, entry_json=lambda data: edited(
        data, lambda document: document["entry"].update(actor="nobody")))),
    "checkpoint_of_another_log": (2, of_another_log),
    "checkpoint_by_a_stranger": (6, lambda: container.pack(_files(certificate_parts() | {
        "proof": in_log(digest(PDF), signer=STRANGER)[1]}))),
    "checkpoint_cosigned": (6, lambda: respelled(CERTIFICATE, proof_txt=with_proof(cosigned))),
    "extra_data": (2, lambda: respelled(CERTIFICATE, proof_txt=with_proof(lambda _: {"extra": b"unproved"}))),
    "other_index": (7, lambda: respelled(CERTIFICATE, proof_txt=with_proof(lambda _: {"index": 4}))),
    "hash_missing": (7, lambda: respelled(CERTIFICATE, proof_txt=with_proof(
        lambda facts: {"hashes": facts["hashes"][:-1]}))),
    "proof_not_text": (2, lambda: respelled(CERTIFICATE, proof_txt=b"\xff\xfe")),
}  # fmt: skip


def with_manifest(change):
    """A stranger's edit of the manifest: still canonical, no longer signed."""
    return lambda: respelled(EXHIBIT, manifest_json=lambda data: edited(data, change))


def resealed(change):
    """An edit that the office itself signs and logs: only the rules of the manifest can refuse it."""
    parts = exhibit_parts()
    sealed = edited(parts["manifest"], change)
    entry, proof = in_log(digest(sealed))
    fixed = {
        "manifest.json": sealed,
        "signature": bundle.sign_manifest(sealed, OFFICE).encode(),
        "proof.txt": proof.encode(),
        "entry.json": canonical(entry),
    }
    return container.pack(fixed | {f"items/{name}": data for name, data in ITEMS.items()})


def with_files(change):
    files = container.unpack(EXHIBIT)
    return container.pack(change(files))


BROKEN_EXHIBITS = {
    "signed_by_a_stranger": (2, lambda: bundle.write_exhibit_bundle(**exhibit_parts(signer=STRANGER))),
    "sealer_unknown": (2, with_manifest(lambda facts: facts.pop("sealed_by"))),
    "manifest_is_a_list": (2, lambda: respelled(EXHIBIT, manifest_json=b"[]")),
    "date_changed": (3, with_manifest(lambda facts: facts.update(sealed_at="2026-11-21T03:00:00+00:00"))),
    "signature_of_another_exhibit": (3, lambda: respelled(
        EXHIBIT, signature=bundle.sign_manifest(b"{}", OFFICE).encode())),
    "signature_is_a_checkpoint": (3, lambda: respelled(
        EXHIBIT, signature=checkpoint.sign(OFFICE.name, 0, merkle.EMPTY_ROOT, OFFICE).encode())),
    "item_changed": (4, lambda: with_files(lambda files: files | {"items/capture.warc.gz": b"\x1f\x8b WARF"})),
    "item_missing": (4, lambda: with_files(
        lambda files: {name: data for name, data in files.items() if name != "items/empty.txt"})),
    "item_added": (4, lambda: with_files(lambda files: files | {"items/more.txt": b""})),
    "items_in_another_order": (4, lambda: with_files(
        lambda files: {name: files[name] for name in [*list(files)[:4], *list(files)[:3:-1]]})),
    "wrong_size_sealed": (4, lambda: resealed(lambda facts: facts["items"][0].update(size=1))),
    "folder_in_a_name": (4, lambda: resealed(lambda facts: facts["items"][0].update(name="../capture"))),
    "items_not_a_list": (4, lambda: resealed(lambda facts: facts.update(items=7))),
    "item_with_unknown_key": (4, lambda: resealed(lambda facts: facts["items"][0].update(more=1))),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN_CERTIFICATES)
def test_the_drawer_of_broken_certificates(name):
    step, build = BROKEN_CERTIFICATES[name]
    assert refused_at(build()) == step


@pytest.mark.parametrize("name", BROKEN_EXHIBITS)
def test_the_drawer_of_broken_exhibits(name):
    step, build = BROKEN_EXHIBITS[name]
    assert refused_at(build()) == step


@pytest.mark.parametrize(
    "data",
    [b"", b"text", PDF, container.pack({}), container.pack({"other.txt": b""}), container.pack(
        container.unpack(CERTIFICATE) | {"more.txt": b""})],
    ids=["empty", "text", "pdf", "empty_zip", "other_zip", "certificate_and_more"],
)  # fmt: skip
def test_what_is_no_bundle_is_said_to_be_none(data):
    with pytest.raises(NotABundle):
        bundle.verify_bundle(data)


@pytest.mark.parametrize("sidecar", [b"", b"text", b"[]", b"{}", b'{"credential":{},"entry":{},"proof":1}'])
def test_what_is_no_proof_file_is_said_to_be_none(sidecar):
    with pytest.raises(NotABundle):
        bundle.verify_pdf(PDF, sidecar)


def test_what_would_not_verify_is_never_written():
    with pytest.raises(Refused, match="PDF"):
        bundle.write_certificate_bundle(**(certificate_parts() | {"pdf": b"%PDF other"}))
    with pytest.raises(Refused, match="PDF"):
        bundle.write_pdf_proof(**(certificate_parts() | {"pdf": b"%PDF other"}))
    with pytest.raises(Refused, match="missing"):
        bundle.write_exhibit_bundle(**(exhibit_parts() | {"files": {}}))


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a\x00", "x" * 121])
def test_an_item_has_a_plain_name(name):
    with pytest.raises(Malformed, match="plain file name"):
        exhibit_parts(items={name: b""})


def test_a_time_of_sealing_has_a_zone():
    with pytest.raises(Malformed, match="time zone"):
        bundle.exhibit_manifest(
            number="E", sealed_at=NOW.replace(tzinfo=None), source="", items=[], sealed_by=OFFICE.verifier
        )


@pytest.fixture
def place(tmp_path):
    (tmp_path / "certificate.zip").write_bytes(CERTIFICATE)
    (tmp_path / "exhibit.zip").write_bytes(EXHIBIT)
    (tmp_path / "certificate.pdf").write_bytes(PDF)
    (tmp_path / "certificate.proof.json").write_bytes(SIDECAR)
    (tmp_path / "alone.pdf").write_bytes(PDF)
    (tmp_path / "office.vkey").write_text(OFFICE.verifier.vkey + "\n")
    (tmp_path / "changed.zip").write_bytes(CERTIFICATE.replace(b"%%EOF", b"%%EOG"))
    return tmp_path


def run(place, *arguments, env=None):
    names = [str(place / word) if (place / word).exists() else word for word in arguments]
    return CliRunner().invoke(cli.verify, names, env={"COPYHOLD_TRUSTED_KEY": "", **(env or {})})


def test_the_command_says_yes(place):
    result = run(place, "certificate.zip", "exhibit.zip", "certificate.pdf", "--key", "office.vkey")
    assert result.exit_code == 0, result.output
    assert result.output.count(": VALID") == 3


def test_the_command_says_no(place):
    result = run(place, "certificate.zip", "changed.zip")
    assert result.exit_code == 1
    assert "NOT VALID" in result.output


def test_the_command_warns_when_the_key_is_not_compared(place):
    result = run(place, "certificate.zip", "--lang", "zh")
    assert result.exit_code == 0
    assert "验证通过" in result.output
    assert "未与可信密钥比对" in result.output


def test_the_command_takes_the_trusted_key_from_the_environment(place):
    for key, status in ((OFFICE.verifier.vkey, 0), (STRANGER.verifier.vkey, 1)):
        assert run(place, "certificate.zip", env={"COPYHOLD_TRUSTED_KEY": key}).exit_code == status


def test_the_command_speaks_json(place):
    result = run(place, "certificate.zip", "changed.zip", "--json")
    reports = json.loads(result.output)
    assert [report["ok"] for report in reports] == [True, False]
    assert reports[0]["facts"]["title"] == FACTS["title"]


def test_the_command_says_what_is_no_evidence_at_all(place):
    result = run(place, "alone.pdf", "office.vkey", "certificate.zip")
    assert result.exit_code == 2
    assert "alone.proof.json" in result.output
    assert "VALID" in result.output


def test_a_wrong_key_is_said_to_be_wrong(place):
    result = run(place, "certificate.zip", "--key", "no key")
    assert result.exit_code != 0
    assert isinstance(result.exception, BadInput)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["entry", "salt", "proof", "items", "sealed_by", "@context", "proofValue", "name"]), inner,
        max_size=4),
    max_leaves=8,
)  # fmt: skip


@given(
    data=st.sampled_from([CERTIFICATE, EXHIBIT]),
    place=st.integers(0, 3),
    content=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()) | st.text().map(str.encode),
)
def test_whatever_a_forger_packs_gets_a_verdict_not_a_crash(data, place, content):
    files = container.unpack(data)
    name = list(files)[place]
    if files[name] != content:
        assert is_refused(bundle.verify_bundle, container.pack(files | {name: content}))


@given(at=st.integers(0, 5000), content=JSON)
def test_whatever_lies_beside_a_pdf_gets_a_verdict_not_a_crash(at, content):
    parts = json.loads(SIDECAR)
    key = ["credential", "entry", "proof"][at % 3]
    assert is_refused(bundle.verify_pdf, PDF, canonical(parts | {key: content}))
