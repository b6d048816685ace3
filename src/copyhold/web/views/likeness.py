"""What staff look at: deposits (each opening is written down) and the files of explanations. Only for those who may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from copyhold.core import vault
from copyhold.errors import NotFound
from copyhold.inspection.models import Finding, Match
from copyhold.people import permissions
from copyhold.reference import services as reference
from copyhold.reference.models import Likeness
from copyhold.registry import services as registry
from copyhold.registry.models import Application, Deposit
from copyhold.web.likeness import words_of
from copyhold.web.phrases import t

if TYPE_CHECKING:
    from copyhold.recognition.core import Explanation

SHOWN = {"image/png", "image/jpeg", "image/webp", "image/gif", "audio/mpeg", "audio/wav", "audio/x-wav", "audio/flac",
         "audio/x-flac", "audio/ogg", "audio/mp4", "video/mp4", "video/webm"}  # fmt: skip
EXPLAINED = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "wav": "audio/wav"}
STRENGTHS = (
    (120, t("very strong", "极强")),
    (60, t("strong", "强")),
    (30, t("clear", "明显")),
    (0, t("faint", "较弱")),
)
SEEN = "opened"  # in the session: what this person has opened since signing in


def strength(bits: float) -> Any:
    """A word beside the number: chance alone gives a likeness of n bits once in 2ⁿ comparisons."""
    return next(word for least, word in STRENGTHS if bits >= least)


@require_safe
def deposit(request: Any, pk: int) -> HttpResponse:
    """The bytes as filed. Pictures and sounds are shown in the page, all else is handed out as a file."""
    record = get_object_or_404(Deposit.objects.select_related("application"), pk=pk)
    permissions.check(request.actor, "deposit.read", record)
    if request.actor.is_staff and first_look(request, f"deposit-{pk}"):
        registry.open_deposit(request.actor, record)
    return handed_out(vault.get(record.blob_id), record.media_type, record.filename)


def handed_out(data: bytes, media_type: str, filename: str) -> HttpResponse:
    """Foreign bytes: never as a page of ours."""
    is_shown = media_type in SHOWN
    response = HttpResponse(data, content_type=media_type if is_shown else "application/octet-stream")
    response["Content-Disposition"] = str(content_disposition_header(as_attachment=not is_shown, filename=filename))
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=600"
    return response


def first_look(request: Any, name: str) -> bool:
    """Whether this is opened for the first time in this session; remembers it."""
    opened = request.session.get(SEEN, [])
    if name in opened:
        return False
    request.session[SEEN] = [*opened, name][-500:]
    return True


@require_safe
def likeness_file(request: Any, pk: int, name: str) -> HttpResponse:
    """A picture or sound of a likeness that an examiner looks at."""
    record = get_object_or_404(Likeness.objects.select_related("deposit__application", "explanation"), pk=pk)
    application: Application = record.deposit.application
    permissions.check(request.actor, "checks.read", application)
    return _explained(record.explanation, name)


@require_safe
def match_file(request: Any, pk: int, name: str) -> HttpResponse:
    """A picture or sound of a match that an officer judges."""
    record = get_object_or_404(Match.objects.select_related("finding", "explanation"), pk=pk)
    finding: Finding | None = getattr(record, "finding", None)
    if finding is None:
        raise NotFound
    permissions.check(request.actor, "finding.read", finding)
    return _explained(record.explanation, name)


def _explained(blob: Any, name: str) -> HttpResponse:
    files = reference.explanation(blob).files
    media_type = EXPLAINED.get(name.rpartition(".")[2])
    if name not in files or media_type is None:
        raise NotFound
    return handed_out(files[name], media_type, name)


def figures(explanation: Explanation, record: Likeness | Match) -> list[tuple[Any, Any]]:
    """The likeness in numbers, for {% facts %}; the words stand beside it."""
    rows = [(t("Strength", "强度"), t(f"{record.bits:.0f} bits, {strength(record.bits)}",
                                     f"{record.bits:.0f} 比特，{strength(record.bits)}"))]  # fmt: skip
    data = explanation.data
    if explanation.kind == "image":
        rows += _image_figures(data.get("figures", {}))
    elif explanation.kind == "audio":
        rows += [
            (t("Landmarks", "特征点"), t(f"{data['landmarks_in_line']:,} in line", f"{data['landmarks_in_line']:,} 个对齐")),
            (t("Speed, pitch", "速度、音高"), f"{data['speed'] * 100:.1f} %, {data['pitch'] * 100:.1f} %"),
        ]  # fmt: skip
    elif explanation.kind == "text":
        count = len(data["passages"]) + int(data.get("left_off", 0))
        rows.append((t("Passages", "段落"), t(f"{count} aligned", f"对齐 {count} 段")))
    return [
        *rows,
        (t("Of the earlier work", "占在先作品"), _percent(record.work_share)),
        (t("Of this one", "占本件"), _percent(record.query_share)),
    ]


def _image_figures(found: dict[str, Any]) -> list[tuple[Any, Any]]:
    if "points" not in found:
        return []
    turned = t("mirrored", "已镜像") if found.get("mirrored") else t("not mirrored", "未镜像")
    points, of = found["points"], found["points_of"]
    return [
        (t("Points", "特征点"), t(f"{points} of {of} agree, one placement", f"{of} 个中 {points} 个吻合，符合同一变换")),
        (t("Scale, turn", "缩放、旋转"), f"{found['scale_percent']:.0f} %, {found['turn_degrees']:.1f}°, {turned}"),
    ]  # fmt: skip


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def said(explanation: Explanation) -> str:
    """One plain sentence; text explanations bear none of their own, so it is counted from their rows."""
    if words := words_of(explanation):
        return words
    if explanation.kind != "text":
        return ""
    kinds = [row["kind"] for passage in explanation.data["passages"] for row in passage["rows"]]
    same, near = kinds.count("equal"), kinds.count("changed")
    gone, new = kinds.count("left_out"), kinds.count("added")
    return str(
        t(
            f"{same} sentences are equal and {near} changed; {gone} were left out and {new} added.",
            f"{same} 句相同，{near} 句有改动，{gone} 句被删去，{new} 句为新增。",
        )
    )
