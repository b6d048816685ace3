"""The demonstration office: a fictional province that does the main job on real media, on this machine alone.

Parties, places and persons are invented. Pictures, recordings and English texts come from the packages iscc-samples
(CC BY 4.0) and scikit-image; the Chinese texts were written for Copyhold and stand beside this file.
"""
