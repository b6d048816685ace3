"""`copyhold verify`: check a certificate or an exhibit on any machine, offline, without an office."""

import json
import os
import sys
from pathlib import Path

import click

from copyhold.errors import BadInput
from copyhold.proofs.errors import NotABundle
from copyhold.proofs.keys import Verifier
from copyhold.proofs.report import Report
from copyhold.proofs.verification import verify_bundle, verify_pdf

TRUSTED_KEY = "COPYHOLD_TRUSTED_KEY"
PDF_MAGIC = b"%PDF"
EXIT_REFUSED = 1
EXIT_UNUSABLE = 2
WORDS = {
    "en": {
        "valid": "VALID",
        "invalid": "NOT VALID. Do not rely on this file.",
        "certificate": "certificate",
        "exhibit": "exhibit",
        "unreadable": "unreadable file",
        "key": "key",
    },
    "zh": {
        "valid": "验证通过",
        "invalid": "验证未通过，请勿采信此文件。",
        "certificate": "作品登记证书",
        "exhibit": "证据",
        "unreadable": "无法读取的文件",
        "key": "密钥",
    },
}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", help="The office's verification key (vkey), or a file that holds it.")
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the verdict.")
def verify(files: tuple[Path, ...], key: str | None, *, as_json: bool, lang: str) -> None:
    """Check certificates and exhibits offline.

    FILES are bundles (.zip), or certificates (.pdf) with NAME.proof.json beside them. Without --key, the environment
    variable COPYHOLD_TRUSTED_KEY is taken; without either, the key in the file, compared with nothing.
    Exit status: 0 all valid, 1 one refused, 2 one is not such a file.
    """
    trusted = read_key(key or os.environ.get(TRUSTED_KEY, ""))
    status, results = 0, []
    for path in files:
        try:
            report = verify_file(path, trusted)
        except BadInput as error:
            status = EXIT_UNUSABLE
            results.append({"file": str(path), "ok": False, "error": {"code": error.code, "message": str(error)}})
            if not as_json:
                click.echo(f"{path}: {error}", err=True)
            continue
        status = status or (0 if report.ok else EXIT_REFUSED)
        results.append({"file": str(path), **report.as_json()})
        if not as_json:
            click.echo("\n".join(lines_of(path.name, report, lang)))
    if as_json:
        click.echo(json.dumps(results, ensure_ascii=False, indent=2))
    sys.exit(status)


def read_key(key: str) -> Verifier | None:
    """A vkey, or the path of a file with one; None for an empty text. Raises `KeyUnusable`."""
    if not key:
        return None
    path = Path(key)
    if "+" not in key or path.is_file():
        key = path.read_text(encoding="utf-8").strip() if path.is_file() else key
    return Verifier.from_vkey(key)


def verify_file(path: Path, trusted: Verifier | None) -> Report:
    """The report on one file. Raises `NotABundle` when it is none, or a PDF has no proof beside it."""
    data = path.read_bytes()
    if not data.startswith(PDF_MAGIC):
        return verify_bundle(data, trusted=trusted)
    sidecar = path.with_suffix(".proof.json")
    if not sidecar.is_file():
        raise NotABundle(why=f"a PDF needs its proof file {sidecar.name} beside it")
    return verify_pdf(data, sidecar.read_bytes(), trusted=trusted)


def lines_of(name: str, report: Report, lang: str) -> list[str]:
    """The verdict and the numbered checks, for a person."""
    words = WORDS[lang]
    lines = [f"{name} ({words[report.kind]}): {words['valid' if report.ok else 'invalid']}"]
    for check in report.checks:
        mark = "!" if check.is_warning else "✓" if check.ok else "✗"
        lines.append(f"  {check.number} {mark} {check.name(lang)}: {check.reason(lang)}")
    if report.key:
        lines.append(f"  {words['key']} {report.key}")
    return lines
