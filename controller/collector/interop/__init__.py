"""Flows that other programs collected: goflow2's protobuf, nfdump's csv. Streams in, lists of FlowBatch rows out."""

from .rows import BATCH_ROWS, Damaged

__all__ = ["BATCH_ROWS", "Damaged"]
