"""First-seen administration: who logged on to whom, on which service, for the first time.

`edges.py` keeps every (source, target, service) that was ever answered, compiled (`fast.py`, `kernels/edging.py`) or plain
(`plain.py`); `observer.py` says what a new one means.
"""
