"""One machine is asked for, tables are read when they must be, and what switches tell by themselves counts at once."""

import threading
from typing import Any

from controller.core.clock import ManualClock
from controller.core.errors import Unreachable
from controller.core.sites import ProtectedAsset, Site, SwitchEntry, SwitchFile
from controller.core.tables import ArpRow, FdbRow, MacEvent, Neighbour, PortEvent, PortRow
from controller.inventory import Inventory, InventoryConfig
from controller.switches.driver import Glance
from playbooks.facts import Location, NeighbourKind, Refusal, Verdict
from playbooks.plan import Admin, Oper, PortRef, PortState
from playbooks.request import Target

PC, IP = "02:00:00:00:00:01", "10.0.0.1"
NEW = "02:00:00:00:00:09"


def learned(mac: str, number: int) -> FdbRow:
    """A learned MAC."""
    return FdbRow(mac, 10, number, f"ge{number}", Verdict.PORT, bridge_port=number)


class Source:
    """A switch that can be asked for one machine; it counts how often its tables are read."""

    def __init__(self) -> None:
        self.rows: tuple[FdbRow, ...] = (learned(PC, 1),)
        self.reads = self.questions = 0
        self.tells = True
        self.down = False
        self.during: Any = None
        self.heard: tuple[Neighbour, ...] = ()

    def ports(self) -> tuple[PortRow, ...]:
        """Four access ports."""
        return tuple(PortRow(n, f"ge{n}", "", 6, Admin.UP, Oper.UP, pvid=10, bridge_port=n) for n in range(1, 5))

    def fdb(self) -> tuple[FdbRow, ...]:
        """The whole table."""
        if self.down:
            raise Unreachable("no answer")
        self.reads += 1
        rows = self.rows
        if self.during:
            self.during()
        return rows

    def arp(self) -> tuple[ArpRow, ...]:
        """One binding."""
        return (ArpRow(IP, PC, None),)

    def neighbours(self) -> tuple[Neighbour, ...]:
        """Nobody, unless set."""
        return self.heard

    def port_state(self, port: PortRef) -> PortState:
        """Not asked here."""
        raise AssertionError

    def find(self, mac: str) -> tuple[FdbRow, ...] | None:
        """One MAC."""
        self.questions += 1
        return tuple(row for row in self.rows if row.mac == mac) if self.tells else None

    def bindings(self, ip: str) -> tuple[ArpRow, ...] | None:
        """One address."""
        return tuple(row for row in self.arp() if row.ip == ip)


class Net:
    """Two switches, sw1 and sw2, with PC on sw1's ge1."""

    def __init__(self, *protected: ProtectedAsset) -> None:
        entries = [SwitchEntry(name=f"sw{n}", site="s", address=f"192.0.2.{n}") for n in (1, 2)]
        self.sources = {entry.name: Source() for entry in entries}
        self.sources["sw2"].rows = ()
        self.clock = ManualClock()
        file = SwitchFile(sites=(Site(name="s"),), switches=tuple(entries), protected=protected)
        self.inventory = Inventory(file, self.sources.__getitem__, InventoryConfig(), self.clock)
        self.inventory.refresh()

    def after(self, seconds: float) -> Location:
        """Locate PC later."""
        self.clock.advance(seconds)
        return self.inventory.locate(Target(ip=IP))

    @property
    def one(self) -> Source:
        """sw1."""
        return self.sources["sw1"]


def place(location: Location) -> tuple[str, str] | None:
    """Switch and port."""
    return (location.port.switch, location.port.name) if location.port else None


def test_asked_and_not_read() -> None:
    """Five seconds after a reading, two questions are enough; the evidence is of now."""
    net = Net()
    reads = net.one.reads
    found = net.after(5)
    assert (("sw1", "ge1"), (), reads) == (place(found), found.refuse, net.one.reads)
    assert net.clock.now_ms() == max(evidence.observed_ms for evidence in found.evidence if evidence.source == "fdb")
    assert net.inventory.counts.questions


