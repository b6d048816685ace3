"""`copyhold patrol NUMBER`: run one patrol, or go on with one that was interrupted or killed."""

from __future__ import annotations

import click

from copyhold.web.commands.setup import open_office


@click.command()
@click.argument("number")
@click.option("--quiet", is_flag=True, help="Print nothing unless something is wrong.")
def patrol(number: str, *, quiet: bool) -> None:
    """Run patrol NUMBER, or go on with it."""
    open_office(migrate=False)
    from copyhold.errors import NotFound
    from copyhold.inspection.models import Patrol
    from copyhold.inspection.services import run_patrol

    found = Patrol.objects.select_related("target").filter(number=number).first()
    if found is None:
        raise NotFound("There is no patrol {number}.", number=number)

    def say(done: int, known: int, what: str) -> None:
        click.echo(f"{done}/{known} {what}")

    run_patrol(found, progress=None if quiet else say)
    if not quiet:
        click.echo(f"{found.number}: {found.state} {found.summary}")
