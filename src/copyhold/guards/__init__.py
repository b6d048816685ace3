"""The two dangerous doors: `sandbox` parses untrusted bytes, `egress` fetches untrusted addresses (`recorder`,
`robots`,
`browser` belong to it).

Never trusts a byte, never knows what a work or a case is, never keeps a result. Announces nothing; it answers or
raises.
"""
