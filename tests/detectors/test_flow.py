"""FlowBatch, addresses and bounded tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.address import Networks, mac_number, mac_text, packed, text
from detectors.flow import COLUMNS, Has, concatenate, empty, from_rows
from detectors.state import BoundedTable


@given(st.ip_addresses())
def test_addresses_round_trip(address: object) -> None:
    """16 octets and back, IPv4 mapped."""
    if "." in str(address) and ":" in str(address):
        return
    assert 16 == len(packed(str(address)))
    assert str(address) == text(packed(str(address))) or text(packed(str(address))).count(".") == 3


@given(st.integers(0, 2**48 - 1))
def test_macs_round_trip(number: int) -> None:
    """A number and back, in every usual spelling."""
    plain = mac_text(number)
    assert number == mac_number(plain) == mac_number(plain.upper()) == mac_number(plain.replace(":", "-"))
    digits = plain.replace(":", "")
    assert number == mac_number(f"{digits[:4]}.{digits[4:8]}.{digits[8:]}")


@pytest.mark.parametrize("wrong", ["", "02:00", "zz:00:00:00:00:01", "02:00:00:00:00:00:01", "020000000001x"])
def test_what_is_no_mac(wrong: str) -> None:
    """A ValueError, not a guess."""
    with pytest.raises(ValueError):  # noqa: PT011 any of them
        mac_number(wrong)


def test_networks() -> None:
    """Prefixes of both families, and nothing beside them."""
    inside = Networks(("10.0.0.0/8", "2001:db8::/32"))
    assert packed("10.255.0.1") in inside
    assert packed("11.0.0.1") not in inside
    assert packed("2001:db8:1::1") in inside
    assert packed("2001:db9::1") not in inside


def test_rows_and_columns() -> None:
    """What is not given is zero with its bit unset; taking and joining keep every column."""
    batch = from_rows([{"has": int(Has.IN_IF), "in_if": 7}, {"has": 0, "src_addr": packed("10.0.0.1")}])
    assert [True, False] == batch.carries(Has.IN_IF).tolist()
    assert 7 == batch.row(0)["in_if"]
    both = concatenate([batch, empty(3), batch.take(np.array([1]))])
    assert (6, len(COLUMNS)) == (len(both), len(both.columns))
    assert packed("10.0.0.1") == both.row(5)["src_addr"]


@given(st.lists(st.integers(0, 50), max_size=300), st.integers(1, 20))
def test_a_bounded_table_never_grows(keys: list[int], most: int) -> None:
    """At most so many entries; every entry that left was counted; the newest is always there."""
    table: BoundedTable[int, int] = BoundedTable(most)
    made = 0
    for key in keys:
        made += table.peek(key) is None
        table.ensure(key, lambda: 1)
        assert len(table) <= most
        assert table.peek(key) == 1
    assert made == len(table) + table.evictions
