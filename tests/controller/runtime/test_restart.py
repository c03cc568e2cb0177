"""A detector that begins anew has the scores it had, and tells nothing twice."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from controller.bus.codec import decode, encode
from controller.bus.config import BusConfig
from controller.bus.connect import open_bus
from controller.bus.port import ALERTS, Bus
from controller.core.clock import ManualClock, SystemClock
from controller.runtime.baseline import SAVE_MS
from controller.runtime.catalog import load_catalog
from controller.runtime.detect import DetectWorker
from controller.runtime.learning import LearningObservers
from controller.runtime.publish import FlowPublisher
from detectors.address import INTERNAL, Networks
from detectors.engine import Engine
from detectors.observers import policy
from detectors.policy.groups import Groups
from detectors.policy.mapping import matrix_of
from tests.detectors import flows as f
from tests.detectors.behaviour import ATTACKER, portscan
from tests.detectors.policy.sites import STRANGER, with_rules

CATALOG, NETWORKS = load_catalog(), Networks(INTERNAL)
RULE = {"name": "alone", "from": "pumps", "action": "deny", "services": ["8080/tcp"], "response": "approve"}
HOUR = 3_600_000


class Detector:
    """What services.py wires: worker, engine, policy, and the files that are kept."""

    def __init__(
        self,
        bus: Bus,
        folder: Path,
        clock: ManualClock,
        *,
        roles: dict[bytes, str] | None = None,
        lookback_ms: int = 0,
    ) -> None:
        matrix = matrix_of(with_rules(RULE))
        told = policy(CATALOG, NETWORKS, matrix, Groups(matrix.groups), slow=True)
        self.kept = LearningObservers(CATALOG, NETWORKS, roles or {}, folder, clock)
        self.engine = Engine(CATALOG, internal=NETWORKS, host_roles=roles, observers=[told], slow=True)
        self.kept.keep("risk", self.engine.risk)
        self.kept.keep("policy", told)
        self.worker = DetectWorker(
            bus, self.engine, lambda m: decode(m.payload, m.headers), writer="detector", lookback_ms=lookback_ms
        )

    def run(self) -> None:
        """Until nothing comes any more."""
        before = -1
        while before != (before := self.worker.counts.messages) or not before:
            self.worker.turn()
            self.kept.turn(self.worker.settle)

    def stop(self) -> None:
        """As the service stops."""
        self.worker.settle()
        self.kept.save()
        self.worker.close()


@pytest.fixture
def clock() -> ManualClock:
    """Stands where the tests' flows begin."""
    return ManualClock(f.START_MS)


@pytest.fixture
def bus(tmp_path: Path) -> Bus:
    """An embedded one; its readers wait for real."""
    return open_bus("embedded", tmp_path, SystemClock(), BusConfig(partitions=1))


def publish(bus: Bus, rows: list[f.Row]) -> None:
    """As the collector does."""
    publisher = FlowPublisher(bus, encode, writer="test")
    publisher(f.batch_of(rows))
    publisher.close()


def alerts(bus: Bus, group: str) -> list[dict[str, Any]]:
    """All that are on the bus."""
    consumer = bus.consumer([ALERTS], group)
    found = [json.loads(message.payload) for message in consumer.poll(0)]
    consumer.close()
    return found


def violation(at_ms: int, target: int = STRANGER) -> list[f.Row]:
    """What the rule denies, and a moment later something harmless, so that time passes."""
    return [*f.answered(at_ms, ATTACKER, target, dport=8080), *f.answered(at_ms + 9_000, 700, 701, dport=80)]


def test_the_score_is_there_after_a_restart(tmp_path: Path, bus: Bus, clock: ManualClock) -> None:
    """A port scan; an hour and a restart later the same machine breaks a rule: the scan still counts in its score."""
    first = Detector(bus, tmp_path, clock)
    publish(bus, portscan())
    first.run()
    first.stop()
    clock.sleep(3600)
    again = Detector(bus, tmp_path, clock)
    publish(bus, violation(HOUR))
    again.run()
    found = alerts(bus, "look")[-1]
    parts = {part["detector"]: part for part in found["risk"]["parts"]}
    assert ("policy", {"policy", "portscan"}) == (found["detector"], set(parts))
    assert found["risk"]["score"] > sum(part["points"] for name, part in parts.items() if name == "policy")
    again.stop()


