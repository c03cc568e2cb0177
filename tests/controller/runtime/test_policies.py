"""The policy of a site in the service: no policy costs nothing; with one, violations are alerts on the bus."""

import json
from pathlib import Path

from controller.bus.codec import encode
from controller.bus.port import ALERTS
from controller.core.clock import ManualClock, SystemClock
from controller.core.sites import Site, SwitchEntry, SwitchFile
from controller.core.tables import ArpRow, FdbRow, Neighbour, PortRow
from controller.inventory.config import InventoryConfig
from controller.inventory.inventory import Inventory
from controller.runtime import policies
from controller.runtime.catalog import load_catalog
from controller.runtime.kinds import InventoryKinds
from controller.runtime.publish import FlowPublisher
from controller.runtime.replay import batches_of
from controller.runtime.services import Services
from controller.runtime.settings import DetectionConfig, load_settings
from detectors.address import INTERNAL, Networks, packed
from detectors.policy.days import DayCounts
from detectors.policy.observer import PolicyCounts
from playbooks.plan import PortRef, PortState

PATIENCE_S = 60.0
BROTHER, NOBODY = "00:80:77:11:22:33", "02:00:00:00:00:01"
POLICY = """
rules:
  - {name: nobody shares files, services: [445/tcp], action: deny, response: recommend}
"""


def test_without_a_policy_there_is_no_observer() -> None:
    """Nothing is looked at; the counters are there and stand at zero."""
    none = policies.of_site(DetectionConfig(), load_catalog(), Networks(INTERNAL), {}, {}.get)
    assert [] == none
    assert (PolicyCounts(), DayCounts()) == (policies.counts(none), policies.day_counts(none))


def test_the_service_holds_flows_against_it(tmp_path: Path, sample_flows: Path) -> None:
    """A recording of the lab on the bus: who used SMB is told with the rule, as often as the replay tells it."""
    (tmp_path / "switches.yaml").write_text("sites: []\nswitches: []\n", encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "cordon.yaml").write_text("data_dir: data\ndetection: {policy: policy.yaml}\n", encoding="utf-8")
    services, clock = Services(load_settings(tmp_path / "cordon.yaml", {})), SystemClock()
    publisher, rows = FlowPublisher(services.bus, encode, writer="test"), 0
    for batch in batches_of(sample_flows / "benign_office.pcap"):
        publisher(batch)
        rows += len(batch)
    publisher.close()
    services.start(("detect",))
    deadline = clock.monotonic_s() + PATIENCE_S
    while services.counters["detect"]().rows < rows and clock.monotonic_s() < deadline:
        clock.sleep(0.01)
    services.stop()  # rows are counted before they are looked at: the turn ends first
    assert services.counters["policy"]().shown >= 1
    assert services.counters["policy_edges"]().new >= services.counters["policy"]().shown
    consumer = services.bus.consumer([ALERTS], "test")
    found = [json.loads(message.payload) for message in consumer.poll(2000)]
    consumer.close()
    said = [alert for alert in found if alert["detector"] == "policy"]
    assert said
    assert {"recommend"} == {alert["response"] for alert in said}
    assert all("rule 'nobody shares files'" in alert["explanation"]["en"] for alert in said)


class Tables:
    """A switch that knows two addresses."""

    def ports(self) -> tuple[PortRow, ...]:
        """Not needed here."""
        return ()

    def fdb(self) -> tuple[FdbRow, ...]:
        """Not needed here."""
        return ()

    def arp(self) -> tuple[ArpRow, ...]:
        """A printer, and a machine that hides its maker."""
        return ArpRow("10.0.0.1", BROTHER, None), ArpRow("10.0.0.2", NOBODY, None)

    def neighbours(self) -> tuple[Neighbour, ...]:
        """Not needed here."""
        return ()

    def port_state(self, port: PortRef) -> PortState:
        """Not asked here."""
        raise AssertionError(port)


def test_kinds_are_guessed_from_the_inventory() -> None:
    """After a refresh; who hides has no kind."""
    file = SwitchFile(sites=(Site(name="s"),), switches=(SwitchEntry(name="sw1", site="s", address="192.0.2.1"),))
    inventory = Inventory(file, lambda _name: Tables(), InventoryConfig(), ManualClock())
    kinds = InventoryKinds(inventory)
    inventory.refresh()
    assert None is kinds(packed("10.0.0.1"))
    kinds.refresh()
    assert ["printer", None] == [kinds(packed(ip)) for ip in ("10.0.0.1", "10.0.0.2")]
