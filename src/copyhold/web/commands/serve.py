"""`copyhold serve` and `copyhold worker`: the office at work until it is interrupted."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import click

from copyhold.errors import Unavailable, gettext_noop
from copyhold.web import config
from copyhold.web.commands.setup import open_office

if TYPE_CHECKING:
    from types import FrameType


class PortTaken(Unavailable):
    code = "serve.port_taken"
    message = gettext_noop(
        "Port {port} is in use. End what uses it, or choose another: COPYHOLD_PORT={other} make run. Nothing was lost."
    )


def need_free_port(port: int) -> None:
    """Say so before anything is started, not in a traceback afterwards."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise PortTaken(port=port, other=port + 1) from None


@click.command()
def serve() -> None:
    """Serve the office, with its workers, until interrupted."""
    port = int(config.load().port)
    need_free_port(port)
    open_office()
    run_until_interrupted(port)


def run_until_interrupted(port: int) -> None:
    """One web server and one worker beside it; both end with this process."""
    helper = subprocess.Popen([sys.executable, "-m", "copyhold", "worker"])
    server = subprocess.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning",
            "copyhold.web.wsgi:application",
        ]
    )  # fmt: skip
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        server.wait()
    except KeyboardInterrupt:
        click.echo("\nClosing the office. Everything is kept.")
    finally:
        for process in (server, helper):
            if process.poll() is None:
                process.terminate()
        for process in (server, helper):
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@click.command()
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64))
def worker(threads: int) -> None:
    """Work off queued jobs until interrupted."""
    if "DATABASE_URL" not in os.environ:
        open_office(migrate=False)
    else:
        import django

        django.setup()
    from copyhold.core.jobs import Worker

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Worker(concurrency=threads).run(stop)