def test_the_same_as_without_the_restart(tmp_path: Path, bus: Bus, clock: ManualClock) -> None:
    """Score and parts, to the tenth."""
    rows = [portscan(), violation(HOUR)]
    alone = f.engine(observers=[])
    for part in rows:
        alone.feed(f.batch_of(part))
    first = Detector(bus, tmp_path, clock)
    publish(bus, rows[0])
    first.run()
    first.stop()
    clock.sleep(3600)
    again = Detector(bus, tmp_path, clock)
    key, at_ms = (f.packed(f.ip_of(ATTACKER)), 0), f.START_MS + HOUR
    expected, found = (e._correlation.ledger.assess(key, at_ms) for e in (alone, again.engine))
    assert expected == found
    assert found.score > 50
    again.stop()


def test_a_crash_loses_what_was_not_saved_and_the_look_back_finds_it_again(
    tmp_path: Path, bus: Bus, clock: ManualClock
) -> None:
    """The file is older than the scan; its flows are read again, under the same id."""
    first = Detector(bus, tmp_path, clock)
    publish(bus, portscan())
    first.run()
    first.worker.close()  # no save
    again = Detector(bus, tmp_path, clock, lookback_ms=600_000)
    publish(bus, violation(20_000))
    again.run()
    found = alerts(bus, "look")
    assert 1 == len({alert["alert_id"] for alert in found})
    assert {"portscan", "policy"} == {part["detector"] for part in found[-1]["risk"]["parts"]}
    again.stop()


def test_a_role_that_was_declared_meanwhile_holds_for_what_was_kept(
    tmp_path: Path, bus: Bus, clock: ManualClock
) -> None:
    """The machine is a monitoring server: its scan is held against it no longer."""
    first = Detector(bus, tmp_path, clock)
    publish(bus, portscan())
    first.run()
    first.stop()
    again = Detector(bus, tmp_path, clock, roles={f.packed(f.ip_of(ATTACKER)): "nms"})
    assert [] == list(again.engine._correlation.ledger.items())
    again.stop()


def test_a_rule_is_told_once_a_day_though_the_detector_begins_anew(
    tmp_path: Path, bus: Bus, clock: ManualClock
) -> None:
    """The same violation hours later: no second alert, so no second request."""
    first = Detector(bus, tmp_path, clock)
    publish(bus, violation(0))
    first.run()
    first.stop()
    clock.sleep(3600)
    again = Detector(bus, tmp_path, clock)
    publish(bus, violation(HOUR, STRANGER + 1))
    again.run()
    again.stop()
    assert 1 == len({alert["alert_id"] for alert in alerts(bus, "look")})


@pytest.mark.parametrize("stops", [False, True])
def test_what_waits_is_said_before_it_is_kept(tmp_path: Path, bus: Bus, clock: ManualClock, stops: bool) -> None:
    """A violation in the very last row: on the bus when files are saved, and when the service stops."""
    running = Detector(bus, tmp_path, clock)
    publish(bus, f.answered(0, ATTACKER, STRANGER, dport=8080))
    running.run()
    assert [] == alerts(bus, "before")
    if not stops:
        clock.sleep(SAVE_MS / 1000)
        running.kept.turn(running.worker.settle)
        assert [f.ip_of(ATTACKER)] == [alert["src_ip"] for alert in alerts(bus, "after")]
    running.stop()
    assert [f.ip_of(ATTACKER)] == [alert["src_ip"] for alert in alerts(bus, "end")]


def test_a_file_that_holds_no_scores_is_refused() -> None:
    """With the reason; BaselineFile sets it aside."""
    with pytest.raises(ValueError, match="points"):
        f.engine().risk.learn({"points": np.array([np.nan])})
    with pytest.raises(KeyError):
        f.engine().risk.learn({"points": np.zeros(0)})


def test_nobody_was_accused() -> None:
    """There is nothing to keep, and nothing is taken."""
    state = f.engine().risk.state()
    f.engine().risk.learn(state)
    assert 0 == len(state["src"])
