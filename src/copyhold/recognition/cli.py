"""`copyhold index …` and `copyhold selftest`: recognise files against a folder, without an office.

The caller may put a sandboxed extractor into `ctx.obj["extract"]`, called like `extract.extract(data, name=, side=)`;
without it the files are read in this process. Numeric libraries load only when a command runs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from copyhold.errors import CopyholdError

if TYPE_CHECKING:
    from collections.abc import Callable

_FOLDER = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
_FILES = click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)


@click.group()
def index() -> None:
    """Recognise files against a folder of works: no office, no database."""


@index.command()
@_FOLDER
@_FILES
@click.option("--json", "as_json", is_flag=True, help="One JSON line per file.")
@click.pass_context
def add(context: click.Context, folder: Path, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Enter FILES (or all files in folders) into the index in FOLDER; made when it is not there."""
    from copyhold.recognition import folder as folders

    def tell(row: dict[str, Any]) -> None:
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            problem = f"  {row['error']['message']}" if row["error"] else ""
            click.echo(f"{row['status']:<10} {row['medium'] or '-':<6} {row['file']}{problem}")

    counts = _run(lambda: folders.add(folder, files, _extractor(context), tell))
    if not as_json:
        click.echo(", ".join(f"{count} {status}" for status, count in counts.items()))
    sys.exit(1 if counts["failed"] else 0)


@index.command()
@_FOLDER
@_FILES
@click.option("--json", "as_json", is_flag=True, help="One JSON line per query.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="Matches per query.")
@click.pass_context
def query(context: click.Context, folder: Path, files: tuple[Path, ...], *, as_json: bool, limit: int) -> None:
    """Find which works of the index FILES hold parts of. A match is a likeness, not an infringement."""
    from copyhold.recognition import folder as folders

    failed = False
    rows = folders.query(folder, files, _extractor(context), limit=limit)
    while (row := _run(lambda: next(rows, None))) is not None:
        failed = failed or row["error"] is not None
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            _show(row)
    sys.exit(1 if failed else 0)


def _show(row: dict[str, Any]) -> None:
    click.echo(f"{row['query']} ({row['medium'] or 'unreadable'})")
    if row["error"]:
        click.echo(f"  {row['error']['message']}")
    elif row["not_matchable"]:
        click.echo(f"  holds too little to recognise it by ({row['not_matchable']})")
    elif not row["matches"]:
        click.echo("  no match")
    for match in row["matches"]:
        shares = f"{match['query_share']:.0%} of the query, {match['work_share']:.0%} of the work"
        click.echo(f"  {match['bits']:>8.1f} bits  {match['work']}  ({shares}, {len(match['segments'])} segments)")


@index.command()
@_FOLDER
@click.argument("name")
def remove(folder: Path, name: str) -> None:
    """Take the work called NAME out of the index in FOLDER."""
    from copyhold.recognition import folder as folders

    _run(lambda: folders.remove(folder, name))
    click.echo(f"removed {name}")


@index.command()
@_FOLDER
def fsck(folder: Path) -> None:
    """Read the whole index in FOLDER and check it."""
    from copyhold.recognition import folder as folders

    problems = _run(lambda: folders.check(folder))
    for problem in problems:
        click.echo(problem)
    click.echo(f"{len(problems)} problems")
    sys.exit(1 if problems else 0)


@click.command()
def selftest() -> None:
    """Check that this machine makes the same fingerprints as every other one."""
    from copyhold.recognition import conformance

    results = _run(conformance.selftest)
    for medium, name, problem in results:
        click.echo(f"{'WRONG' if problem else 'ok':<6} {medium:<6} {name} {problem}".rstrip())
    sys.exit(1 if any(problem for _, _, problem in results) else 0)


def _extractor(context: click.Context) -> Callable[..., bytes]:
    given = (context.obj or {}).get("extract")
    if given is not None:
        return given  # type: ignore[no-any-return]
    from copyhold.recognition.extract import extract

    return extract


def _run(work: Callable[[], Any]) -> Any:
    """A clear message and exit code 2 for what a person can act upon; anything else is a defect and shows itself."""
    try:
        return work()
    except CopyholdError as error:
        raise click.ClickException(str(error)) from error
