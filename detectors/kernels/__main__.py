"""Compile the watch and what observers need now (`python -m detectors.kernels`), so that the first start does not have to."""

from detectors import fastwatch
from detectors.newpeer import fast

if __name__ == "__main__":
    fastwatch.warm()
    fast.warm()
