"""The simulated hospital: seeded, calibrated on what was measured in open captures, exact about where a packet is seen."""

import itertools

import numpy as np
import pytest

from detectors.flow import FlowBatch, Has, Version, concatenate
from detectors.simulate.connection import TCP, Connections, Outcome
from detectors.simulate.export import sample, sflow
from detectors.simulate.hospital import Hospital, span
from detectors.simulate.kinds import DEVELOPMENT_SEEDS, EVALUATION_SEEDS, Kind
from detectors.simulate.site import UPLINK
from detectors.simulate.trouble import ADMIN_PORTS
from detectors.simulate.wire import packets

SEED = DEVELOPMENT_SEEDS[3]
MORNING = [(1, 9), (1, 10)]


@pytest.fixture(scope="module")
def hospital() -> Hospital:
    """120 machines."""
    return Hospital.of(120, SEED)


@pytest.fixture(scope="module")
def rows(hospital: Hospital) -> FlowBatch:
    """Two busy hours, unsampled."""
    return concatenate(hospital.batches(iter(MORNING)))


def day_of(hospital: Hospital, day: int) -> Connections:
    """All connections of a day."""
    return np.concatenate([hospital.connections(day, hour) for hour in range(24)])


def test_seeds_are_apart() -> None:
    """What figures are published on is never what is looked at while tuning."""
    assert set() == set(DEVELOPMENT_SEEDS) & set(EVALUATION_SEEDS)


def test_the_same_seed_is_the_same_hospital(rows: FlowBatch) -> None:
    """Every column equal, in a hospital built anew; another seed is another hospital."""
    again = concatenate(Hospital.of(120, SEED).batches(iter(MORNING)))
    assert all(np.array_equal(rows[name], again[name]) for name in rows.columns)
    other = concatenate(Hospital.of(120, SEED + 1).batches(iter(MORNING)))
    assert len(other) != len(rows)


def test_rows_come_in_order_of_time(rows: FlowBatch) -> None:
    """Also across hours: what an hour began and the next one ends is sent then."""
    assert (np.diff(rows["received_ms"]) >= 0).all()


def test_a_flow_enters_at_its_own_port(hospital: Hospital, rows: FlowBatch) -> None:
    """At edge ports the MAC is that of the machine of the address; what the router sends on comes by uplinks only."""
    site = hospital.site
    at_edge = rows.take((rows["in_if"] < UPLINK) & rows.carries(Has.ADDRESSES))
    by_address = {site.address[host].tobytes(): host for host in site.machines()}
    router = site.mac[site.routers[0]]
    assert not (at_edge["src_mac"] == router).any()
    for index in range(0, len(at_edge), 997):
        row = at_edge.row(index)
        if row["arp_op"] == 1 and row["src_addr"] not in by_address:
            continue  # an ARP probe: 0.0.0.0
        host = by_address[row["src_addr"]]  # type: ignore[index]
        assert (int(site.mac[host]), int(site.port[host])) == (row["src_mac"], row["in_if"])


def test_dead_addresses_leave_only_arp(hospital: Hospital) -> None:
    """A contact to an unused address of one's own network is asked for by ARP, three times, and no packet follows."""
    site = hospital.site
    source = int(site.of(Kind.CLINICAL)[0])
    near = site.neighbourhood(source)
    dark = int(near[site.kind[near] == Kind.DARK][0])
    found = np.zeros(1, dtype=hospital.connections(0, 0).dtype)
    found["at_ms"], found["src"], found["dst"], found["proto"], found["dport"] = 10**12, source, dark, TCP, 445
    found["outcome"], found["out_packets"] = Outcome.SILENT, 1
    seen = packets(site, found)
    assert {0} == set(seen["proto"].tolist())
    assert 3 == (seen["port"] < UPLINK).sum()


