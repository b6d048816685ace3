"""Hall of evidence: records exhibits, seals them, keeps custody, verifies.

An exhibit is a signed manifest over files in the vault, its ledger entry and its log proof: a stranger can check it
offline. Never interprets what it keeps. Announces: exhibit.sealed.
"""
