"""A FlowBatch as one Arrow IPC message, lz4 inside Arrow. Columns that a reader does not know are left out; ones that the
writer did not know are zero with their bit unset."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from controller.core.errors import CordonError
from detectors.flow import COLUMNS, SCHEMA_VERSION, Column, FlowBatch, concatenate, empty

PACKED = pa.ipc.IpcWriteOptions(compression="lz4")
FEW = 64  # rows up to which packing columns one by one takes longer than it saves


class UnreadableMessage(CordonError):
    """A message that is no flow batch, is damaged, or is of a schema newer than this program."""

    code = "unreadable-message"


def _type(column: Column) -> pa.DataType:
    return pa.binary(column.width) if column.width > 1 else pa.from_numpy_dtype(np.dtype(column.dtype))


TYPES = [_type(column) for column in COLUMNS]
SCHEMA = pa.schema(list(zip([column.name for column in COLUMNS], TYPES, strict=True)))
KINDS = [(column, kind, np.dtype(column.dtype)) for column, kind in zip(COLUMNS, TYPES, strict=True)]
# What a stream of one batch has before and behind it: flows that come by the dozen are not to wait for it to be made anew.
HEAD, END = SCHEMA.serialize().to_pybytes(), b"\xff\xff\xff\xff\0\0\0\0"


def encode(batch: FlowBatch, writer: str) -> tuple[bytes, dict[str, str]]:
    """Payload and headers of one message."""
    rows = len(batch)
    arrays = [_array(column, kind, dtype, batch, rows) for column, kind, dtype in KINDS]
    record_batch = pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
    headers = {"schema": str(SCHEMA_VERSION), "writer": writer}
    if rows <= FEW:
        return HEAD + record_batch.serialize().to_pybytes() + END, headers
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA, options=PACKED) as stream:
        stream.write_batch(record_batch)
    return sink.getvalue().to_pybytes(), headers


def decode(payload: bytes, headers: Mapping[str, str]) -> FlowBatch:
    """The batch of a message; UnreadableMessage, never anything else."""
    version = headers.get("schema", "")
    if not version.isdigit() or int(version) > SCHEMA_VERSION:
        raise UnreadableMessage(f"has schema {version or 'none'}, this program reads up to {SCHEMA_VERSION}")
    try:
        with pa.ipc.open_stream(payload) as stream:
            parts = [_columns(stream.schema, part) for part in stream if part.num_rows]
    except (pa.ArrowException, ValueError, OSError, TypeError) as error:
        raise UnreadableMessage(f"is no flow batch: {type(error).__name__}") from error
    return parts[0] if len(parts) == 1 else concatenate(parts)


def _array(column: Column, kind: pa.DataType, dtype: np.dtype, batch: FlowBatch, rows: int) -> pa.Array:
    values = np.ascontiguousarray(batch[column.name], dtype=dtype)
    if values.size != rows * column.width:
        raise ValueError(f"column {column.name} has {values.size} values for {rows} rows")
    return pa.Array.from_buffers(kind, rows, [None, pa.py_buffer(values)])


def _columns(schema: pa.Schema, part: pa.RecordBatch) -> FlowBatch:
    """Known columns of one record batch; those that its writer did not know are zero."""
    if schema.equals(SCHEMA):
        arrays, rows = zip(KINDS, part.columns, strict=True), part.num_rows
        return FlowBatch({kind[0].name: _values(kind[0], kind[2], array, rows) for kind, array in arrays})
    batch = empty(part.num_rows)
    for column, kind, dtype in KINDS:
        if column.name in schema.names:
            array = part.column(column.name)
            if array.type != kind:
                raise ValueError(column.name)
            batch.columns[column.name] = _values(column, dtype, array, part.num_rows)
    return batch


def _values(column: Column, dtype: np.dtype, array: pa.Array, rows: int) -> np.ndarray:
    """A copy, which can be written to. What is read from a message begins at the start of its buffer."""
    if array.null_count or array.offset:
        raise ValueError(column.name)
    flat = np.frombuffer(array.buffers()[1], dtype, rows * column.width).copy()
    return flat.reshape(rows, column.width) if column.width > 1 else flat
