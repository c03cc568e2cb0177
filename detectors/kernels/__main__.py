"""Compile the watch and what observers need now (`python -m detectors.kernels`), so that the first start does not have to."""

import importlib

from detectors import fastwatch, observers
from detectors.anomaly import windows

if __name__ == "__main__":
    fastwatch.warm()
    observers.warm()
    windows.warm()
    importlib.import_module("detectors.dark.marking")  # compiled by that
