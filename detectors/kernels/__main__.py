"""Compile the watch now (`python -m detectors.kernels`), so that the first start does not have to."""

from detectors.fastwatch import warm

if __name__ == "__main__":
    warm()
