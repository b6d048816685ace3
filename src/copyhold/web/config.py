"""Every knob of the house, typed, in one place. docs/developers/settings.md lists them; a test keeps it true.

A variable that starts with COPYHOLD_ and is not here stops the start: a misspelt setting must not pass silently.
Algorithm constants are code, never settings.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields

from copyhold.errors import BadInput
from copyhold.guards.sandbox import default_cache_dir

PREFIX = "COPYHOLD_"


class BadSetting(BadInput):
    code = "setting.bad"


def knob(default: str, doc: str) -> str:
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True)
class Config:
    """Values as given in the environment; `load` reads them, settings.py interprets them."""

    home: str = knob("var", "Folder for everything the office writes: database, vault, keys, index.")
    port: str = knob("8000", "Port of the web server, on loopback.")
    public_url: str = knob("", "Address printed in QR codes and letters; empty: http://127.0.0.1:<port>.")
    origin: str = knob("copyhold.example/log", "Name of the public log, first line of its checkpoints.")
    law_pack: str = knob("cn", "Law pack of this office.")
    language: str = knob("zh-hans", "Language for a visitor whose browser asks for neither Chinese nor English.")
    time_zone: str = knob("Asia/Shanghai", "The office's time zone.")
    vault: str = knob("", "Where blobs are kept: file:///folder or s3://bucket; empty: <home>/vault.")
    secret_key: str = knob("", "Django's signing key; empty: made once and kept in <home>/keys.")
    debug: str = knob("", "1 shows tracebacks in the browser; for development only.")
    allowed_hosts: str = knob("127.0.0.1,localhost", "Host names the web server answers to, comma-separated.")
    egress_hosts: str = knob(
        "", "name=ip:port,… : names that patrols may reach although not global. Demonstrations only."
    )
    chromium: str = knob("", "Path of the Chromium that renders pages needing JavaScript; empty: found by itself.")
    trusted_key: str = knob("", "Verification key that `copyhold verify` compares with.")


ENVIRONMENT_OUTSIDE = {"DATABASE_URL"}  # the one variable without prefix, by custom of the field


def load(environ: dict[str, str] | None = None) -> Config:
    """Read the environment; BadSetting names the first unknown variable."""
    env = dict(os.environ if environ is None else environ)
    known = {PREFIX + f.name.upper(): f.name for f in fields(Config)}
    for name in env:
        if name.startswith(PREFIX) and name not in known:
            raise BadSetting("{name} is not a setting of Copyhold. See docs/developers/settings.md.", name=name)
    return Config(**{attribute: env[name] for name, attribute in known.items() if name in env})


def share_compiled_code() -> None:
    """Numeric loops are compiled once per machine: this process keeps them where the sandbox's workers find them too."""
    os.environ.setdefault("NUMBA_CACHE_DIR", str(default_cache_dir()))


def pairs(text: str) -> dict[str, tuple[str, int]]:
    """`name=ip:port,…` → {name: (ip, port)}."""
    found = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, place = item.partition("=")
        ip, _, port = place.rpartition(":")
        if not (name and ip and port.isdigit()):
            raise BadSetting("COPYHOLD_EGRESS_HOSTS: write {item} as name=ip:port.", item=item)
        found[name.lower()] = (ip, int(port))
    return found
