"""Inspection sources: one file each, with an instance SOURCE."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from copyhold.inspection.capture import Source
from copyhold.inspection.errors import BadTarget


@cache
def sources() -> dict[str, Source]:
    """Every source by its name."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    return {module.SOURCE.name: module.SOURCE for module in modules if hasattr(module, "SOURCE")}


def source(name: str) -> Source:
    try:
        return sources()[name]
    except KeyError:
        raise BadTarget(place=name, reason="there is no such kind of source") from None
