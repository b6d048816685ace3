"""Copyhold: the copyright office in one program. Start reading at ARCHITECTURE.md."""

__version__ = "0.1.0"
