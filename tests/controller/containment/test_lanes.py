"""Lanes: a device that hangs holds up nobody else, one device is worked on in order, and nothing is queued twice."""

import threading

from controller.containment.lanes import Lanes
from playbooks.lifecycle import State
from playbooks.request import Target
from tests.fakes import MAC, FakeSwitch

from .conftest import Desk

SOON_S = 60.0


def test_a_hanging_device_delays_no_other() -> None:
    """While the first lane hangs, work of a hundred others is done."""
    lanes, hung, done = Lanes(2), threading.Event(), threading.Semaphore(0)
    lanes.put("sw-hangs", "a", lambda: hung.wait(SOON_S) and None)
    for number in range(100):
        lanes.put(f"sw{number}", f"k{number}", done.release)
    assert all(done.acquire(timeout=SOON_S) for _ in range(100))
    assert not lanes.settle(0.0)
    hung.set()
    assert lanes.settle(SOON_S)
    assert lanes.stop(SOON_S)


def test_one_device_is_worked_on_in_order() -> None:
    """Jobs of a lane run one after the other, as they came."""
    lanes, seen = Lanes(1), list[int]()
    for number in range(50):
        lanes.put("sw1", str(number), lambda number=number: seen.append(number))  # type: ignore[misc]
    assert lanes.settle(SOON_S)
    assert list(range(50)) == seen


def test_a_key_waits_once() -> None:
    """The same key is not queued a second time while it waits; once it runs it may be queued again."""
    lanes, gate, seen = Lanes(1), threading.Event(), list[str]()
    lanes.put("sw1", "first", lambda: gate.wait(SOON_S) and None)
    while not lanes.put("sw1", "second", lambda: seen.append("second")):
        pass
    assert not lanes.put("sw1", "second", lambda: seen.append("twice"))
    gate.set()
    assert lanes.settle(SOON_S)
    assert ["second"] == seen


def test_an_unknown_device_gets_one_of_a_few_lanes() -> None:
    """However many requests name no device, there are no more threads than that."""
    lanes = Lanes(3)
    names = {lanes.name(None, f"con_{n}") for n in range(100)}
    assert 3 == len(names)
    assert "sw1" == lanes.name("sw1", "con_1")


def test_a_stopped_one_takes_nothing() -> None:
    """After stop nothing is started; the store knows what is left."""
    lanes = Lanes(1)
    assert lanes.stop(SOON_S)
    assert not lanes.put("sw1", "a", lambda: None)


def test_requests_are_driven_at_once_while_another_switch_hangs(desk: Desk) -> None:
    """One switch never answers; a request for another one is contained meanwhile, without anybody calling work."""
    hung, asked = threading.Event(), threading.Event()
    slow = FakeSwitch(desk.clock, switch="sw-hangs")
    contained: list[str] = []
    reached = threading.Event()

    def drivers(name: str) -> FakeSwitch:
        if name == "sw-hangs":
            asked.set()
            hung.wait(SOON_S)
            return slow
        return desk.switch

    def observe(event: str, containment_id: str) -> None:
        if event == "state:contained":
            contained.append(containment_id)
            reached.set()

    located = desk.inventory.locate

    def locate(target: Target, flow: object = None) -> object:
        found = located(target)
        if target.mac == MAC:
            return found
        assert found.port is not None
        return found.model_copy(update={"port": found.port.model_copy(update={"switch": "sw-hangs"})})

    desk.inventory.locate = locate  # type: ignore[method-assign,assignment]
    desk.parts.drivers, desk.parts.observer = drivers, observe
    desk.engine.start()
    desk.engine.submit(desk.request(target=Target(mac="02:00:00:00:00:77", switch="sw-hangs", port="ge1")))
    assert asked.wait(SOON_S)
    other = desk.engine.submit(desk.request(target=Target(mac=MAC, switch="sw1", port="ge1")))
    assert reached.wait(SOON_S)
    assert [other] == contained
    hung.set()
    assert desk.engine.stop(SOON_S)
    assert State.CONTAINED == desk.row(other)["state"]
