"""Ground floor: the ledger of acts, the vault of blobs, jobs, the clock, lifecycle tables.

Never speaks of works or cases, and never imports a room above it.
Announces nothing of its own; carries everyone's announcements upward as jobs in the announcer's transaction.
"""
