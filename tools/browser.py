"""Before the tests: is there a real browser? Debian's is installed when we may; else Playwright's own; else say how."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

HOW = """No Chromium was found, and none could be installed. The tests drive a real browser. Get one by
  apt-get install chromium          (Debian, Ubuntu), or
  .venv/bin/playwright install chromium
or leave the browser tests out, knowingly: make test BROWSER=none"""


def main() -> int:
    if os.environ.get("BROWSER") == "none":
        print("Browser tests are left out (BROWSER=none).")
        return 0
    if _found():
        return 0
    if os.getuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"]
        subprocess.run(install, check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    if not _found():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if _found():
        return 0
    print(HOW, file=sys.stderr)
    return 1


def _found() -> bool:
    from copyhold.guards.browser import find_chromium

    return find_chromium() is not None


if __name__ == "__main__":
    sys.exit(main())
