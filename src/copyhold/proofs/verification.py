"""The verification of a bundle, or of a PDF with its proof file: numbered steps, one verdict.

Bad evidence never raises: the step that fails says why, and the verdict is no. `NotABundle` is raised only for a file
that is no bundle at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from copyhold.errors import BadInput
from copyhold.proofs import checkpoint, container, credential, manifest, merkle, note, tlog_proof
from copyhold.proofs.canonical import canonical, digest, parse_canonical, salted_digest
from copyhold.proofs.errors import Malformed, NotABundle, Refused
from copyhold.proofs.keys import Verifier
from copyhold.proofs.report import Check, Kind, Report

CERTIFICATE_FILES = ("certificate.pdf", "certificate.json", "proof.txt", "entry.json")
EXHIBIT_FILES = ("manifest.json", "signature", "proof.txt", "entry.json")
SIDECAR_KEYS = {"credential", "entry", "proof"}
UNTRUSTED_WARNING = (
    "the key in the file was used; it was not compared with a trusted one",
    "使用文件内的密钥，未与可信密钥比对",
)

WHOLE = (
    ("The file is whole and unchanged", "文件完整且未被改动"),
    ("its bytes are exactly those the office writes", "字节与登记机构写出的完全一致"),
    "文件不完整或者已被改动",
)

Words = tuple[str, str]


@dataclass
class _Steps:
    """Runs the numbered steps; a step that raises has failed."""

    kind: Kind
    trusted: Verifier | None
    checks: list[Check] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    verifier: Verifier | None = None

    def step(self, name: Words, passed: Words, failed_zh: str, action: Callable[[], object]) -> None:
        number = len(self.checks) + 1
        try:
            action()
        except BadInput as error:
            self.checks.append(Check(number, *name, ok=False, why=_why(error), why_zh=failed_zh))
        else:
            self.checks.append(Check(number, *name, ok=True, why=passed[0], why_zh=passed[1]))

    def key(self, untrusted_key: Callable[[], Verifier]) -> None:
        """Which key: the trusted one if given, and then the file must be by it; else the file's own, with a warning."""
        own: list[Verifier] = []

        def choose() -> None:
            own.append(untrusted_key())
            if self.trusted is not None and own[0] != self.trusted:
                raise Refused(why=f"it was signed by {own[0].vkey}, not by the trusted key {self.trusted.vkey}")

        is_compared = self.trusted is not None
        passed = ("it is the trusted key", "与可信密钥一致") if is_compared else UNTRUSTED_WARNING
        self.step(("The key is the office's", "密钥属于登记机构"), passed, "密钥无法读取，或者不是可信密钥", choose)
        if self.checks[-1].ok and not is_compared:
            last = self.checks.pop()
            self.checks.append(
                Check(
                    last.number, last.name_en, last.name_zh, ok=True, why=last.why, why_zh=last.why_zh, is_warning=True
                )
            )
        self.verifier = self.trusted or (own[0] if own else None)

    def known_key(self) -> Verifier:
        if self.verifier is None:
            raise Refused(why="there is no key to check it with")
        return self.verifier

    def report(self) -> Report:
        vkey = self.verifier.vkey if self.verifier else ""
        return Report(self.kind, tuple(self.checks), vkey, self.trusted is not None, self.facts)


def verify_bundle(data: bytes, *, trusted: Verifier | None = None) -> Report:
    """Check a certificate or exhibit bundle. Raises `NotABundle` when the bytes are neither."""
    if not data.startswith(container.MAGIC):
        raise NotABundle(why="it does not start like one")
    try:
        files = container.split(data)
    except Malformed as error:
        return _unreadable(_why(error))
    names = tuple(files)
    steps: _Steps | None = None
    if names == CERTIFICATE_FILES:
        steps = _Steps("certificate", trusted)
    elif names[:4] == EXHIBIT_FILES:
        steps = _Steps("exhibit", trusted)
    if steps is None:
        return _of_another_kind(files, data)
    # 1. The container is spelled as the office spells it.
    steps.step(*WHOLE, lambda: container.need_exact(files, data))
    if steps.kind == "exhibit":
        return _exhibit(steps, files)
    return _certificate(steps, *(files[name] for name in CERTIFICATE_FILES))


