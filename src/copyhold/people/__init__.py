"""Porter: who comes in, for whom, in which role, and what they may do.

Organisations, regions, accounts, memberships, mandates, and `may(actor, action, subject)`.
Never holds workflow. Announces nothing.
"""
