"""The main job, step by step, as the people of the office would do it. Each step can be run again: what is done stays.

Every step returns its rows for the report: what was expected, what happened, whether that is as it should be.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from copyhold.core import clock
from copyhold.core.jobs import run_pending
from copyhold.errors import CopyholdError
from copyhold.inspection import services as inspection
from copyhold.inspection.models import Address, Finding, Match, Patrol, Target
from copyhold.registry import services as registry
from copyhold.registry.models import Application, Certificate, Licence, Work
from copyhold.web.demonstration import media, sites
from copyhold.web.demonstration.furnish import Cast

Tick = Callable[[int, int, str], None]


@dataclass
class Row:
    """One line of the report."""

    what: str
    expected: str
    happened: str
    ok: bool


@dataclass
class Report:
    """What the job did, for the table and for var/demo/report.json."""

    rows: list[Row] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def say(self, what: str, expected: object, happened: object, *, ok: bool | None = None) -> None:
        self.rows.append(Row(what, str(expected), str(happened), expected == happened if ok is None else ok))

    @property
    def ok(self) -> bool:
        return bool(self.rows) and all(row.ok for row in self.rows)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _fields(piece: media.Piece) -> dict[str, Any]:
    return {
        "title_en": piece.title_en,
        "category": piece.category,
        "nature": "original",
        "completed_on": _day(piece.completed),
        "completed_at_place": piece.place,
        "published_on": _day(piece.published),
        "published_at_place": piece.place if piece.published else "",
        "ownership": "individual",
        "obtained": "original",
        "statement": piece.statement,
        "authors": [{"name": "佚名（示例）", "nationality": "CN", "signature": "pen_name"}],
    }


def _filed(cast: Cast, piece: media.Piece) -> Application:
    """The application of a piece, filed once."""
    owner = cast.organisation(piece.owner)
    filed = Application.objects.filter(title=piece.title, applicant=owner).exclude(state="draft")
    known: Application | None = filed.first()
    if known is not None:
        return known
    holder = cast.holder(piece.owner)
    draft = Application.objects.filter(title=piece.title, applicant=owner, state="draft").first()
    fields = _fields(piece)
    if draft:  # an earlier run was broken off here
        application = registry.save_application(holder, draft, **fields)
    else:
        application = registry.start_application(
            holder, applicant=owner, office=cast.office, title=piece.title, **fields
        )
    if not application.deposits.exists():
        registry.add_deposit(
            holder,
            application,
            filename=piece.filename,
            data=piece.read(),
            medium=piece.medium,
            media_type=piece.media_type,
        )
    return registry.submit_application(holder, application)


def file_all(cast: Cast, report: Report, tick: Tick) -> None:
    """Right holders file; the deposits are fingerprinted behind the sandbox and are identifiable at once."""
    pieces = (*media.REGISTERED, media.CORRECTED, media.STATUTE)
    began = time.perf_counter()
    for done, piece in enumerate(pieces, 1):
        tick(done, len(pieces), piece.title_en)
        _filed(cast, piece)
        run_pending()
    report.figures["filing_s"] = round(time.perf_counter() - began, 2)
    filed = Application.objects.filter(title__in=[piece.title for piece in pieces]).exclude(state="draft").count()
    report.say("Applications filed and fingerprinted", len(pieces), filed)


CHECKS = ("subject_matter", "papers", "jurisdiction", "nature", "duplicate", "content")


def _examine(cast: Cast, application: Application) -> Work:
    """What an examiner does for an application without fault: accept, take, check, approve."""
    examiner = cast.actor("examiner")
    if application.state == "submitted":
        registry.accept_application(examiner, application)
    for item in CHECKS:
        check = application.checks.get(item=item)
        if check.outcome != "pass":
            note = "Looked at the deposit beside the statement." if check.outcome == "concern" else ""
            registry.record_check(examiner, application, item=item, outcome="pass", note=note)
    return registry.approve_application(examiner, application)


def examine_all(cast: Cast, report: Report, tick: Tick) -> None:
    """The office examines: most are registered, one is sent back and then registered, the statute is refused."""
    for done, piece in enumerate(media.REGISTERED, 1):
        tick(done, len(media.REGISTERED) + 2, piece.title_en)
        application = _filed(cast, piece)
        if application.state in {"submitted", "in_examination"}:
            _examine(cast, application)
    tick(len(media.REGISTERED) + 1, len(media.REGISTERED) + 2, media.CORRECTED.title_en)
    _correct(cast, report)
    tick(len(media.REGISTERED) + 2, len(media.REGISTERED) + 2, media.STATUTE.title_en)
    _refuse(cast, report)
    registered = Work.objects.filter(title__in=[piece.title for piece in media.REGISTERED]).count()
    report.say("Works registered at the first examination", len(media.REGISTERED), registered)


def _correct(cast: Cast, report: Report) -> None:
    application = _filed(cast, media.CORRECTED)
    examiner = cast.actor("examiner")
    if application.state == "submitted":
        registry.accept_application(examiner, application)
    if application.state == "in_examination" and not application.letters.filter(kind="correction").exists():
        registry.ask_correction(
            examiner,
            application,
            text="创作说明过于简略：请说明创作过程及独创性所在。Say how the work was made and what is your own.",
        )
    if application.state == "correction":
        registry.answer_correction(
            cast.holder("white-elm"),
            application,
            text="已补充创作说明。",
            statement="二〇二五年夏在造纸坊采访后写成；人物、情节与语言均为作者原创，未使用他人文字。",
        )
        run_pending()
    if application.state == "in_examination":
        _examine(cast, application)
    application.refresh_from_db()
    letters = list(application.letters.values_list("kind", flat=True))
    report.say(
        "Sent back for correction, then registered",
        "correction, answer, registered",
        ", ".join([*(kind for kind in letters if kind in {"correction", "answer"}), application.state]),
    )


def _refuse(cast: Cast, report: Report) -> None:
    application = _filed(cast, media.STATUTE)
    examiner = cast.actor("examiner")
    if application.state == "submitted":
        registry.accept_application(examiner, application)
    if application.state == "in_examination":
        registry.refuse_application(
            examiner,
            application,
            ground="not_protected_official",
            text="申请登记的内容为法律文本，不属于著作权法保护的对象。A statute is not protected subject matter.",
        )
    letter = application.letters.filter(kind="refusal").first()
    article = letter.article if letter else ""
    report.say("A statute refused, with its article", "refused", application.state)
    report.say("The article in the letter", "第五条", article, ok="五" in article or "5" in article)


def issue_all(cast: Cast, report: Report, tick: Tick) -> None:  # noqa: ARG001 - every step has one shape
    """Certificates in two transactions each: numbers without gaps, PDF, credential, log proof."""
    works = Work.objects.count()
    began = time.perf_counter()
    while (made := Certificate.objects.count()) < works and run_pending(limit=1):
        tick(made, works, "certificates")
    tick(works, works, "certificates")
    took = time.perf_counter() - began
    made = Certificate.objects.count()
    if took > 0.5:
        report.figures["certificates_per_s"] = round(made / took, 1)
    report.say("Certificates issued", works, made)


def catch_copyist(cast: Cast, report: Report, tick: Tick) -> None:
    """Somebody files an edited copy of a registered work: the likeness is found and shown side by side."""
    tick(0, 1, media.COPYIST.title_en)
    application = _filed(cast, media.COPYIST)
    run_pending()
    original = Work.objects.get(title=media.REGISTERED[0].title)
    found = [
        likeness
        for deposit in application.deposits.all()
        for likeness in deposit.likenesses.select_related("fingerprint__deposit__application")
        if likeness.fingerprint.deposit.application_id == original.application_id
    ]
    check = application.checks.get(item="duplicate")
    report.say("Edited copy caught at examination", f"concern, {original.number}",
               f"{check.outcome}, {original.number if found else 'no likeness'}")  # fmt: skip
    if found:
        regions = len(found[0].match["segments"])
        report.say("Its matching region shown side by side", "1 or more", regions, ok=regions > 0)
        report.figures["copyist_bits"] = round(found[0].bits, 1)
    if application.state == "submitted":
        registry.accept_application(cast.actor("examiner"), application)
    tick(1, 1, media.COPYIST.title_en)


def license_one(cast: Cast, report: Report, tick: Tick) -> None:  # noqa: ARG001
    """One work is licensed to a named site, for a territory and a period."""
    coffee = Work.objects.get(title=next(piece.title for piece in media.REGISTERED if piece.key == "coffee"))
    licence = Licence.objects.filter(work=coffee).first() or registry.record_licence(
        cast.holder("reedbank"),
        work=coffee,
        licensee="河岸新闻网",
        licensee_organisation=cast.organisation("riverside"),
        rights=["network", "reproduction"],
        hosts=[sites.NEWS],
        territories=["CN"],
        valid_from=date(clock.today().year, 1, 1),
        valid_to=date(clock.today().year + 1, 12, 31),
    )
    report.say("Licence recorded", f"{sites.NEWS}, CN", f"{', '.join(licence.hosts)}, {', '.join(licence.territories)}")


TARGETS = (
    ("半月商城", "Halfmoon Mall", sites.MALL, "halfmoon", 90),
    ("河岸新闻网", "Riverside News", sites.NEWS, "riverside", 60),
    ("灯笼论坛", "Lantern Forum", sites.FORUM, "lantern", 60),
    ("天际应用页", "Skyline app page", sites.APP, "skyline", 20),
    ("白榆书局网站", "White Elm’s own site", sites.OWN, None, 20),
)


def patrols(cast: Cast) -> Iterable[Patrol]:
    """One patrol for each site, ordered once."""
    officer = cast.actor("officer")
    for name, name_en, host, platform, most in TARGETS:
        target = Target.objects.filter(hosts=[host]).first() or inspection.add_target(
            officer,
            name=name,
            name_en=name_en,
            places=[f"http://{host}/"],
            office=cast.corps,
            platform=cast.organisation(platform) if platform else None,
            max_pages=most,
            max_depth=8,
            delay_s=0.02,
        )
        yield Patrol.objects.filter(target=target).order_by("pk").first() or inspection.queue_patrol(officer, target)


def work_keys() -> dict[int, str]:
    """Works by the key of the piece they register."""
    titles = {piece.title: piece.key for piece in (*media.REGISTERED, media.CORRECTED)}
    return {work.pk: titles[work.title] for work in Work.objects.filter(title__in=titles)}


def judge_patrols(cast: Cast, report: Report, seconds: float, server: sites.Sites | None) -> None:
    """Precision and recall of what the patrols said, against what the sites are known to carry."""
    keys = work_keys()
    said = {
        (match.sighting.resource_url, keys.get(match.work_id, "?"), match.verdict)
        for match in Match.objects.select_related("sighting")
    }
    known = {(truth.url, truth.key, truth.verdict) for truth in sites.TRUTH}
    findings = {row for row in said if row[2] == Match.Verdict.FINDING}
    true_findings = {row for row in known if row[2] == "finding"}
    right = findings & true_findings
    report.figures |= {
        "findings": len(findings),
        "precision": round(len(right) / max(1, len(findings)), 4),
        "recall": round(len(right) / len(true_findings), 4),
        "missed": sorted(f"{url} ({key})" for url, key, _ in true_findings - findings),
        "wrong": sorted(f"{url} ({key})" for url, key, _ in findings - true_findings),
    }
    report.say("Copies found of those that the sites carry", len(true_findings), len(right))
    report.say("Findings raised for licensed, own or other content", 0, len(findings - true_findings))
    for verdict in ("licensed", "own"):
        wanted = sorted(row[0] for row in known if row[2] == verdict)
        report.say(
            f"Recognised and left alone: {verdict}", len(wanted), len({r for r in said if r[2] == verdict} & known)
        )
    addresses = Address.objects.filter(patrol__target__office=cast.corps)
    visited = addresses.filter(state="visited").count()
    if seconds:
        report.figures["patrol_addresses_per_s"] = round(visited / seconds, 1)
    report.figures["addresses"] = addresses.count()
    outcomes = " ".join(addresses.filter(state="refused").values_list("outcome", flat=True))
    for what, sign in (("a redirect into a private network", "redirect"), ("a decompression bomb", "too_large"),
                       ("the folder that robots.txt closes", "robots")):  # fmt: skip
        report.say(f"Refused by the guards: {what}", "refused", "refused" if sign in outcomes else "not refused")
    calendar = addresses.filter(url__contains="/calendar/").count()
    report.say("Endless calendar left after", "≤ 60 days", f"{calendar} days", ok=0 < calendar <= 60)
    if server is not None and server.asked:
        closed = [url for url in server.asked if "/private/" in url]
        report.say("Visits to the closed folder, by the server’s own log", 0, len(closed))


def warc_files() -> list[Path]:
    from django.conf import settings

    return sorted(Path(settings.COPYHOLD_WARC).rglob("*.warc.gz"))


def waiting_findings() -> list[Finding]:
    return list(
        Finding.objects.filter(state="to_judge").select_related("match__work", "match__sighting__patrol__target")
    )


def step(report: Report, name: str, action: Callable[[], None]) -> None:
    """Run one step; an error of the office is a row in the report, not the end of it."""
    began = time.perf_counter()
    try:
        action()
    except CopyholdError as error:
        report.say(name, "done", f"{error.instance_code}: {error}", ok=False)
    report.figures.setdefault("seconds", {})[name] = round(time.perf_counter() - began, 2)
