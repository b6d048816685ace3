"""Recognises works: decode → fingerprint → index → candidates → alignment → match with its segments.

Never: opens the network or a database, keeps a clock, decides infringement.
Announces: `registry` (which media there are), `matching.identify`, `index` and `segments` (the two engines),
`extract` (what crosses the sandbox), `folder` (an index without an office).
"""
