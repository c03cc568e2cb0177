"""Compile the kernels now (`python -m controller.collector.kernels`), so that the first start does not have to."""

from controller.collector import ReferenceDecoder

from . import KernelDecoder, warm_gather

if __name__ == "__main__":
    KernelDecoder(ReferenceDecoder())
    warm_gather()
