"""Addresses that nobody has, as the service learns them: from routers that are read for long enough, and no further."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from controller.bus.codec import encode
from controller.bus.port import ALERTS
from controller.core.clock import ManualClock, SystemClock
from controller.core.errors import ConfigError, CordonError
from controller.core.sites import Site, SwitchEntry, SwitchFile
from controller.core.tables import ArpRow, FdbRow, Neighbour, PortRow
from controller.inventory.config import InventoryConfig
from controller.inventory.inventory import Inventory
from controller.runtime.check import check_everything
from controller.runtime.dark import InventoryDark
from controller.runtime.publish import FlowPublisher
from controller.runtime.services import Services
from controller.runtime.settings import load_settings
from controller.runtime.vouching import Vouching
from detectors.address import packed
from detectors.flow import FlowBatch
from playbooks.facts import NeighbourKind
from playbooks.plan import PortRef, PortState
from tests.detectors import flows

PATIENCE_S = 60.0
DAY_S, STEP_S = 86_400, 240
MAC, NOBODY = "02:00:00:00:00:09", "00:00:00:00:00:00"
FILE = SwitchFile(sites=(Site(name="s"),), switches=(SwitchEntry(name="core", site="s", address="10.77.0.20"),))
LEARNED = "{networks: [{prefix: 10.77.0.0/24, gateways: [core]}], learn_days: 1}"


class Router:
    """A switch whose ARP table the test writes; it may not answer at all."""

    def __init__(self) -> None:
        self.hosts: Sequence[str] = [f"10.77.0.{n}" for n in range(30, 40)]
        self.is_dead = False

    def ports(self) -> tuple[PortRow, ...]:
        """Not needed here."""
        return ()

    def fdb(self) -> tuple[FdbRow, ...]:
        """Not needed here."""
        return ()

    def arp(self) -> tuple[ArpRow, ...]:
        """Its hosts, an IPv6 neighbour, and one that was asked for and did not answer."""
        if self.is_dead:
            raise CordonError("no answer", where="core")
        rows = [ArpRow(ip, MAC, 1) for ip in self.hosts]
        return (*rows, ArpRow("fd00::1", MAC, 1), ArpRow("10.77.0.99", NOBODY, 1))

    def neighbours(self) -> tuple[Neighbour, ...]:
        """A switch that names its management address."""
        return (Neighbour(1, "sw", "1", NeighbourKind.SWITCH, addresses=("10.77.0.21", "fd00::2")),)

    def port_state(self, port: PortRef) -> PortState:
        """Not asked here."""
        raise AssertionError(port)


class Ward:
    """An inventory, and what is dark by it."""

    def __init__(self, tmp_path: Path, dark: str = LEARNED) -> None:
        (tmp_path / "cordon.yaml").write_text(
            f"detection: {{dark: {dark}, hosts: {{nms: [10.77.0.22]}}}}\n", encoding="utf-8"
        )
        self.settings = load_settings(tmp_path / "cordon.yaml", {})
        self.router, self.clock = Router(), ManualClock()
        self.inventory = Inventory(FILE, lambda _name: self.router, InventoryConfig(), self.clock)
        self.dark = InventoryDark(self.settings.detection, self.inventory, FILE, self.clock)

    def go_on(self, seconds: float) -> None:
        """Time passes, and all are read and looked at again and again."""
        for _ in range(int(seconds / STEP_S)):
            self.clock.advance(STEP_S)
            self.inventory.refresh()
            self.dark.refresh()
            self.dark.turn()

    def is_dark(self, host: int) -> bool | None:
        """What the engine is told."""
        return self.dark.space(packed(f"10.77.0.{host}"))


def test_a_network_has_to_be_read_for_so_long(tmp_path: Path) -> None:
    """A day, here: nothing is dark before, and then what nobody answered for."""
    site = Ward(tmp_path)
    site.go_on(DAY_S - 2 * STEP_S)
    assert [None, False] == [site.is_dark(host) for host in (50, 35)]
    site.go_on(4 * STEP_S)
    assert [True, True, False] == [site.is_dark(host) for host in (50, 99, 35)]
    assert (2, 360) == (site.dark.counts.vouched, site.dark.counts.doubted)


def test_whom_others_name_is_there(tmp_path: Path) -> None:
    """Switches by their management address, declared hosts, neighbours."""
    site = Ward(tmp_path)
    site.go_on(DAY_S + 2 * STEP_S)
    assert [False] * 3 == [site.is_dark(host) for host in (20, 21, 22)]


def test_a_new_lease_is_known_at_once(tmp_path: Path) -> None:
    """By an entry, or by a packet of its own before anybody was read."""
    site = Ward(tmp_path)
    site.go_on(DAY_S + 2 * STEP_S)
    site.router.hosts = [*site.router.hosts, "10.77.0.60"]
    site.go_on(STEP_S)
    site.dark.space.take(flows.batch_of([flows.tcp(0, 60, 1)]))  # 10.77.0.61
    assert [False, False, True] == [site.is_dark(host) for host in (60, 61, 62)]


def test_a_router_that_does_not_answer(tmp_path: Path) -> None:
    """Nothing is dark while it is silent, nor after that until it was read for as long again."""
    site = Ward(tmp_path)
    site.go_on(DAY_S + 2 * STEP_S)
    site.router.is_dead = True
    site.go_on(3600)
    assert None is site.is_dark(50)
    site.router.is_dead = False
    site.go_on(3600 - 2 * STEP_S)
    assert None is site.is_dark(50)
    site.go_on(4 * STEP_S)
    assert True is site.is_dark(50)
    assert [] == site.dark.warnings()


def test_a_table_that_was_cut_short(tmp_path: Path) -> None:
    """Two hosts of ten: nothing is dark. Who was seen before is known still."""
    site = Ward(tmp_path)
    site.go_on(DAY_S + 2 * STEP_S)
    site.router.hosts = site.router.hosts[:2]
    site.go_on(STEP_S)
    assert [None, False] == [site.is_dark(host) for host in (50, 39)]
    assert [
        "detection.dark: 10.77.0.0/24: its gateways are not read, or know too few hosts: nothing there counts as dark"
    ] == (site.dark.warnings())


def test_no_look_comes_any_more(tmp_path: Path) -> None:
    """The loop hangs: what it said last does not hold for ever."""
    site = Ward(tmp_path)
    site.go_on(DAY_S + 2 * STEP_S)
    site.clock.advance(301)
    site.dark.turn()
    assert (None, 1) == (site.is_dark(50), site.dark.counts.given_up)


def test_a_restart(tmp_path: Path) -> None:
    """What was learned is kept; the time in between is owed, and nothing is dark before the next reading."""
    site = Ward(tmp_path)
    site.go_on(DAY_S + 2 * STEP_S)
    site.router.hosts = site.router.hosts[:9]  # one is asleep
    again = InventoryDark(site.settings.detection, site.inventory, FILE, site.clock)
    again.learn(site.dark.state())
    site.dark = again
    assert [None, False] == [site.is_dark(host) for host in (50, 39)]
    site.go_on(STEP_S)
    assert [True, False] == [site.is_dark(host) for host in (50, 39)]


def test_time_that_was_missed_is_owed() -> None:
    """No more than all there is to learn; who declares it complete owes nothing."""
    one = Vouching(learn_ms=10_000, stale_ms=1_000, owed_ms=0, noted_ms=1_000, most=4.0)
    assert not one.note(read_ms=50_000, hosts=4, now_ms=50_000)
    assert 10_000 == one.owed_ms
    complete = Vouching(learn_ms=0, stale_ms=1_000, owed_ms=0, noted_ms=1_000, most=0.0)
    assert complete.note(read_ms=50_000, hosts=1, now_ms=50_000)
    assert not complete.note(read_ms=50_000, hosts=1, now_ms=60_000)


@pytest.mark.parametrize(
    ("dark", "said"),
    [
        ("{networks: [{prefix: 'fd00::/64', complete: true}]}", "IPv6"),
        ("{networks: [{prefix: 10.1.0.0/24}]}", "gateways"),
        ("{networks: [{prefix: 10.1.0.0/24, complete: true}, {prefix: 10.1.0.64/26, complete: true}]}", "overlap"),
        ("{networks: [{prefix: 10.0.0.0/8, complete: true}]}", "more than"),
        ("{networks: [{prefix: 10.1.0.0/24, gateways: [nobody]}]}", "there is no switch nobody"),
    ],
)
def test_what_is_refused(tmp_path: Path, dark: str, said: str) -> None:
    """With the key and a sentence."""
    (tmp_path / "switches.yaml").write_text("sites: []\nswitches: []\n", encoding="utf-8")
    (tmp_path / "cordon.yaml").write_text(f"detection:\n  dark: {dark}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"detection\.dark") as error:
        check_everything(tmp_path / "cordon.yaml")
    assert said in str(error.value)


def test_the_service_asks(tmp_path: Path) -> None:
    """Sampled contacts to addresses of a network where nobody lives: an alert that names them, and does not act."""
    (tmp_path / "switches.yaml").write_text("sites: []\nswitches: []\n", encoding="utf-8")
    dark = "{networks: [{prefix: 10.77.1.0/24, complete: true}]}"
    (tmp_path / "cordon.yaml").write_text(f"data_dir: data\ndetection: {{dark: {dark}}}\n", encoding="utf-8")
    services, clock = Services(load_settings(tmp_path / "cordon.yaml", {})), SystemClock()
    services.start(("detect",))
    _until(lambda: services.counters["dark"]().looks, clock)
    publisher = FlowPublisher(services.bus, encode, writer="test")
    publisher(_sweep(range(300, 320)))
    publisher.close()
    _until(lambda: services.counters["detect"]().rows == 20, clock)
    services.stop()
    assert 20 == services.counters["engine"]().dark
    consumer = services.bus.consumer([ALERTS], "test")
    found = [json.loads(message.payload) for message in consumer.poll(2000)]
    consumer.close()
    assert {("sweep", flows.ip_of(1))} == {(alert["detector"], alert["src_ip"]) for alert in found}
    assert {"recommend", "approve"} == {alert["response"] for alert in found}
    assert "addresses that nobody has" in found[0]["explanation"]["en"]
    assert (tmp_path / "data" / "dark.npz").exists()


def _sweep(hosts: Sequence[int]) -> FlowBatch:
    return flows.batch_of([flows.tcp(n * 1000, 1, host, dport=8443, rate=64) for n, host in enumerate(hosts)])


def _until(holds: object, clock: SystemClock) -> None:
    deadline = clock.monotonic_s() + PATIENCE_S
    while not holds() and clock.monotonic_s() < deadline:  # type: ignore[operator]
        clock.sleep(0.01)