def test_as_many_connections_as_were_measured(hospital: Hospital) -> None:
    """840 to 1,440 a host-day in the open office and domain captures, of which up to 3.2 % of first contacts failed."""
    found = day_of(hospital, 0)
    assert 700 <= len(found) / hospital.host_days(0) <= 2500
    tcp = found[(found["proto"] == TCP) & (hospital.site.kind[found["src"]] != Kind.SCANNER)]
    contact = np.stack([tcp["at_ms"] // 900_000, tcp["src"], tcp["dst"], tcp["dport"]])
    _, first = np.unique(contact, axis=1, return_index=True)
    assert 0.01 <= (tcp["outcome"][first] != Outcome.ANSWERED).mean() <= 0.035


def test_as_many_new_edges_as_were_measured() -> None:
    """1.0 first-seen edges on administration ports per host-day, learning on the first half (DECISIONS 22): 0.8 to 1.2."""
    hospital = Hospital.of(300, DEVELOPMENT_SEEDS[0])
    known: set[tuple[int, int, int]] = set()
    new = host_days = 0
    for day in range(10):
        found = day_of(hospital, day)
        admin = (found["proto"] == TCP) & np.isin(found["dport"], list(ADMIN_PORTS))
        admin &= (found["outcome"] == Outcome.ANSWERED) & (hospital.site.kind[found["src"]] != Kind.SCANNER)
        edges = set(zip(*(found[name][admin].tolist() for name in ("src", "dst", "dport")), strict=True))
        if day >= 5:
            new, host_days = new + len(edges - known), host_days + hospital.host_days(day)
        known |= edges
    assert 0.8 <= new / host_days <= 1.2


def test_the_night_is_quieter_and_so_is_sunday(hospital: Hospital) -> None:
    """Rhythm of day and week."""
    at_ten, at_three, on_sunday = (len(hospital.connections(*when)) for when in ((1, 10), (1, 3), (6, 10)))
    assert at_three < 0.6 * at_ten
    assert on_sunday < 0.8 * at_ten


@pytest.mark.parametrize("rate", [16, 256])
def test_sampling_draws_packets_one_by_one(hospital: Hospital, rate: int) -> None:
    """Packets seen at 1:N are a binomial draw of all; what is not seen is no row; the rate stands in every row."""
    all_packets = packets(hospital.site, hospital.connections(1, 10))
    drawn = sample(np.random.default_rng(1), all_packets, rate)
    expected = all_packets["packets"].sum() / rate
    assert abs(drawn["packets"].sum() - expected) < 5 * np.sqrt(expected)
    assert (drawn["packets"] > 0).all()
    batch = next(iter(hospital.batches(iter(MORNING[:1]), rate=rate)))
    assert {rate} == set(batch["sampling_rate"].tolist())


def test_records_of_a_flow_cache(hospital: Hospital) -> None:
    """NetFlow-like export: no ARP, no MAC, joined flags, times, and octets of whole flows."""
    found = concatenate(hospital.records(iter(MORNING)))
    assert {int(Version.V9)} == set(found["version"].tolist())
    assert not found.carries(Has.ARP).any()
    assert not found.carries(Has.SRC_MAC).any()
    assert (found["last_ms"] >= found["first_ms"]).all()
    assert (found["received_ms"] >= found["last_ms"]).all()
    assert 0x1B in found["tcp_flags"]


def test_what_is_declared_is_there(hospital: Hospital) -> None:
    """The monitoring server and the vulnerability scanner, and no others."""
    assert ["nms", "scanner"] == sorted(hospital.site.declared().values())


def test_whole_days_follow_each_other() -> None:
    """Two days are 48 hours in order."""
    hours = list(span(3, 2))
    assert ((3, 0), (4, 23), 48) == (hours[0], hours[-1], len(hours))
    assert all(a < b for a, b in itertools.pairwise(hours))


def test_a_closed_udp_port_is_unreachable(hospital: Hospital) -> None:
    """A machine without a firewall says so by ICMP type 3 code 3 (RFC 1122 section 3.2.2.1)."""
    found = np.zeros(1, dtype=hospital.connections(0, 0).dtype)
    source, target = int(hospital.site.of(Kind.CLINICAL)[0]), int(hospital.site.of(Kind.PUMP)[0])
    found["at_ms"], found["src"], found["dst"], found["proto"], found["dport"] = 10**12, source, target, 17, 161
    found["outcome"], found["out_packets"] = Outcome.REFUSED, 1
    rows = sflow(hospital.site, packets(hospital.site, found), 1)
    back = rows.take((rows["proto"] == 1) & (rows["in_if"] < UPLINK))
    assert [(3, 3)] == list(zip(back["icmp_type"].tolist(), back["icmp_code"].tolist(), strict=True))
    assert hospital.site.address[target].tobytes() == back["src_addr"][0].tobytes()


def test_who_lives_where_is_known(hospital: Hospital) -> None:
    """As an inventory would say it: machines and routers are there, the other addresses of their networks are nobody's."""
    site = hospital.site
    dark = site.dark()
    assert {False} == {dark[site.address[host].tobytes()] for host in site.machines()}
    assert {True} == {dark[site.address[host].tobytes()] for host in site.of(Kind.DARK)}
    assert {False} == {dark[site.address[host].tobytes()] for host in site.of(Kind.ROUTER)}
    assert all(dark.get(site.address[host].tobytes()) is None for host in site.of(Kind.OUTSIDE, Kind.GROUP))
