"""Anomaly: a machine that behaves unlike this site's machines used to. Alert-only, always.

`windows.py` counts what a machine does in five minutes (compiled in `counting.py`, plain in `plain.py`), `features.py` makes
features of the counts, `model.py` is the trained forest as plain arrays, `train.py` trains it with scikit-learn, `observer.py`
says what stands out. Nothing is counted where the site has no model.
"""
