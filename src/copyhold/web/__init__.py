"""Roof: one face. Pages, REST API, commands, settings.

Speaks HTTP and the command line, and decides nothing: a rule found here is in the wrong room.
"""