def verify_pdf(pdf: bytes, sidecar: bytes, *, trusted: Verifier | None = None) -> Report:
    """Check a certificate PDF with its `NAME.proof.json`. Raises `NotABundle` when that is no proof file at all."""
    try:
        parts = parse_canonical(sidecar, "proof file")
    except Malformed as error:
        if not sidecar.startswith(b"{"):
            raise NotABundle(why="the file beside the PDF is no proof file") from error
        return _unreadable(_why(error))
    if not isinstance(parts, dict) or set(parts) != SIDECAR_KEYS or not isinstance(parts["proof"], str):
        raise NotABundle(why="the file beside the PDF is no proof file")
    steps = _Steps("certificate", trusted)
    # 1. The proof file is canonical: parse_canonical would have refused it.
    steps.step(*WHOLE, lambda: None)
    proof = parts["proof"].encode()
    return _certificate(steps, pdf, canonical(parts["credential"]), proof, canonical(parts["entry"]))


def _why(error: BadInput) -> str:
    """The bare reason, without the sentence that stands around it in an error page."""
    return str(error.params.get("why", error))


def _unreadable(why: str) -> Report:
    name, _, failed_zh = WHOLE
    return Report("unreadable", (Check(1, *name, ok=False, why=why, why_zh=failed_zh),))


def _of_another_kind(files: Mapping[str, bytes], data: bytes) -> Report:
    """Either a bundle that was spoiled beyond recognition, or a ZIP file of something else."""
    try:
        container.need_exact(files, data)
    except Malformed as error:
        return _unreadable(_why(error))
    raise NotABundle(why="it is a ZIP file with other contents")


def _certificate(steps: _Steps, pdf: bytes, credential_bytes: bytes, proof_bytes: bytes, entry_bytes: bytes) -> Report:
    # 2. Whose key. The log's origin is the key's name; the credential carries the key itself.
    def own_key() -> Verifier:
        origin = checkpoint.parse_body(note.parse(_proof(proof_bytes).checkpoint).untrusted_text).origin
        return credential.untrusted_key(parse_canonical(credential_bytes, "credential"), origin)

    steps.key(own_key)

    # 3. That key issued and signed the credential.
    def signed() -> None:
        secured = parse_canonical(credential_bytes, "credential")
        steps.facts.update(credential.verify(secured, steps.known_key()))

    name = ("The credential is signed by that key", "凭证由该密钥签名")
    steps.step(name, ("the signature covers every fact in it", "签名覆盖凭证的全部事实"), "凭证签名无效", signed)

    # 4. The credential names this PDF.
    def same_pdf() -> None:
        if steps.facts.get("pdf_sha256") != digest(pdf):
            raise Refused(why="the PDF is not the one that the credential names")

    name = ("The PDF is the one that was issued", "PDF 与签发的一致")
    steps.step(
        name,
        ("its SHA-256 is the one in the credential", "SHA-256 与凭证所载一致"),
        "PDF 已被改动或者不是所签发的文件",
        same_pdf,
    )
    # 5–7. The log.
    return _in_the_log(steps, digest(pdf), proof_bytes, entry_bytes)


