"""Which number is the port: by setting, or by the switch's own tables; what is not proven is not believed."""

from collections.abc import Callable

import pytest

from controller.collector import ReferenceDecoder
from controller.collector.config import CollectorConfig
from controller.collector.datagram import arrivals_of
from controller.collector.ledger import Ledger
from controller.collector.portbook import PortBook, SwitchPorts
from controller.collector.refine import Refiner
from detectors.address import packed
from detectors.flow import FlowBatch, Has

from . import datagrams as d

# Ports as Open vSwitch numbers them: OpenFlow ports in any order, ifIndexes as the kernel gave them. Uplink: port 5, ifIndex 2.
BRIDGE = {1: 4, 2: 6, 3: 5, 5: 2}
MACS = {0x02_00_00_00_00_10 + port: ifindex for port, ifindex in BRIDGE.items()}
ADDRESSES = {packed(f"10.0.0.{port}"): ifindex for port, ifindex in BRIDGE.items()}
BOOK = PortBook({packed(d.AGENT): SwitchPorts(frozenset({2, 4, 5, 6}), BRIDGE, MACS, ADDRESSES)})


def sample(port: int, *, in_if: int, source: int = 4) -> bytes:
    """A packet of the machine at OpenFlow port `port`."""
    frame = d.frame(0x0800, d.ipv4(d.tcp(), src=f"10.0.0.{port}"), src=f"{0x02_00_00_00_00_10 + port:012x}")
    return d.sflow(d.flow_sample(d.raw_header(frame), in_if=in_if, source=source))


def refined(payloads: list[bytes], book: PortBook | None = BOOK, **interfaces: object) -> FlowBatch:
    """The rows of the last payload, after all of them came."""
    ledger, decoder = Ledger(64), ReferenceDecoder()
    refiner = Refiner(CollectorConfig.model_validate({"interfaces": interfaces.get("rules", {})}), ledger)
    refiner.interfaces.book = book
    batch = FlowBatch({})
    for payload in payloads:
        arrivals = arrivals_of([d.datagram(payload)])
        decoded = decoder.decode(arrivals)
        batch = refiner(decoded.batch, decoded.dgram, ledger.note(arrivals, decoded))
    return batch


def ports(batch: FlowBatch) -> list[tuple[int | None, bool]]:
    """(in_if or None, proven) of each row."""
    return [
        (int(row["in_if"]) if row["has"] & Has.IN_IF else None, bool(row["has"] & Has.PORT_PROVEN))  # type: ignore[operator]
        for row in batch.rows()
    ]


def v5(port: int, in_if: int) -> bytes:
    """A v5 row of the machine at that port: no MAC, but an address."""
    return d.netflow5(d.row5(src=f"10.0.0.{port}", in_if=in_if))


def often(make: Callable[[int], bytes]) -> list[bytes]:
    """Thirty datagrams of three machines in turn."""
    return [make((1, 2, 5)[n % 3]) for n in range(30)]


def test_v5_by_itself_is_never_proven() -> None:
    """Nothing known of the switch: the number is left as it came, and not marked."""
    assert [(1, False)] == ports(refined([v5(1, 1)], None))


def test_openflow_ports_are_found_out() -> None:
    """v5 of Open vSwitch: the numbers are bridge ports by the addresses' own ports, and become ifIndexes."""
    assert [(2, True)] == ports(refined(often(lambda p: v5(p, p))))


def test_ifindexes_are_found_out() -> None:
    """v5 of an exporter that says the ifIndex."""
    assert [(2, True)] == ports(refined(often(lambda p: v5(p, BRIDGE[p]))))


def test_an_exporter_of_both_directions_is_not_proven() -> None:
    """softflowd names the same interface in both directions: half of its rows contradict the tables."""
    assert [(4, False)] == ports(refined([*often(lambda p: v5(p, 4)), v5(1, 4)]))


def test_one_port_alone_proves_nothing() -> None:
    """With sources at one port only any number may be right by chance."""
    assert [(1, False)] == ports(refined([v5(1, 1)] * 60))


@pytest.mark.parametrize("rule", ["bridge-port", "openflow-port"])
def test_a_setting_says_bridge_ports(rule: str) -> None:
    """Mapped from the first row on; a port that the switch does not have is taken away."""
    assert [(4, True)] == ports(refined([v5(1, 1)], rules={d.AGENT: rule}))
    assert [(None, False)] == ports(refined([v5(1, 77)], rules={d.AGENT: rule}))
    assert [(None, False)] == ports(refined([v5(1, 1)], None, rules={d.AGENT: rule}))


def test_a_setting_for_each_version() -> None:
    """Open vSwitch sends ifIndexes in sFlow and OpenFlow ports in v5, from one address."""
    rules = {d.AGENT: {"5": "openflow-port", "sflow5": "ifindex"}}
    assert [(4, True)] == ports(refined([sample(1, in_if=4), v5(1, 1)], rules=rules))
    assert [(4, False)] == ports(refined([v5(1, 1), sample(1, in_if=4)], rules=rules))


def test_a_setting_says_ifindex() -> None:
    """Believed where the tables do not contradict it: another port of that MAC, or no such port."""
    rules = {d.AGENT: "ifindex"}
    assert [(4, True)] == ports(refined([v5(1, 4)], rules=rules))
    assert [(4, True)] == ports(refined([v5(1, 4)], None, rules=rules))
    assert [(6, False)] == ports(refined([v5(1, 6)], rules=rules))
    assert [(9, False)] == ports(refined([v5(99, 9)], rules=rules))


def test_numbers_that_mean_nothing() -> None:
    """A setting takes them away, also of sFlow."""
    assert [(None, False)] == ports(refined([sample(1, in_if=4)], rules={d.AGENT: "none"}))


def test_sflow_is_left_as_it_is() -> None:
    """sFlow says ifIndexes: it is believed without a mark, and costs nothing."""
    assert [(4, False)] == ports(refined([sample(1, in_if=4)]))
    assert [(2, False)] == ports(refined(often(lambda p: sample(p, in_if=BRIDGE[p]))))


def test_sflow_that_contradicts_the_tables() -> None:
    """An agent whose numbers are never where its sources are: they are taken away."""
    assert [(None, False)] == ports(refined(often(lambda p: sample(p, in_if=700 + p))))


@pytest.mark.parametrize("empty", [0, 0x3FFFFFFF])
@pytest.mark.parametrize("rules", [{}, {d.AGENT: "data-source"}])
def test_the_port_only_in_the_data_source(empty: int, rules: dict[str, str]) -> None:
    """hsflowd: input empty, data source = ifIndex, both directions: only what the source's own port proves is the port."""
    assert [(4, True)] == ports(refined([sample(1, in_if=empty, source=4)], rules=rules))
    answer = ports(refined([sample(2, in_if=empty, source=4)], rules=rules))
    assert [(empty if not rules else None, False)] == answer


def test_another_switch_with_the_same_numbers() -> None:
    """Tables of one switch say nothing about another."""
    other = PortBook({packed("192.0.2.77"): SwitchPorts(frozenset({4}), BRIDGE, MACS, ADDRESSES)})
    assert [(1, False)] == ports(refined([v5(1, 1)] * 3, other))
