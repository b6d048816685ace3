"""Offline verification by the command that anyone has: both bundles pass, and with one byte changed they do not."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from copyhold.core import ledger
from copyhold.evidence.models import Exhibit
from copyhold.evidence.services import export_exhibit
from copyhold.people.actors import system
from copyhold.registry import services as registry
from copyhold.registry.models import Certificate

if TYPE_CHECKING:
    from copyhold.web.demonstration.job import Report, Tick


def prove(report: Report, tick: Tick) -> None:
    """Verify both bundles with `copyhold verify`, in a process without office and database."""
    certificate = Certificate.objects.order_by("pk").first()
    exhibit = Exhibit.objects.order_by("pk").first()
    if certificate is None or exhibit is None:
        report.say("A certificate and an exhibit to verify", True, happened=False)
        return
    bundles = {
        "certificate": registry.certificate_bundle(certificate),
        "exhibit": export_exhibit(system("demonstration"), exhibit),
    }
    key = ledger.signer().verifier.vkey
    for done, (name, data) in enumerate(bundles.items()):
        tick(done, len(bundles), name)
        report.say(f"copyhold verify: the {name}", "accepted", _verdict(data, key))
        changed = bytearray(data)
        changed[len(changed) // 2] ^= 1
        report.say(f"copyhold verify: the {name} with one byte changed", "refused", _verdict(bytes(changed), key))
    tick(len(bundles), len(bundles), "")


def _verdict(data: bytes, key: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bundle.zip"
        path.write_bytes(data)
        bare = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        command = [sys.executable, "-m", "copyhold", "verify", str(path), "--key", key]
        done = subprocess.run(command, env=bare, capture_output=True, check=False)
    return {0: "accepted", 1: "refused", 2: "refused"}.get(done.returncode, f"exit status {done.returncode}")
