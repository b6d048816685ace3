"""`copyhold setup`: the database runs and its tables are up to date. Safe to call any number of times."""

from __future__ import annotations

import os

import click

from copyhold.core import postgres
from copyhold.web import config


def open_office(*, migrate: bool = True) -> None:
    """Make the office usable in this process: database started, Django set up, tables up to date."""
    from pathlib import Path

    home = Path(config.load().home).resolve()
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = postgres.start(home / "database")
    import django

    django.setup()
    if migrate:
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)


@click.command()
def setup() -> None:
    """Start the database and bring its tables up to date."""
    open_office()
    click.echo("The office is ready.")
