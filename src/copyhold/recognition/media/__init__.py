"""One medium, one module: `<medium>.py` holds one instance named RECOGNISER; `<medium>_<part>.py` are its parts.

`copyhold.recognition.registry` finds the modules at start and checks them; tests/recognition puts each through the
conformance suite, fed by `tests/recognition/samples/<medium>.py`.
"""
