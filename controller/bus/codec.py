"""A FlowBatch as one Arrow IPC message, lz4 inside Arrow. Columns that a reader does not know are left out; ones that the
writer did not know are zero with their bit unset."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from controller.core.errors import CordonError
from detectors.flow import COLUMNS, SCHEMA_VERSION, Column, FlowBatch, concatenate, empty

PACKED, PLAIN = pa.ipc.IpcWriteOptions(compression="lz4"), pa.ipc.IpcWriteOptions()
FEW = 64  # rows up to which packing columns one by one takes longer than it saves


class UnreadableMessage(CordonError):
    """A message that is no flow batch, is damaged, or is of a schema newer than this program."""

    code = "unreadable-message"


def _type(column: Column) -> pa.DataType:
    return pa.binary(column.width) if column.width > 1 else pa.from_numpy_dtype(np.dtype(column.dtype))


TYPES = [_type(column) for column in COLUMNS]
SCHEMA = pa.schema(list(zip([column.name for column in COLUMNS], TYPES, strict=True)))


def encode(batch: FlowBatch, writer: str) -> tuple[bytes, dict[str, str]]:
    """Payload and headers of one message."""
    arrays = [_array(column, batch) for column in COLUMNS]
    record_batch = pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA, options=PLAIN if len(batch) <= FEW else PACKED) as stream:
        stream.write_batch(record_batch)
    return sink.getvalue().to_pybytes(), {"schema": str(SCHEMA_VERSION), "writer": writer}


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


def _array(column: Column, batch: FlowBatch) -> pa.Array:
    values = np.ascontiguousarray(batch[column.name])
    if column.width > 1:
        buffers = [None, pa.py_buffer(values.tobytes())]
        return pa.Array.from_buffers(pa.binary(column.width), len(batch), buffers)
    return pa.array(values)


def _columns(schema: pa.Schema, part: pa.RecordBatch) -> FlowBatch:
    """Known columns of one record batch; those that its writer did not know are zero."""
    if schema.equals(SCHEMA):
        arrays = zip(COLUMNS, TYPES, part.columns, strict=True)
        return FlowBatch({column.name: _numpy(column, kind, array) for column, kind, array in arrays})
    batch = empty(part.num_rows)
    for column, kind in zip(COLUMNS, TYPES, strict=True):
        if column.name in schema.names:
            batch.columns[column.name] = _numpy(column, kind, part.column(column.name))
    return batch


def _numpy(column: Column, kind: pa.DataType, array: pa.Array) -> np.ndarray:
    if array.type != kind or array.null_count:
        raise ValueError(column.name)
    size, start = column.width * len(array), array.offset * column.width
    flat = np.frombuffer(
        array.buffers()[1], dtype=column.dtype, count=size, offset=start * np.dtype(column.dtype).itemsize
    )
    return (flat.reshape(len(array), column.width) if column.width > 1 else flat).copy()
