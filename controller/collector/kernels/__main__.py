"""Compile the kernels now (`python -m controller.collector.kernels`), so that the first start does not have to."""

from controller.collector import ReferenceDecoder

from .decoder import KernelDecoder

if __name__ == "__main__":
    KernelDecoder(ReferenceDecoder())
