"""Brings up worker processes quickly: Django is set up once, then each worker is forked.

One command a line, one answer a line: `hire` → its pid; `poll PID` → its exit code or `alive`; `wait PID` → its exit
code. A worker killed by signal 9 has the exit code -9. SIGTERM lets a worker finish what it holds.
"""

import os
import signal
import sys
import threading

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "office_settings"
django.setup()

import office_jobs  # noqa: E402, F401 - declares the jobs

from copyhold.core.jobs import Worker  # noqa: E402


def serve() -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    Worker(concurrency=2, lease_s=1.5, heartbeat_s=0.4, poll_s=0.2).run(stop)


def hire() -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            serve()
            code = 0
        finally:
            os._exit(code)
    return pid


for line in sys.stdin:
    command, *pid = line.split()
    if command == "hire":
        answer = str(hire())
    else:
        found, status = os.waitpid(int(pid[0]), os.WNOHANG if command == "poll" else 0)
        answer = str(os.waitstatus_to_exitcode(status)) if found else "alive"
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()
