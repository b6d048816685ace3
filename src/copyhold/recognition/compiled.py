"""The one decorator of the numeric loops: compiled once per machine, cached, free of the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Machine code for `function` (numba nopython); the same results on every machine: no fast-math, no threads."""
    return cast("Function", numba.njit(cache=True, nogil=True)(function))
