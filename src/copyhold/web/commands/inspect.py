"""`copyhold inspect TARGET…`: a site, a folder, a list of addresses or a web archive against this office's register."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from copyhold.web.commands.setup import open_office

if TYPE_CHECKING:
    from copyhold.inspection.errands import Errand
    from copyhold.inspection.models import Patrol

FINDINGS_RAISED = 1


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET…")
@click.option("--json", "as_json", is_flag=True, help="One JSON line for each match, nothing else on standard output.")
@click.option(
    "--source", type=click.Choice(["site", "folder", "warc", "list"]), help="What TARGET is; else by its look."
)
@click.option("--host", "hosts", multiple=True, help="A further host that the patrol may visit. May be repeated.")
@click.option("--max-pages", default=500, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--depth", type=click.IntRange(0, 100), help="Links to follow from the start; a list: 0, a site: 6.")
@click.option(
    "--delay", default=1.0, show_default=True, type=click.FloatRange(0, 3600), help="Seconds between requests."
)
@click.option("--territory", default="CN", show_default=True, help="Where the use happens, for the licence check.")
@click.option("--office", default="", help="Code of the office that inspects; else the first there is.")
def inspect(
    targets: tuple[str, ...],
    *,
    as_json: bool,
    source: str | None,
    hosts: tuple[str, ...],
    max_pages: int,
    depth: int | None,
    delay: float,
    territory: str,
    office: str,
) -> None:
    """Inspect each TARGET: a site's address, a folder or file, a .txt list of addresses, a WARC or a WACZ.

    Exit status: 0 nothing to judge, 1 findings were raised, 2 a TARGET cannot be inspected. What is interrupted goes on
    when the same command is given again.
    """
    open_office()
    from copyhold.inspection import errands

    todo = [errands.errand_of(target, kind=source or "", hosts=hosts, depth=depth) for target in targets]
    place = errands.office_named(office)
    raised = False
    for errand in todo:
        patrol = errands.patrol_for(errand, office=place, territory=territory, max_pages=max_pages, delay_s=delay)
        _run(errand, patrol)
        rows = errands.matches_of(patrol)
        raised = raised or any(row["finding"] for row in rows)
        _print_lines(rows) if as_json else _print_table(errand, patrol, rows)
    sys.exit(FINDINGS_RAISED if raised else 0)


def _run(errand: Errand, patrol: Patrol) -> None:
    """The patrol, under a bar on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from copyhold.inspection.services import run_patrol

    columns = TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn()
    seen = 0
    with Progress(*columns, TextColumn("[dim]{task.fields[what]}"), console=Console(stderr=True)) as progress:
        task = progress.add_task(f"{patrol.number} {errand.name[:40]}", total=None, what="")

        def tick(done: int, known: int, what: str) -> None:
            nonlocal seen
            seen += 1  # a folder has no frontier: count what was seen
            progress.update(task, completed=done or seen, total=known or None, what=what[-48:])

        run_patrol(patrol, progress=tick)


def _print_lines(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False))


def _print_table(errand: Errand, patrol: Patrol, rows: list[dict[str, Any]]) -> None:
    """Two lines for each match; addresses are never cut, so that they can be copied."""
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    counts = ", ".join(f"{number} {name}" for name, number in sorted(patrol.summary.get("sightings", {}).items()))
    states = patrol.summary.get("addresses", {})
    refused = states.get("refused", 0) + states.get("failed", 0)
    away = f" · {refused} addresses refused or out of reach" if refused else ""
    console.print(f"[bold]{errand.name}[/] · {patrol.number} · {counts or 'nothing seen'}{away}")
    if not rows:
        console.print("No registered work was recognised.")
    colours = {"finding": "red", "licensed": "green", "own": "green"}
    for row in rows:
        reason = row["reasons"][0]["en"] if row["reasons"] else ""
        exhibit = f" · exhibit {row['exhibit']}" if row["exhibit"] else ""
        console.print(f"[{colours.get(row['verdict'], 'default')}]{row['verdict']:<9}[/]", end="")
        console.print(row["url"], markup=False)
        console.print(
            f"         {row['work']} {row['title']} · {row['bits']:.0f} bits · {row['query_share']:.0%} of the copy, "
            f"{row['work_share']:.0%} of the work{exhibit}\n         {reason}",
            style="dim",
            markup=False,
        )
