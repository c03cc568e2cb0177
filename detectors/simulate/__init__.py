"""A hospital that never was: hosts, habits, troubles and attacks, seeded, as flow batches. Pure, like all of `detectors`.

It lives in this room because it is pure (numpy, no clock, no file) and speaks FlowBatch; the command line, the benchmark and
the tests all draw from it. What is assumed, and why, is in docs/evaluation.md.
"""
