"""Compile the kernels now (`python -m controller.collector.kernels`), so that the first start does not have to."""

from controller.collector import ReferenceDecoder

from . import KernelDecoder, warm_enter

if __name__ == "__main__":
    KernelDecoder(ReferenceDecoder())
    warm_enter()
