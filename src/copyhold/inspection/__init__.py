"""Office of inspection: targets, patrols, sightings, the licence check, findings.

Goes out through the guards, obeys robots and rate, keeps a WARC, resumes after a kill, and shows a person what it
found. Never punishes, and never calls a likeness an infringement. Announces: finding.confirmed, patrol.finished.
"""
