"""Office of enforcement: clues of any origin, cases with their legal clocks, notices, decisions.

Every step has its clock from the law pack, its document and its act. Never edits evidence.
Announces: clue.received, case.filed, notice.served.
"""