class AtOnce(Source):
    """A switch that tells a MAC, an address and a port in one answer."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[tuple[int | None, PortRef | None]] = []

    def look(self, mac: str, *, ip: str | None, ifindex: int | None, port: PortRef | None = None) -> Glance | None:
        """All of it."""
        self.looks.append((ifindex, port))
        state = PortState(port=port, admin=Admin.UP, oper=Oper.UP, read_ms=77) if port else None
        return Glance(self.find(mac) or (), self.bindings(ip) or () if ip else (), state) if self.tells else None


def test_facts_of_a_port_by_one_question() -> None:
    """Before anything is decided the port and the MAC on it are read again, together; who moved away is not there any more."""
    net = Net()
    net.sources["sw1"] = one = AtOnce()
    port = PortRef(switch="sw1", ifindex=1, name="ge1")
    assert ("sw1", "ge1") == place(net.after(5))
    facts = net.inventory.port_facts(port, PC)
    assert [(1, None), (1, port)] == one.looks
    assert ((PC,), 77, net.clock.now_ms()) == (facts.macs, facts.state.read_ms, facts.read_ms)
    one.rows = ()
    assert () == net.inventory.port_facts(port, PC).macs


def test_a_question_does_not_wait_for_the_end_of_a_walk() -> None:
    """While the tables of a switch are read, one of its machines is asked for, and the answer is there before they are."""
    net, before_the_end = Net(), []

    def ask() -> None:
        found: list[Location] = []
        asking = threading.Thread(target=lambda: found.append(net.inventory.locate(Target(ip=IP))))
        asking.start()
        asking.join(20)
        before_the_end.extend(found)

    net.clock.advance(5)
    net.one.during = ask
    net.inventory.refresh("sw1")
    assert [("sw1", "ge1")] == [place(location) for location in before_the_end]


def test_two_who_want_the_tables_read_them_once() -> None:
    """Both come while a walk is under way that began before they asked: one reads anew, the other takes what that brought."""
    net, waiting = Net(), []
    net.one.tells = False
    reads = net.one.reads

    def ask() -> None:
        net.one.during = None
        net.clock.advance(3)
        waiting.extend(threading.Thread(target=lambda: net.inventory.locate(Target(ip=IP))) for _ in range(2))
        for one in waiting:
            one.start()

    net.clock.advance(5)
    net.one.during = ask
    net.inventory.refresh("sw1")
    for one in waiting:
        one.join(20)
    assert reads + 2 == net.one.reads


def test_just_read() -> None:
    """Within the time of reuse nothing is asked at all."""
    net = Net()
    assert (("sw1", "ge1"), 0) == (place(net.after(1)), net.one.questions)


def test_tables_too_old_to_tell_what_is_around() -> None:
    """After a minute the table is read: how many machines are on the port is not known by asking for one."""
    net = Net()
    reads = net.one.reads
    assert ("sw1", "ge1") == place(net.after(100))
    assert reads + 1 == net.one.reads


def test_a_source_that_cannot_tell() -> None:
    """Only the table can: it is read."""
    net = Net()
    net.one.tells, reads = False, net.one.reads
    assert ("sw1", "ge1") == place(net.after(5))
    assert reads + 1 == net.one.reads


def test_a_machine_that_moved_to_another_switch() -> None:
    """It is gone from where the table had it; so the others are asked, and it is found."""
    net = Net()
    net.one.rows, net.sources["sw2"].rows = (), (learned(PC, 3),)
    assert ("sw2", "ge3") == place(net.after(5))


def test_a_switch_that_does_not_answer() -> None:
    """What is known of it grows old; the failure is counted."""
    net = Net()
    net.one.down = True
    found = net.after(100)
    assert Refusal.STALE in found.refuse
    assert {"sw1"} == set(net.inventory.counts.failures)


def test_a_link_that_changed_makes_its_rows_old() -> None:
    """The tables are two seconds young, and yet read again: the machine behind the port may be another one."""
    net = Net()
    net.clock.advance(1)
    net.inventory.port_changed(PortEvent("sw1", 1, up=False, at_ms=net.clock.now_ms()))
    net.one.rows = (learned(PC, 2),)
    assert ("sw1", "ge2") == place(net.after(0))
    assert 1 == net.inventory.counts.port_events


def test_a_changed_link_is_read_at_the_next_turn() -> None:
    """The poll does not wait for the switch's turn, nor is it hurried more than an answer may be reused."""
    net = Net()
    net.inventory.poll()
    reads = net.one.reads
    net.clock.advance(5)
    assert 0 == net.inventory.poll()
    net.inventory.port_changed(PortEvent("sw1", 1, up=True, at_ms=net.clock.now_ms()))
    assert (1, reads + 1) == (net.inventory.poll(), net.one.reads)


