"""The command `copyhold`: one thin door to every room. Commands load their room only when called."""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module

import click

from copyhold import __version__
from copyhold.errors import CopyholdError
from copyhold.web import config

COMMANDS = {
    "index": ("copyhold.recognition.cli:index", "Recognise files against a folder; no office, no database."),
    "selftest": ("copyhold.recognition.cli:selftest", "Check that the recognisers give the fingerprints they must."),
    "verify": ("copyhold.proofs.cli:verify", "Check a certificate or an exhibit, offline."),
    "inspect": ("copyhold.web.commands.inspect:inspect", "Inspect a site, folder, list or WARC against the register."),
    "patrol": ("copyhold.web.commands.patrol:patrol", "Run or resume one patrol."),
    "serve": ("copyhold.web.commands.serve:serve", "Serve the office, with its workers, until interrupted."),
    "worker": ("copyhold.web.commands.serve:worker", "Work off queued jobs until interrupted."),
    "setup": ("copyhold.web.commands.setup:setup", "Start the database and bring its tables up to date."),
    "demo": ("copyhold.web.commands.demo:demo", "Open a demonstration office and do the main job on real media."),
    "check": ("copyhold.web.commands.check:check", "Health of the house: database, vault, ledger, index, sandbox."),
}


class Rooms(click.Group):
    """Loads a command's module when the command is called, so that `--help` stays quick."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Rooms, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="copyhold")
@click.pass_context
def copyhold(ctx: click.Context) -> None:
    """Copyhold: the copyright office in one program."""
    ctx.ensure_object(dict)
    ctx.obj["extract"] = _sandboxed_extract


def _sandboxed_extract(data: bytes, **arguments: object) -> bytes:
    """Untrusted files are read behind the guards, also on the command line."""
    from copyhold.reference.reading import extract

    return extract(data, **arguments)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "copyhold.web.settings")
    config.share_compiled_code()
    try:
        code = copyhold(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _complain("interrupted; what was finished is kept.")
        sys.exit(130)
    except Exception as error:
        if not (message := _in_words(error)):
            raise
        _complain(message)
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)


def _complain(message: str) -> None:
    click.echo(f"copyhold: {message}", err=True)


def _in_words(error: Exception) -> str:
    """What a person can do about it; empty for what only a developer can mend."""
    if isinstance(error, CopyholdError):
        return str(error)
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES}:
        where = f" ({error.filename})" if error.filename else ""
        return (
            f"{error.strerror}{where}. What was finished is kept; make room, or choose another folder with "
            "COPYHOLD_HOME, and run the command again."
        )
    if _is_lost_database(error):
        return (
            f"the database cannot be reached: {str(error).strip()} What was finished is kept; see that the disk has "
            "room and that the server runs, and run the command again."
        )
    return ""


def _is_lost_database(error: Exception) -> bool:
    if "django.db" not in sys.modules:
        return False
    from django.db import InterfaceError, OperationalError

    return isinstance(error, (InterfaceError, OperationalError))
