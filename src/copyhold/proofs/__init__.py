"""Proofs: canonical bytes, digests, Merkle arithmetic, signed notes, credentials, and offline verification.

It never keeps state, opens a network or a database, or reads a clock: facts and bytes in, proofs and verdicts out.
It announces nothing. `copyhold verify` (cli.py) is its face to a stranger.
"""
