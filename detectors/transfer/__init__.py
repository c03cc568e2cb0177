"""Bulk copies: one machine hands much to many others within minutes, who did not get anything from it before.

`pushes.py` sums what clients send to services that take files, pair by pair, compiled (`fast.py`, `kernels/pushing.py`) or plain
(`plain.py`); `observer.py` says what many such pairs mean.
"""
