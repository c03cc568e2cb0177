"""A FlowBatch as one Arrow IPC message, lz4 inside Arrow. Columns that a reader does not know are left out; ones that the
writer did not know are zero with their bit unset."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from controller.core.errors import CordonError
from detectors.flow import COLUMNS, SCHEMA_VERSION, Column, FlowBatch, empty

OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


class UnreadableMessage(CordonError):
    """A message that is no flow batch, is damaged, or is of a schema newer than this program."""

    code = "unreadable-message"


def _type(column: Column) -> pa.DataType:
    return pa.binary(column.width) if column.width > 1 else pa.from_numpy_dtype(np.dtype(column.dtype))


SCHEMA = pa.schema([(column.name, _type(column)) for column in COLUMNS])


def encode(batch: FlowBatch, writer: str) -> tuple[bytes, dict[str, str]]:
    """Payload and headers of one message."""
    arrays = [_array(column, batch) for column in COLUMNS]
    record_batch = pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA, options=OPTIONS) as stream:
        stream.write_batch(record_batch)
    return sink.getvalue().to_pybytes(), {"schema": str(SCHEMA_VERSION), "writer": writer}


def decode(payload: bytes, headers: Mapping[str, str]) -> FlowBatch:
    """The batch of a message; UnreadableMessage, never anything else."""
    version = headers.get("schema", "")
    if not version.isdigit() or int(version) > SCHEMA_VERSION:
        raise UnreadableMessage(f"has schema {version or 'none'}, this program reads up to {SCHEMA_VERSION}")
    try:
        table = pa.ipc.open_stream(payload).read_all().combine_chunks()
        batch = empty(table.num_rows)
        for column in COLUMNS:
            if column.name in table.column_names and table.num_rows:
                batch.columns[column.name] = _numpy(column, table.column(column.name))
    except (pa.ArrowException, ValueError, OSError, TypeError) as error:
        raise UnreadableMessage(f"is no flow batch: {type(error).__name__}") from error
    return batch


def _array(column: Column, batch: FlowBatch) -> pa.Array:
    values = np.ascontiguousarray(batch[column.name])
    if column.width > 1:
        buffers = [None, pa.py_buffer(values.tobytes())]
        return pa.Array.from_buffers(pa.binary(column.width), len(batch), buffers)
    return pa.array(values)


def _numpy(column: Column, chunked: pa.ChunkedArray) -> np.ndarray:
    array = chunked.chunk(0)
    if array.type != _type(column):
        raise ValueError(column.name)
    if column.width > 1:
        size, start = column.width * len(array), array.offset * column.width
        raw = np.frombuffer(array.buffers()[1], dtype=np.uint8, count=size, offset=start)
        return raw.reshape(len(array), column.width).copy()
    return array.to_numpy(zero_copy_only=False).copy()  # type: ignore[no-any-return]
