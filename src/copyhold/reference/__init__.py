"""Hall of reference: fingerprints of registered works, and the answer to "what is this?".

Fingerprints every deposit through the sandbox, keeps the live index, identifies media and explains the likeness.
Never decides infringement. Announces: deposit.fingerprinted.
"""