def test_a_notification_is_known_at_once_and_proven_by_the_table() -> None:
    """The switch says that it learned a MAC; an answer still asks the switch."""
    net = Net()
    net.clock.advance(1)
    at_ms = net.clock.now_ms()
    net.inventory.mac_seen(MacEvent("sw1", NEW, 10, 0, learned=True, at_ms=at_ms, bridge_port=4))
    (snapshot, _) = net.inventory.snapshots()
    assert (["ge4"], (at_ms, "trap")) == ([row.port for row in snapshot.by_mac[NEW]], snapshot.seen(NEW))
    net.one.rows += (learned(NEW, 4),)
    net.clock.advance(3)
    found = net.inventory.locate(Target(mac=NEW))
    assert (("sw1", "ge4"), ()) == (place(found), found.refuse)
    assert net.one.questions


def test_a_notification_of_something_gone() -> None:
    """Forgotten by the switch: the row is taken away."""
    net = Net()
    net.clock.advance(1)
    net.inventory.mac_seen(MacEvent("sw1", PC, 10, 1, learned=False, at_ms=net.clock.now_ms()))
    assert [] == next(iter(net.inventory.snapshots())).by_mac[PC]


def test_a_notification_while_the_table_is_read() -> None:
    """The table may be from before it: the news stays."""
    net = Net()

    def tell() -> None:
        net.clock.advance(1)
        net.inventory.mac_seen(MacEvent("sw1", NEW, 10, 4, learned=True, at_ms=net.clock.now_ms()))

    net.one.during = tell
    net.inventory.refresh("sw1")
    assert ["ge4"] == [row.port for row in next(iter(net.inventory.snapshots())).by_mac[NEW]]


def test_events_of_nobody() -> None:
    """Of a switch or a port that is not known: counted."""
    net = Net()
    net.inventory.port_changed(PortEvent("sw9", 1, up=True, at_ms=1))
    net.inventory.port_changed(PortEvent("sw1", 99, up=True, at_ms=1))
    net.inventory.mac_seen(MacEvent("sw1", NEW, None, 99, learned=True, at_ms=1))
    assert 3 == net.inventory.counts.unknown_events


def test_what_is_heard_on_the_port_is_evidence() -> None:
    """A phone on the port: named, with the time of the reading."""
    net = Net()
    net.one.heard = (Neighbour(1, "SEP1", "Port 1", NeighbourKind.PHONE, via="cdp"),)
    net.inventory.refresh()
    assert "cdp" in {evidence.source for evidence in net.after(1).evidence}


def test_a_neighbour_that_is_one_of_ours() -> None:
    """It says nothing of its capabilities, but its name is a switch's of the file: nobody is cut off there."""
    net = Net()
    net.one.heard = (Neighbour(1, "SW2.example.net", "ge1", NeighbourKind.OTHER),)
    net.inventory.refresh()
    assert Refusal.BEHIND_INTERSWITCH in net.after(1).refuse
