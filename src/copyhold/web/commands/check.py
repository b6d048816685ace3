"""`copyhold check`: health of the house. The rooms look (core.health, reference.health, the guards); this prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import click

from copyhold.errors import CopyholdError
from copyhold.web.commands.setup import open_office

Tick = Callable[[int, int], None]


@dataclass
class Finding:
    """One line: what was looked at, what is known of it, and what is wrong with it."""

    what: str
    facts: str = ""
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)  # weak, but not wrong

    @property
    def ok(self) -> bool:
        return not self.faults


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the table.")
def check(*, as_json: bool) -> None:
    """Look over the whole house. Exit status 1 if something is wrong; weak walls of the sandbox are warnings."""
    open_office(migrate=False)
    found: list[Finding] = []
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        for what, look in LOOKS.items():
            task = progress.add_task(f"{what:<18}", total=None)
            finding = Finding(what)
            try:
                look(finding, lambda done, of, task=task: progress.update(task, completed=done, total=of))  # type: ignore[misc]
            except CopyholdError as error:
                finding.faults.append(f"{error.instance_code}: {error}")
            except Exception as error:  # noqa: BLE001 - a part that cannot even be looked at is a fault, not our end
                finding.faults.append(f"{type(error).__name__}: {error}".strip())
            progress.remove_task(task)
            found.append(finding)
    ok = all(finding.ok for finding in found)
    if as_json:
        rows = [{**asdict(finding), "ok": finding.ok} for finding in found]
        click.echo(json.dumps({"ok": ok, "checks": rows}, ensure_ascii=False, indent=1))
    else:
        _print(found, ok=ok)
    sys.exit(0 if ok else 1)


def _print(found: list[Finding], *, ok: bool) -> None:
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    for finding in found:
        mark = "[red]✗[/]" if finding.faults else "[yellow]![/]" if finding.warnings else "[green]✓[/]"
        console.print(f"{mark} {finding.what:<18}", end="")
        console.print(finding.facts, markup=False)
        for line in [*finding.faults, *finding.warnings]:
            console.print(f"    {line}", style="red", markup=False)
    console.print("The house is in order." if ok else "[red]Something is wrong: see above.[/]")


def _database(finding: Finding, _tick: Tick) -> None:
    from django.db import connection

    from copyhold.core.health import database_faults

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        finding.facts = f"PostgreSQL {cursor.fetchone()[0]}"
    finding.faults += database_faults()


def _vault(finding: Finding, tick: Tick) -> None:
    from django.db.models import Sum

    from copyhold.core.health import vault_faults
    from copyhold.core.models import Blob

    total = Blob.objects.aggregate(Sum("size"))["size__sum"] or 0
    finding.facts = f"{Blob.objects.count()} blobs, {total / 2**20:.1f} MiB, every byte read"
    finding.faults += _some(vault_faults(tick))


def _ledger(finding: Finding, tick: Tick) -> None:
    from copyhold.core.health import ledger_faults, ledger_size
    from copyhold.core.models import Checkpoint

    finding.faults += _some(ledger_faults(tick))
    finding.facts = f"{ledger_size()} acts, {Checkpoint.objects.count()} checkpoints, root computed anew"


def _index(finding: Finding, _tick: Tick) -> None:
    from copyhold.reference import health

    finding.facts = ", ".join(f"{count} {medium}" for medium, count in health.sizes().items())
    finding.faults += [*health.segment_faults(), *health.index_faults()]


def _sandbox(finding: Finding, _tick: Tick) -> None:
    from copyhold.reference.reading import strength

    found = strength()
    finding.facts = found.describe()
    missing = [name for name, value in asdict(found).items() if not value]
    finding.warnings += [f"this wall does not hold on this machine: {name}" for name in missing]
    if found.weak:
        finding.faults.append("hostile files could reach files, network or processes: use a newer kernel")


def _egress(finding: Finding, _tick: Tick) -> None:
    from django.conf import settings

    from copyhold.guards.egress import Policy

    facts = Policy(hosts=settings.COPYHOLD_EGRESS_HOSTS).describe()
    finding.facts = f"ports {facts['ports']}, {facts['delay_s']} s between requests, {facts['hosts']}"
    if settings.COPYHOLD_EGRESS_HOSTS:
        finding.warnings.append("COPYHOLD_EGRESS_HOSTS lets patrols into private networks: for demonstrations only")


def _browser(finding: Finding, _tick: Tick) -> None:
    from django.conf import settings

    from copyhold.guards.browser import find_chromium

    finding.facts = settings.COPYHOLD_CHROMIUM or find_chromium() or "none"
    if finding.facts == "none":
        finding.warnings.append("pages that need JavaScript are looked at as fetched: install Chromium")


def _disk(finding: Finding, _tick: Tick) -> None:
    import shutil

    from django.conf import settings

    from copyhold.core.health import disk_faults

    finding.facts = f"{shutil.disk_usage(settings.COPYHOLD_HOME).free / 2**30:.1f} GiB free"
    finding.faults += disk_faults()


def _jobs(finding: Finding, _tick: Tick) -> None:
    from django.db.models import Count

    from copyhold.core.health import job_faults
    from copyhold.core.models import Job

    states = dict(Job.objects.values_list("state").annotate(Count("pk")))
    finding.facts = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none"
    finding.faults += job_faults()


def _some(faults: Iterator[str], most: int = 20) -> list[str]:
    """The first of many: a damaged disk must not fill the screen."""
    found = list(faults)
    return [*found[:most], *([f"… and {len(found) - most} more"] if len(found) > most else [])]


LOOKS: dict[str, Callable[[Finding, Tick], Any]] = {
    "database": _database,
    "vault": _vault,
    "ledger": _ledger,
    "index": _index,
    "sandbox": _sandbox,
    "egress": _egress,
    "browser": _browser,
    "disk": _disk,
    "jobs": _jobs,
}
