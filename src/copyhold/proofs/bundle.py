"""Two self-contained files that a stranger can verify offline, with the office's public key and nothing else.

**Certificate bundle** (`NUMBER.zip`)          **Exhibit bundle** (`NUMBER.zip`)
`certificate.pdf`  the certificate             `manifest.json`  what was sealed, when, from where
`certificate.json` its credential (W3C VC)     `signature`      signed note over the manifest's digest
`proof.txt`        log proof (C2SP)            `proof.txt`      log proof (C2SP)
`entry.json`       ledger entry and its salt   `entry.json`     ledger entry and its salt
                                               `items/…`        the files, the WARC among them

The rule: **any one byte changed, anywhere in the file, is refused.** It holds because every byte is either signed,
hashed into something signed, or has only one allowed spelling:

- the container's own bytes have one spelling (container.py);
- `certificate.json`, `manifest.json` and `entry.json` are canonical JSON (RFC 8785);
- the credential's signature covers its subject, and `pdf_sha256` in the subject covers the PDF;
- the note covers the manifest, whose digests and sizes cover the items;
- the entry, salted, is the leaf that `proof.txt` proves, and names the digest of the PDF or of the manifest;
- the checkpoint in `proof.txt` has exactly one signature, and the proof no unauthenticated extra data.

A PDF cannot hold its own digest. So the credential inside the PDF (attachment `certificate.json`) states the record
without it, and a PDF alone is verified with the file beside it: `NAME.pdf` with `NAME.proof.json`, canonical JSON
`{"credential", "entry", "proof"}`, under the same rule.
"""

from collections.abc import Mapping
from typing import Any

from copyhold.proofs.canonical import canonical
from copyhold.proofs.container import pack
from copyhold.proofs.errors import Refused
from copyhold.proofs.manifest import ManifestItem, exhibit_manifest, sign_manifest
from copyhold.proofs.report import Report
from copyhold.proofs.verification import verify_bundle, verify_pdf

__all__ = [
    "ManifestItem",
    "exhibit_manifest",
    "sign_manifest",
    "verify_bundle",
    "verify_pdf",
    "write_certificate_bundle",
    "write_exhibit_bundle",
    "write_pdf_proof",
]


def write_certificate_bundle(
    *, pdf: bytes, credential: Mapping[str, Any], proof: str, entry: Mapping[str, Any]
) -> bytes:
    """One certificate's bundle; `entry` is `{"entry": …, "salt": hex}`. Raises `Refused` if it would not verify."""
    files = {
        "certificate.pdf": pdf,
        "certificate.json": canonical(credential),
        "proof.txt": proof.encode(),
        "entry.json": canonical(entry),
    }
    return _checked(pack(files))


def write_pdf_proof(*, pdf: bytes, credential: Mapping[str, Any], proof: str, entry: Mapping[str, Any]) -> bytes:
    """`NAME.proof.json`, to lie beside `NAME.pdf`. Raises `Refused` if they would not verify together."""
    sidecar = canonical({"credential": credential, "entry": entry, "proof": proof})
    _need_ok(verify_pdf(pdf, sidecar))
    return sidecar


def write_exhibit_bundle(
    *, manifest: bytes, signature: str, proof: str, entry: Mapping[str, Any], files: Mapping[str, bytes]
) -> bytes:
    """The bundle of one exhibit. `files` by item name. Raises `Refused` if it would not verify."""
    fixed = {
        "manifest.json": manifest,
        "signature": signature.encode(),
        "proof.txt": proof.encode(),
        "entry.json": canonical(entry),
    }
    return _checked(pack(fixed | {f"items/{name}": data for name, data in files.items()}))


def _checked(data: bytes) -> bytes:
    _need_ok(verify_bundle(data))
    return data


def _need_ok(report: Report) -> None:
    """Never hand out what a stranger would have to refuse."""
    if not report.ok:
        raise Refused(why="; ".join(report.reasons()))