def _exhibit(steps: _Steps, files: Mapping[str, bytes]) -> Report:
    sealed = files["manifest.json"]
    listed: dict[str, Any] = {}

    # 2. Whose key: the manifest carries it.
    def own_key() -> Verifier:
        return Verifier.from_vkey(manifest.parse(sealed)["sealed_by"])

    steps.key(own_key)

    # 3. That key, and nobody else, signed this manifest.
    def signed() -> None:
        text = note.verify(_one_signature(_text(files["signature"])), [steps.known_key()])
        if text != manifest.note_text(sealed):
            raise Refused(why="the signature is over another manifest")
        listed.update(manifest.parse(sealed))
        steps.facts.update(listed)

    name = ("The manifest is signed by that key", "清单由该密钥签名")
    steps.step(name, ("the signature covers the whole manifest", "签名覆盖整个清单"), "清单签名无效", signed)

    # 4. The files are those of the manifest: all of them, in order, and no other.
    def same_files() -> None:
        wanted = manifest.items_of(listed)
        if [f"items/{item.name}" for item in wanted] != list(files)[len(EXHIBIT_FILES) :]:
            raise Refused(why="a file is missing, was added, or stands in another order")
        for item in wanted:
            data = files[f"items/{item.name}"]
            if item.size != len(data) or item.sha256 != digest(data):
                raise Refused(why=f"the file “{item.name}” is not the one that was sealed")

    name = ("Every file is the one that was sealed", "每个文件与封存时一致")
    steps.step(
        name, ("all sizes and SHA-256 agree", "大小与 SHA-256 全部一致"), "文件缺失、多出或者已被改动", same_files
    )
    # 5–7. The log.
    return _in_the_log(steps, digest(sealed), files["proof.txt"], files["entry.json"])


def _in_the_log(steps: _Steps, subject_digest: str, proof_bytes: bytes, entry_bytes: bytes) -> Report:
    leaf: list[bytes] = []

    # 5. The ledger entry is about this very thing.
    def about_it() -> None:
        document = parse_canonical(entry_bytes, "ledger entry")
        if not isinstance(document, dict) or set(document) != {"entry", "salt"}:
            raise Malformed(what="ledger entry", why="it is not an entry with its salt")
        leaf.append(merkle.leaf_hash(salted_digest(_salt(document["salt"]), document["entry"])))
        if subject_digest not in _strings(document["entry"]):
            raise Refused(why="the ledger entry does not name its digest")
        steps.facts["entry"] = document["entry"]

    name = ("The ledger entry names it", "台账记录载明其摘要")
    steps.step(name, ("its digest stands in the entry", "摘要载于台账记录"), "台账记录与文件不符", about_it)

    # 6. That key signed the head of the log.
    def head_signed() -> None:
        verifier = steps.known_key()
        signed = _one_signature(_proof(proof_bytes).checkpoint)
        steps.facts["log_size"] = checkpoint.verify(signed, [verifier], verifier.name).size

    name = ("The head of the log is signed by that key", "台账根由该密钥签名")
    steps.step(name, ("the checkpoint is the office's", "检查点由登记机构签署"), "台账检查点签名无效", head_signed)

    # 7. The entry is in the log under that head.
    def included() -> None:
        if not leaf:
            raise Refused(why="there is no entry to look for")
        verifier = steps.known_key()
        tlog_proof.verify(_proof(proof_bytes), leaf[0], [verifier], verifier.name)

    name = ("The entry is in the log", "记录已载入台账")
    steps.step(
        name, ("the inclusion proof leads to the signed root", "包含证明通向已签署的根"), "包含证明不成立", included
    )
    return steps.report()


def _proof(data: bytes) -> tlog_proof.LogProof:
    """A log proof in its only allowed spelling, without unauthenticated extra data."""
    text = _text(data)
    parsed = tlog_proof.parse(text)
    if parsed.extra or str(parsed) != text:
        raise Refused(why="the log proof holds something that nobody vouches for")
    return parsed


def _one_signature(signed: str) -> str:
    """Signatures of strangers would be bytes that nobody checks here."""
    parsed = note.parse(signed)
    if len(parsed.signatures) != 1 or str(parsed) != signed:
        raise Refused(why="it does not have exactly one signature")
    return signed


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Malformed(what="text", why="it is not UTF-8") from error


def _salt(value: object) -> bytes:
    try:
        salt = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError as error:
        raise Malformed(what="salt", why="it is not hex") from error
    if salt.hex() != value:
        raise Malformed(what="salt", why="it is not plain lower-case hex")
    return salt


def _strings(value: Any) -> set[str]:
    """All string values of an entry, at any depth."""
    found: set[str] = set()
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, str):
            found.add(current)
        elif isinstance(current, dict):
            pending += current.values()
        elif isinstance(current, list):
            pending += current
    return found
