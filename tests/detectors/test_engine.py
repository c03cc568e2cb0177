"""The engine: the same alerts whatever the batches, bounded memory, one alert an episode."""

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.collector import Capture, ReferenceDecoder
from controller.runtime.catalog import load_catalog
from detectors.address import INTERNAL, Networks
from detectors.engine import Engine
from detectors.flow import FlowBatch, concatenate

from . import flows as f

RECORDINGS = ("attack_nmap_connect445", "attack_nmap_syn_sweep", "benign_office")


@pytest.fixture(scope="module")
def recordings(sample_flows: Path) -> dict[str, FlowBatch]:
    """Real rows, each recording as one batch."""
    decoder = ReferenceDecoder()
    return {name: decoder.decode(list(Capture(sample_flows / f"{name}.pcap"))).batch for name in RECORDINGS}


def ids(batches: list[FlowBatch]) -> set[str]:
    """Ids of the alerts of a recording fed in these batches."""
    running = Engine(load_catalog(), internal=Networks(INTERNAL))
    found = [alert for batch in batches for alert in running.feed(batch)]
    last_ms = max(int(batch["received_ms"].max()) for batch in batches if len(batch))
    return {alert.alert_id for alert in [*found, *running.flush(last_ms + 5000)]}


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("size", [1, 7, 100, 5000])
def test_batch_sizes_change_nothing(recordings: dict[str, FlowBatch], name: str, size: int) -> None:
    """Any way of cutting the same rows into batches gives the same alert ids."""
    whole = recordings[name]
    indexes = f.np.arange(len(whole))
    parts = [whole.take(indexes[start : start + size]) for start in range(0, len(whole), size)]
    assert ids([whole]) == ids(parts)


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_replay_gives_the_same_ids(recordings: dict[str, FlowBatch], name: str) -> None:
    """Ids follow from what was seen, not from when it was looked at."""
    assert ids([recordings[name]]) == ids([recordings[name]])


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_reordering_changes_nothing(recordings: dict[str, FlowBatch], name: str, seed: int) -> None:
    """One row in a hundred moved a few places: the same alert ids."""
    whole, chance = recordings[name], random.Random(seed)
    order = list(range(len(whole)))
    for _ in range(len(order) // 100):
        place = chance.randrange(len(order) - 20)
        order.insert(place + chance.randint(1, 15), order.pop(place))
    assert ids([whole]) == ids([whole.take(f.np.array(order))])


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 400), max_size=8))
def test_any_cuts(recordings: dict[str, FlowBatch], cuts: list[int]) -> None:
    """Empty batches and odd cuts included."""
    whole = recordings["attack_nmap_connect445"]
    edges = sorted({0, len(whole), *(min(c, len(whole)) for c in cuts)})
    parts = [whole.take(f.np.arange(a, b)) for a, b in itertools.pairwise(edges)]
    assert len(whole) == len(concatenate(parts))
    assert ids([whole]) == ids(parts)


def test_one_alert_for_one_episode() -> None:
    """A scan that goes on raises no second alert; one that comes back after the quiet does."""
    first = [f.tcp(n * 100, 1, 100 + n) for n in range(200)]
    assert 1 == len({alert.alert_id for alert in f.alerts(first)})
    later = [f.tcp(3_600_000 + n * 100, 1, 100 + n) for n in range(30)]
    assert 2 == len({alert.alert_id for alert in f.alerts([*first, *later])})


def test_two_attackers_are_two_alerts() -> None:
    """Each is named with its own port."""
    rows = [f.tcp(n * 100 + who, who, 100 + n) for n in range(30) for who in (1, 2)]
    found = {(a.to_json()["src_ip"], a.to_json()["in_if"]) for a in f.alerts(rows)}
    assert {(f.ip_of(1), 101), (f.ip_of(2), 102)} == found


@pytest.mark.parametrize("slow", [True, False])
def test_memory_is_bounded_under_a_wide_sweep(slow: bool) -> None:
    """Fifty hosts sweep a /16: contacts stay at their limit, what is forgotten is counted, all fifty are found."""
    data = f.shipped()
    data["engine"] |= {"most_pairs": 4096, "most_contacts": 64}
    running = Engine(f.load(data), internal=Networks(INTERNAL), slow=slow)
    found = set()
    for start in range(0, 1000, 100):
        rows = [f.tcp(n * 10 + who, who, 200 + n) for n in range(start, start + 100) for who in range(50)]
        found |= {alert.alert_id for alert in running.feed(f.batch_of(rows))}
    assert 50 == len(found)
    assert all(len(source.contacts) <= 64 for key in running._sources if (source := running._sources.peek(key)))
    assert running.counts.evicted_contacts > 40_000


@pytest.mark.parametrize("slow", [True, False])
def test_more_sources_than_fit_are_evicted_and_counted(slow: bool) -> None:
    """Forged source addresses cannot fill the memory."""
    data = f.shipped()
    data["engine"]["most_sources"] = 100
    running = Engine(f.load(data), internal=Networks(INTERNAL), slow=slow)
    running.feed(f.batch_of([f.tcp(n, n, n + 1) for n in range(1, 1001)]))
    assert 900 == running.counts.evicted_sources


def test_two_machines_with_one_address_are_two_alerts() -> None:
    """Networks of two sites may overlap: the same address with two MACs at two ports is two endpoints."""
    rows = []
    for who in (1, 2):
        rows += [f.tcp(n * 100 + who, 1, 100 + n, src_mac=f.mac_of(500 + who), in_if=200 + who) for n in range(30)]
    found = {(a.alert_id, a.to_json()["in_if"]) for a in f.alerts(rows)}
    assert {201, 202} == {port for _, port in found}
    assert 2 == len({alert_id for alert_id, _ in found})


@pytest.mark.parametrize("slow", [True, False])
def test_suspicion_ends(slow: bool) -> None:
    """Who looked suspicious and was answered from then on is looked at no more; a scan after that is found."""
    away = [f.tcp(n * 100, 1, 100 + n, dport=8080) for n in range(4)]
    well = [row for n in range(20) for row in f.answered(60_000 * (n + 1), 1, 200 + n, dport=8080)]
    scan = [f.tcp(1_300_000 + n * 100, 1, 300 + n) for n in range(12)]
    running = f.engine(slow=slow)
    assert [] == f.alerts([*away, *well], to=running)
    assert 0 == len(running._sources)
    assert f.first_of(f.alerts(scan, to=running)).to_json()["target_count"] <= 10


def test_what_nobody_has_room_for_is_counted() -> None:
    """A source with more contacts than are kept: what was forgotten is told, and so are its bursts and its evidence."""
    data = f.shipped()
    data["engine"]["most_contacts"] = 8
    data["sweep"]["fanout"] = {name: {"targets": 1000, "window_s": 60} for name in data["sweep"]["fanout"]}
    running = Engine(f.load(data), internal=Networks(INTERNAL))
    f.alerts((row for n in range(40) for row in f.answered(n * 20, 1, 100 + n, dport=7680)), to=running)
    assert running.counts.forgotten_contacts > 0
    (source,) = (running._sources.peek(key) for key in running._sources)
    assert source is not None
    assert max(len(kept) for kept in (source.contacts, source.recent, source.ports, source.judged)) <= 8
