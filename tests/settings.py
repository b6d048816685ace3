"""Settings of the tests: a real PostgreSQL of their own, a home of their own, and everything else as in life.

The server is the embedded one, started for this run in a temporary folder; DATABASE_URL makes it another server.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="copyhold-tests-"))
HOME.chmod(0o755)  # the database runs as another user when the tests run as root
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
for name in [name for name in os.environ if name.startswith("COPYHOLD_")]:
    del os.environ[name]
os.environ["COPYHOLD_HOME"] = str(HOME)

if "DATABASE_URL" not in os.environ:
    from copyhold.core import postgres

    os.environ["DATABASE_URL"] = postgres.start(HOME / "database")
    atexit.register(postgres.stop, HOME / "database")

from copyhold.web.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # signing in a hundred times should be quick
