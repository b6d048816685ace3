"""A text match as a person judges it: the passages sentence by sentence, a changed sentence character by character.

`data` = {"passages": [{"query": [start, end], "reference": [start, end], "bits", "rows": [row, …], "is_cut"}, …]}, best
passage first. A row is one of
  {"kind": "equal",    "query": str, "reference": str, "exact": bool}    (exact: not even script or case differ)
  {"kind": "changed",  "query": str, "reference": str, "inserted": [[start, end], …] of the query string,
                                                       "deleted":  [[start, end], …] of the reference string}
  {"kind": "left_out", "query": "",  "reference": str}   {"kind": "added", "query": str, "reference": ""}
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from copyhold.recognition.core import Explanation
from copyhold.recognition.media.text_table import IGNORED, SEPARATOR, table

if TYPE_CHECKING:
    from copyhold.recognition.core import Match

MOST_PASSAGES = 20
MOST_CHARACTERS = 20_000  # of one passage; a longer one is shown up to here and marked `is_cut`
ALIKE = 0.4  # two sentences that share less are two sentences
_SENTENCE = re.compile(r"[^。！？!?；;\n.]*(?:[。！？!?；;\n]+|\.(?=\s)|\.|$)[”’」』\"')）\s]*")


def explain(query: str, reference: str, match: Match) -> Explanation:
    """Rows for each passage of `match`."""
    shown = []
    for segment in match.segments[:MOST_PASSAGES]:
        (query_start, query_end), (start, end) = segment.query, segment.reference
        asked, known = query[query_start:query_end], reference[start:end]
        is_cut = max(len(asked), len(known)) > MOST_CHARACTERS
        shown.append(
            {
                "query": [query_start, query_end],
                "reference": [start, end],
                "bits": segment.bits,
                "rows": rows(asked[:MOST_CHARACTERS], known[:MOST_CHARACTERS]),
                "is_cut": is_cut,
            }
        )
    return Explanation("text", {"passages": shown, "left_off": max(0, len(match.segments) - MOST_PASSAGES)})


def rows(query: str, reference: str) -> list[dict[str, Any]]:
    """Align two passages sentence by sentence; inside an unequal stretch, like sentences are paired in order."""
    asked, known = sentences(query), sentences(reference)
    compared = difflib.SequenceMatcher(None, [*map(fold, known)], [*map(fold, asked)], autojunk=False)
    found: list[dict[str, Any]] = []
    for kind, start, end, query_start, query_end in compared.get_opcodes():
        if kind == "equal":
            for left, right in zip(known[start:end], asked[query_start:query_end], strict=True):
                found.append({"kind": "equal", "query": right, "reference": left, "exact": left == right})
        else:
            found += _unequal(asked[query_start:query_end], known[start:end])
    return found


def _unequal(asked: list[str], known: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at = 0
    for right in asked:
        likeness = [(_ratio(right, left), -place) for place, left in enumerate(known[at : at + 8], at)]
        best, place = max(likeness, default=(0.0, 0))
        if best < ALIKE:
            found.append({"kind": "added", "query": right, "reference": ""})
            continue
        found += [{"kind": "left_out", "query": "", "reference": left} for left in known[at:-place]]
        found.append(_changed(right, known[-place]))
        at = -place + 1
    return found + [{"kind": "left_out", "query": "", "reference": left} for left in known[at:]]


def _ratio(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, fold(one), fold(other), autojunk=False).ratio()


def _changed(query: str, reference: str) -> dict[str, Any]:
    """One sentence that was edited: which characters went and which came."""
    compared = difflib.SequenceMatcher(
        None, [*map(fold_character, reference)], [*map(fold_character, query)], autojunk=False
    )
    deleted, inserted = [], []
    for kind, start, end, query_start, query_end in compared.get_opcodes():
        if kind != "equal":
            deleted += [[start, end]] if end > start else []
            inserted += [[query_start, query_end]] if query_end > query_start else []
    return {"kind": "changed", "query": query, "reference": reference, "inserted": inserted, "deleted": deleted}


def sentences(text: str) -> list[str]:
    """Cut after sentence ends and line breaks; the pieces make up the whole."""
    return [piece for piece in _SENTENCE.findall(text) if piece]


def fold_character(character: str) -> str:
    """One character as recognition sees it; what it does not see stays itself, so that its change is shown."""
    rules = table()
    code = ord(character)
    becomes = "".join(map(chr, rules.output[rules.first[code] : rules.first[code + 1]])) if code < 0x30000 else ""
    return becomes or character


def fold(text: str) -> str:
    """A sentence as recognition sees it: without separators and marks."""
    rules = table()
    folded = "".join(map(fold_character, text))
    return "".join(one for one in folded if ord(one) >= 0x30000 or rules.kind[ord(one)] not in {SEPARATOR, IGNORED})
