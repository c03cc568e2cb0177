"""From a forwarding row's port to an interface, with a verdict. What the tables do not prove is said, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from controller.core.tables import BY_LOOKS
from playbooks.facts import Verdict

from . import objects as o
from .ports import bridge_ports, lags, names
from .walk import Walk

STATUS = {1: "other", 2: "invalid", 3: "learned", 4: "self", 5: "mgmt"}  # dot1dTpFdbStatus, RFC 4188


@dataclass(frozen=True, slots=True)
class Where:
    """An interface as far as it is known, how it was found, and the verdict."""

    ifindex: int | None
    name: str | None
    verdict: Verdict
    how: str
    lag: bool = False


class Resolver:
    """Of one device. Names and aggregates are those of `base`; bridge ports are those of a VLAN's own view of it.

    A Cisco shows in each view only the bridge ports of that VLAN, and interface names only in the base view. Each view is a
    bridge of its own (RFC 4188, by community or context): a number of another view's is not its number. Only a view that has no
    bridge ports at all is taken to have those of the base view.
    """

    def __init__(self, base: Walk, view: Walk | None = None) -> None:
        self._bridge = (bridge_ports(view) if view is not None else {}) or bridge_ports(base)
        self._nowhere = {i[-1] for i, ifindex in base.numbers(o.BASE_PORT_IFINDEX) if ifindex == 0}
        self._has_no_table = not any(walk.column(o.BASE_PORT_IFINDEX) for walk in (base, view) if walk is not None)
        self._names, self._lags = names(base), lags(base)
        if view is not None:
            self._names = names(view) | self._names
        self._interfaces = set(self._names)
        for column in (o.IF_TYPE, o.IF_ADMIN, o.IF_OPER):  # recorders leave out columns
            self._interfaces |= {i[-1] for i, _ in base.numbers(column) if i}
        maker = base.get(o.SYS_OBJECT_ID)
        # Without the system group: nobody else numbers every bridge port like that.
        alike = maker is None and bool(self._bridge) and min(self._bridge) > o.TP_LINK_PORTS
        self._tp_link = alike or (isinstance(maker, tuple) and maker[: len(o.TP_LINK)] == o.TP_LINK)

    def bridge_port(self, port: int, status: str) -> Where:
        """Of dot1dTpFdbPort or dot1qTpFdbPort. A number that is in no dot1dBasePort row is never taken as an ifIndex, and where
        there is no such table at all it proves nothing."""
        if port == 0 or (port in self._nowhere and port not in self._bridge):
            return self._of_status(status, Where(None, None, Verdict.NO_PORT, "zero"))
        if port in self._bridge:
            return self._of_status(status, self._named(self._bridge[port], "bp"))
        if self._tp_link and self._bridge.get(o.TP_LINK_PORTS + port):
            return self._of_status(status, self._of_tp_link(port, self._bridge[o.TP_LINK_PORTS + port]))
        if self._has_no_table and port in self._interfaces:
            return self._of_status(status, self._named(port, BY_LOOKS))
        if port in self._interfaces:
            # Another interface has that number, and nothing says that it is this bridge port.
            return self._of_status(status, Where(None, None, Verdict.AMBIGUOUS, "ambiguous-direct"))
        return self.nowhere(status)

    def nowhere(self, status: str) -> Where:
        """Nothing leads from the row to an interface."""
        return self._of_status(status, Where(None, None, Verdict.UNRESOLVED, "none"))

    def interface(self, ifindex: int, status: str = "") -> Where:
        """Of a private table that has the ifIndex itself."""
        return self._of_status(status, self._named(ifindex, "ifindex"))

    def _of_tp_link(self, port: int, ifindex: int) -> Where:
        """Port n of which unit? Of a stack, `1/0/5` and `2/0/5` are both port 5: then it is not told."""
        ends = [name for number, name in self._names.items() if number > o.TP_LINK_PORTS and _last(name) == port]
        if len(ends) > 1 or (ends and ends != [self._names.get(ifindex)]):
            return Where(None, None, Verdict.AMBIGUOUS, "vendor-tplink")
        return self._named(ifindex, "vendor-tplink")

    def _named(self, ifindex: int, how: str) -> Where:
        if ifindex <= 0:  # an InterfaceIndex starts at 1: no port
            return Where(None, None, Verdict.NO_PORT, "zero")
        name = self._names.get(ifindex)
        verdict = Verdict.PORT if name else Verdict.UNNAMED
        return Where(ifindex, name, verdict, how, ifindex in self._lags)

    @staticmethod
    def _of_status(status: str, found: Where) -> Where:
        """The switch's own addresses are refused whatever port is named."""
        verdict = {"self": Verdict.SELF, "mgmt": Verdict.MGMT}.get(status)
        if verdict is None:
            return found
        return replace(found, verdict=verdict)


def _last(name: str) -> int | None:
    """The port's number in `gigabitEthernet 1/0/5`."""
    found = re.search(r"\d+/\d+/(\d+)$", name)
    return int(found[1]) if found else None
