"""Addresses that nobody has: which are, which never are, and what sampled contacts to them show."""

import itertools
from collections.abc import Iterable
from ipaddress import IPv4Network

import pytest

from detectors.address import packed
from detectors.alert import Alert
from detectors.dark.range import MOST_ADDRESSES, Range
from detectors.dark.space import DAY_MS, DarkSpace
from detectors.engine import Engine
from detectors.flow import Has

from . import flows as f

NET = Range(IPv4Network("10.77.0.0/24"), used=(IPv4Network("10.77.0.200/29"),), ends=3)
LIVE = tuple(range(100))  # hosts that were seen


def space(*ranges: Range, forget_days: int = 45) -> DarkSpace:
    """Ranges of which somebody vouches."""
    made = DarkSpace(ranges or (NET,), forget_days)
    made.ready([True] * len(ranges or (NET,)))
    return made


def inhabited() -> DarkSpace:
    """Hosts of LIVE are known, the others are not there."""
    made = space()
    made.inhabited([int.from_bytes(packed(f.ip_of(host))[12:]) for host in LIVE], f.START_MS)
    return made


def strongest(found: Iterable[Alert]) -> str:
    """The response an episode ended with."""
    order = ("none", "recommend", "approve", "auto")
    return max((alert.response for alert in found), key=order.index, default="none")


def swept(
    dark: DarkSpace, targets: Iterable[int], *, rate: int | None = 64, gap_ms: int = 1000, src: int = 1
) -> list[Alert]:
    """A sampled sweep of a port that fan-out alone finds late."""
    rows = [f.tcp(n * gap_ms, src, target, dport=8443, rate=rate) for n, target in enumerate(targets)]
    return f.alerts(rows, to=f.engine(dark=dark, observers=[dark]))


def test_nothing_is_dark_before_somebody_vouches() -> None:
    """And nothing after it was taken back."""
    made = DarkSpace((NET,), 45)
    assert None is made(packed("10.77.0.50"))
    made.ready([True])
    assert made(packed("10.77.0.50"))
    made.ready([False])
    assert None is made(packed("10.77.0.50"))


@pytest.mark.parametrize(
    "address",
    [
        "10.77.0.0",
        "10.77.0.255",
        "10.77.0.3",
        "10.77.0.252",
        "10.77.0.203",
        "10.77.1.9",
        "224.0.0.1",
        "fd00::9",
        "::10.77.0.9",
    ],
)
def test_what_is_never_dark(address: str) -> None:
    """Networks, broadcasts, the ends where routers live, used addresses, other networks, groups, IPv6."""
    assert None is space()(packed(address))


def test_broadcasts_inside_a_wide_range() -> None:
    """A range of several /24s may be several networks."""
    made = space(Range(IPv4Network("10.77.0.0/22")))
    assert [None, None, True] == [made(packed(ip)) for ip in ("10.77.1.255", "10.77.2.0", "10.77.2.1")]


def test_one_packet_makes_an_address_known() -> None:
    """A lease given anew, a machine that wakes: it is there at once. A request that names it as target says nothing."""
    made = space()
    made.take(f.batch_of([f.arp(0, 49, 60)]))
    assert [False, True] == [made(packed(f.ip_of(host))) for host in (49, 60)]


def test_an_answer_within_a_record_makes_an_address_known() -> None:
    """Who answered is there; who did not is not."""
    made = space()
    more = {"has": Has.PORTS | Has.REVERSE, "proto": 6}
    made.take(f.batch_of([f.row(0, 1, 60, reverse_packets=3, **more), f.row(0, 1, 61, reverse_packets=0, **more)]))
    assert [False, True] == [made(packed(f.ip_of(host))) for host in (60, 61)]


def test_who_was_not_seen_for_long_is_forgotten() -> None:
    """On the last day it is known, on the next one it is not there."""
    made, seen = space(forget_days=2), packed(f.ip_of(49))
    made.inhabited([int.from_bytes(seen[12:])], f.START_MS)
    made.inhabited([], f.START_MS + 2 * DAY_MS)
    assert made(seen) is False
    made.inhabited([], f.START_MS + 3 * DAY_MS)
    assert made(seen) is True


