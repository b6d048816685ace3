"""Secrets of the house that are made once and kept in files: Django's signing key, the office key."""

import os
import secrets
from pathlib import Path


def kept_secret(path: Path, length: int = 32) -> str:
    """A random text made once and kept with mode 0600: linked into place, so two first starts agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(length))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
