"""The same version gives the same fingerprint everywhere, for ever: known answers that ship with the package.

`vectors/<medium>/` holds small inputs, `vectors/<medium>.json` the SHA-256 of their fingerprints by version. A change
of algorithm is a new version, never a new digest for an old one. Written by `write_vectors` when a version is born.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from copyhold.recognition.core import NotMatchable
from copyhold.recognition.registry import for_medium, recognisers

_FOLDER = Path(__file__).parent / "vectors"


def shipped_inputs() -> dict[str, dict[str, bytes]]:
    """Medium → file name → content."""
    return {
        medium: {path.name: path.read_bytes() for path in sorted((_FOLDER / medium).glob("*.*"))}
        for medium in recognisers()
    }


def answers(medium: str, data: bytes) -> dict[str, Any]:
    """What one input gives: digests of the registered side and of the first query."""
    recogniser = for_medium(medium)
    decoded = recogniser.decode(data)
    try:
        sides = {"reference": recogniser.fingerprint(decoded), "query": recogniser.query(decoded)[0]}
    except NotMatchable as error:
        return {"not_matchable": error.reason}
    return {side: hashlib.sha256(found.to_bytes()).hexdigest() for side, found in sides.items()}


def selftest() -> list[tuple[str, str, str]]:
    """(medium, input, problem) for each vector; an empty problem means that it agrees."""
    results: list[tuple[str, str, str]] = []
    for medium, inputs in shipped_inputs().items():
        version = str(for_medium(medium).version)
        expected = _stored(medium).get(version, {})
        names = sorted({*expected, *inputs})
        results += [(medium, name, _problem(medium, inputs.get(name), expected.get(name))) for name in names]
        if not expected:
            results.append((medium, "", f"no known answers for version {version}"))
    return results


def _problem(medium: str, data: bytes | None, expected: dict[str, Any] | None) -> str:
    if data is None or expected is None:
        return "the input is missing" if data is None else "the known answer is missing"
    found = answers(medium, data)
    wrong = [side for side in sorted({*expected, *found}) if expected.get(side) != found.get(side)]
    return f"another fingerprint than the known one ({', '.join(wrong)})" if wrong else ""


def write_vectors(medium: str) -> None:
    """Store the answers of this machine as the known ones of the present version; older versions stay."""
    stored = _stored(medium)
    stored[str(for_medium(medium).version)] = {
        name: answers(medium, data) for name, data in shipped_inputs()[medium].items()
    }
    (_FOLDER / f"{medium}.json").write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n")


def _stored(medium: str) -> dict[str, dict[str, Any]]:
    path = _FOLDER / f"{medium}.json"
    return dict(json.loads(path.read_text())) if path.exists() else {}
