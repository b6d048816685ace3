"""`copyhold demo` (`make run`): a demonstration office that does the main job on real media, then serves it."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from copyhold.web import config
from copyhold.web.commands.serve import need_free_port, run_until_interrupted
from copyhold.web.commands.setup import open_office

if TYPE_CHECKING:
    from copyhold.web.demonstration.furnish import Cast
    from copyhold.web.demonstration.job import Report
    from copyhold.web.demonstration.sites import Sites

console = Console()


@click.command()
@click.option("--serve/--no-serve", default=True, help="Serve the office after the job, until interrupted.")
@click.pass_context
def demo(ctx: click.Context, *, serve: bool) -> None:
    """Open a demonstration office and do the main job on real media."""
    began = time.perf_counter()
    port = int(config.load().port)
    if serve:
        need_free_port(port)
    console.print("[bold]Copyhold[/] · 典守 · the demonstration office of Lanting (兰汀)\n")
    from copyhold.web.demonstration.sites import Sites

    with Sites() as sites:
        reach = ",".join(f"{name}={ip}:{at}" for name, (ip, at) in sites.egress_hosts.items())
        os.environ["COPYHOLD_EGRESS_HOSTS"] = reach
        with _bar("Opening the office: database, tables") as tick:
            open_office()
            tick(1, 1, "")
        report = do_the_job(sites)
    report.figures["total_s"] = round(time.perf_counter() - began, 2)
    report.figures["machine"] = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    _write(report)
    _print(report)
    if serve:
        _accounts(port)
        run_until_interrupted(port)
    ctx.exit(0 if report.ok else 1)


def do_the_job(sites: Sites) -> Report:
    """All steps in order; see web.demonstration.job. A second run finds everything done and only reports."""
    from copyhold.web.demonstration import job
    from copyhold.web.demonstration.enforce import enforce
    from copyhold.web.demonstration.furnish import furnish
    from copyhold.web.demonstration.prove import prove

    report, cast = job.Report(), furnish()
    for name, action in (
        ("Right holders file their works", job.file_all),
        ("The office examines", job.examine_all),
        ("Certificates are issued", job.issue_all),
        ("An edited copy is filed by somebody else", job.catch_copyist),
        ("A licence is recorded", job.license_one),
    ):
        with _bar(name) as tick:
            job.step(report, name, lambda action=action, tick=tick: action(cast, report, tick))  # type: ignore[misc]
    job.step(report, "Five web sites are patrolled", lambda: _patrol(cast, report, sites))
    with _bar("A finding becomes a case with a notice") as tick:
        job.step(report, "A finding becomes a case", lambda: enforce(cast, report, tick))
    with _bar("Certificate and exhibit are verified offline") as tick:
        job.step(report, "Offline verification", lambda: prove(report, tick))
    return report


def _patrol(cast: Cast, report: Report, sites: Sites) -> None:
    """The patrols; the second is killed with SIGKILL half-way and goes on where it was."""
    from copyhold.web.demonstration import job
    from copyhold.web.demonstration.patrolling import run_all

    with _bar("Five web sites are patrolled") as tick:
        seconds = run_all(job.patrols(cast), report, tick)
    job.judge_patrols(cast, report, seconds, sites)


@contextmanager
def _bar(name: str) -> Iterator[Any]:
    columns = (
        TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[what]}"),
    )  # fmt: skip
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"{name:<46}", total=None, what="")

        def tick(done: int, total: int, what: str) -> None:
            progress.update(task, completed=done, total=total, what=what[-48:])

        yield tick
        progress.update(task, what="")


def _write(report: Report) -> None:
    from django.conf import settings

    path = Path(settings.COPYHOLD_HOME) / "demo" / "report.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    body = {"ok": report.ok, "rows": [asdict(row) for row in report.rows], "figures": report.figures}
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(body, ensure_ascii=False, indent=1, default=str))
    beside.replace(path)


def _print(report: Report) -> None:
    table = Table(title="What the office did", title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("", "Step", "Outcome"):
        table.add_column(heading, overflow="fold")
    for row in report.rows:
        outcome = row.happened if row.ok else f"{row.happened}  [dim](expected: {row.expected})[/]"
        table.add_row("[green]✓[/]" if row.ok else "[red]✗[/]", row.what, outcome)
    console.print(table)
    figures = report.figures
    console.print(
        f"Precision {figures.get('precision', 0):.3f} · recall {figures.get('recall', 0):.3f} "
        f"over {figures.get('addresses', 0)} addresses · {figures['total_s']} s in all · report: demo/report.json"
    )
    for what in ("missed", "wrong"):
        for line in figures.get(what, []):
            console.print(f"  {what}: {line}")


def _accounts(port: int) -> None:
    from copyhold.web.demonstration.furnish import ACCOUNTS, PASSWORD

    console.print(
        f"\nThe office is open at [bold]http://127.0.0.1:{port}[/] · password of every account: [bold]{PASSWORD}[/]"
    )
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("Sign in as", "Role", "Name"):
        table.add_column(heading)
    for login, name, role, _ in ACCOUNTS:
        table.add_row(login, str(role), name)
    console.print(table)
    console.print("Parties are invented. End with Ctrl-C; everything is kept.\n")