def test_what_was_seen_is_kept() -> None:
    """A new space that learns it knows the same; what is no longer in its ranges is left out."""
    state = inhabited().state()
    other = DarkSpace((Range(IPv4Network("10.77.0.0/26"), ends=0),), 45)
    other.learn(state)
    other.ready([True])
    assert len(LIVE) == len(state["src"])
    assert [False, None] == [other(packed(ip)) for ip in ("10.77.0.60", "10.77.0.110")]


def test_how_many_are_dark() -> None:
    """Of 248 addresses that may be, 97 of the seen ones and 8 used ones are not."""
    assert 248 - 97 - 8 == inhabited().dark


@pytest.mark.parametrize("prefixes", [("10.0.0.0/11",), ("10.77.0.0/24", "10.77.0.64/26")])
def test_ranges_that_cannot_be(prefixes: tuple[str, ...]) -> None:
    """Too many addresses, or one in two ranges."""
    assert 1 << 21 > MOST_ADDRESSES
    with pytest.raises(ValueError, match=r"more than|overlap"):
        space(*(Range(IPv4Network(prefix)) for prefix in prefixes))


def test_a_sampled_sweep_of_dark_addresses() -> None:
    """Five on any port are a sweep; the flows say why. Without an inventory nothing is said of so few."""
    alert = f.first_of(swept(inhabited(), range(150, 156))).to_json()
    assert (f.ip_of(1), "sweep", "recommend") == (alert["src_ip"], alert["detector"], alert["response"])
    assert "addresses that nobody has" in alert["explanation"]["en"]
    assert "无人使用地址" in alert["explanation"]["zh"]
    assert {"dark"} == {flow["outcome"] for finding in alert["findings"] for flow in finding["proof"]}
    assert [] == swept(DarkSpace((NET,), 45), range(150, 156))


def test_a_slow_sampled_sweep() -> None:
    """Ten minutes between two: no window is so long."""
    assert swept(inhabited(), range(120, 132), gap_ms=600_000)


def test_dark_addresses_alone_never_act() -> None:
    """A person decides about many; nothing acts, however many there are."""
    assert "approve" == strongest(swept(inhabited(), range(120, 180)))


def test_unknown_sampling_asks_for_nothing() -> None:
    """It may be shown."""
    assert "recommend" == strongest(swept(inhabited(), range(120, 180), rate=None))


def test_known_addresses_between_are_successes() -> None:
    """A server that finds one stale entry in two is no scanner, however long it goes on."""
    targets = itertools.chain.from_iterable(zip(range(20, 40), range(120, 140), strict=True))
    assert [] == swept(inhabited(), targets, gap_ms=60_000)


def test_targets_that_others_try_too_are_away() -> None:
    """Four machines with the same stale list: no approval is asked for."""
    dark = inhabited()
    rows = [
        f.tcp(n * 1000 + src, src, target, dport=8443, rate=64)
        for n, target in enumerate(range(120, 130))
        for src in (1, 2, 3, 4)
    ]
    assert "recommend" == strongest(f.alerts(rows, to=f.engine(dark=dark, observers=[dark])))


def test_unsampled_contacts_are_not_looked_up() -> None:
    """Their answer comes, or does not: an address that was just lent answers."""

    def never(_address: bytes) -> bool:
        raise AssertionError

    running: Engine = f.engine(dark=never)
    assert f.alerts((f.tcp(n * 100, 1, 150 + n) for n in range(8)), to=running)
    assert 0 == running.counts.dark


def test_it_is_counted() -> None:
    """Each contact that went into the dark."""
    dark = inhabited()
    running = f.engine(dark=dark, observers=[dark])
    f.alerts([f.tcp(n * 1000, 1, 150 + n, rate=64) for n in range(6)], to=running)
    assert 6 == running.counts.dark


def test_a_dark_address_has_no_ports_to_scan() -> None:
    """Many sampled ports of one dark address are no failed ports: nothing acts."""
    dark = inhabited()
    rows = [f.tcp(n * 20_000, 1, 150, dport=1000 + n, rate=64) for n in range(40)]
    assert "auto" != strongest(f.alerts(rows, to=f.engine(dark=dark, observers=[dark])))
