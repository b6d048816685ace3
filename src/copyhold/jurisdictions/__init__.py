"""Jurisdictions: law packs. Classes, numbers, forms, fees, calendars, clocks, articles, thresholds: data with dates.

A pack knows no office's records and no clock of its own: the caller passes the day. It announces nothing.
"""

from copyhold.jurisdictions.loader import load, load_version, versions

__all__ = ["load", "load_version", "versions"]
