"""Flow batches on the bus: every column and bit comes back; what is no batch is a typed error."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.bus.codec import FEW, SCHEMA, UnreadableMessage, decode, encode
from controller.collector import Capture, ReferenceDecoder
from detectors.flow import FlowBatch, empty


@pytest.fixture(scope="module")
def batch(sample_flows: Path) -> FlowBatch:
    """A few hundred real rows."""
    return ReferenceDecoder().decode(list(Capture(sample_flows / "attack_nmap_connect445.pcap"))[:200]).batch


def test_round_trip(batch: FlowBatch) -> None:
    """Every column comes back bit by bit, the validity mask included."""
    payload, headers = encode(batch, "w1")
    back = decode(payload, headers)
    assert len(batch) == len(back) > 100
    for name, column in batch.columns.items():
        np.testing.assert_array_equal(column, back[name], err_msg=name)
    assert "w1" == headers["writer"]


@pytest.mark.parametrize("rows", [1, FEW, FEW + 1])
def test_it_is_an_arrow_stream(batch: FlowBatch, rows: int) -> None:
    """Few rows are written without Arrow's own writer of streams; any reader of such streams takes both."""
    payload, _ = encode(batch.take(np.arange(rows)), "w")
    with pa.ipc.open_stream(payload) as stream:
        assert SCHEMA == stream.schema
        assert [rows] == [part.num_rows for part in stream]


def test_columns_of_different_lengths_are_refused(batch: FlowBatch) -> None:
    """They are an error of whoever made them, and never become rows."""
    broken = batch.take(np.arange(5))
    broken.columns["vlan"] = broken.columns["vlan"][:3]
    with pytest.raises(ValueError, match="vlan has 3 values for 5 rows"):
        encode(broken, "w")


def test_empty_batch() -> None:
    """No rows is a batch too."""
    assert 0 == len(decode(*encode(empty(0), "w")))


@pytest.mark.parametrize("headers", [{}, {"schema": "999"}, {"schema": "x"}])
def test_unknown_schema_is_a_typed_error(batch: FlowBatch, headers: dict[str, str]) -> None:
    """A message of a newer program, or of none, is refused and not guessed at."""
    with pytest.raises(UnreadableMessage, match="schema"):
        decode(encode(batch, "w")[0], headers)


@settings(max_examples=200, deadline=None)
@given(junk=st.binary(max_size=300))
def test_junk_is_a_typed_error(junk: bytes) -> None:
    """No octets make it raise anything else."""
    with pytest.raises(UnreadableMessage):
        decode(junk, {"schema": "1"})


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_damaged_message_never_crashes(batch: FlowBatch, data: st.DataObject) -> None:
    """A flipped bit gives a typed error or a batch of the same form, nothing else."""
    payload, headers = encode(batch.take(np.arange(20)), "w")
    content = bytearray(payload)
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        back = decode(bytes(content), headers)
    except UnreadableMessage:
        return
    assert set(batch.columns) == set(back.columns)
