"""Reading one port by the commands of a vendor file, whatever carries them: only what is asked for, each command once."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet

from controller.core.clock import Clock
from controller.core.errors import DeviceError, NotFound, Unsupported
from playbooks.plan import Admin, Expectation, Oper, PortRef, PortState, Verb

from . import verbs
from .cli import cells
from .driver import ReadBack
from .traits import Traits, pvid_of, traits_of
from .vendor import Vendor

EVERYTHING = frozenset({"pvid", "blocked", "description"})


class PortReader:
    """One device's ports. `show` gives the output of a command; CommandRejected if the device says no."""

    def __init__(self, switch: str, vendor: Vendor, show: Callable[[str], str], clock: Clock) -> None:
        self.switch = switch
        self._vendor, self._ask, self._clock = vendor, show, clock
        self._ifindexes: dict[str, int] | None = None

    def read(self, port: PortRef, wanted: AbstractSet[str]) -> PortState:
        """Admin and link state, and of `wanted`: description, pvid, blocked."""
        texts: dict[str, str] = {}
        state = self._admin_state(port, texts)
        changes: dict[str, object] = {}
        if "description" in wanted:
            changes["description"] = self._description(port, texts)
        if "pvid" in wanted:
            changes["pvid"] = self._pvid(port, texts)
        if "blocked" in wanted:
            changes["blocked_macs"] = self._blocked()
        return state.model_copy(update=changes)

    def read_back(self, expectation: Expectation) -> ReadBack:
        """Read what the expectation speaks of, and only that: each command costs a round trip."""
        wanted = {"pvid"} if expectation.pvid is not None else set()
        wanted |= {"description"} if expectation.description is not None else set()
        if expectation.blocked_mac is not None or expectation.unblocked_mac is not None:
            wanted.add("blocked")
        state = self.read(expectation.port, wanted)
        return ReadBack(expectation, state, expectation.differences(state))

    def _admin_state(self, port: PortRef, texts: dict[str, str]) -> PortState:
        read, vendor = self._vendor.reads.port, self._vendor
        try:
            text = self._show(read.command, port, texts)
            text += "\n" + self._show(read.link, port, texts) if read.link else ""
        except Unsupported:
            raise
        except DeviceError as error:
            raise NotFound(f"has no interface {port.name}", where=self.switch) from error
        if not re.search(vendor.pattern(read.exists, port.name), text):
            raise NotFound(f"does not show interface {port.name}", where=self.switch)
        admin, up, down, held = (
            re.search(vendor.pattern(p, port.name), text) if p else None
            for p in (read.admin_down, read.oper_up, read.oper_down, read.held)
        )
        return PortState(
            port=port,
            admin=Admin.DOWN if admin else Admin.UP,
            oper=Oper.UP if up else Oper.DOWN if down else Oper.UNKNOWN,
            held=next((group for group in held.groups() if group), None) if held and not admin else None,
            read_ms=self._clock.now_ms(),
        )

    def _description(self, port: PortRef, texts: dict[str, str]) -> str:
        read = self._vendor.reads.port
        text = self._show(read.config or read.command, port, texts)
        found = re.search(self._vendor.pattern(read.description, port.name), text)
        return self._vendor.shown(found.group(1).strip()) if found else ""

    def _pvid(self, port: PortRef, texts: dict[str, str]) -> int | None:
        read = self._vendor.reads.pvid
        return pvid_of(self._vendor, self._show(read.command, port, texts), port.name) if read else None

    def traits(self, port: PortRef, verb: Verb) -> Traits:
        """What this verb's lines depend on besides the port's state, read now; nothing is asked for the others."""
        read = self._vendor.reads.pvid
        if read is None or not verbs.needs_traits(self._vendor, verb):
            return Traits()
        texts: dict[str, str] = {}
        shown = [self._show(command, port, texts) for command in (read.command, read.also) if command]
        return traits_of(self._vendor, "\n".join(shown), port.name)

    def _blocked(self) -> tuple[str, ...] | None:
        read = self._vendor.reads.blocked
        if read is None:
            return None
        text = self._ask(read.command)
        written = (cells.mac(found) for found in re.findall(read.row, text, re.IGNORECASE))
        return tuple(mac for mac in written if mac)

    def _show(self, command: str, port: PortRef, texts: dict[str, str]) -> str:
        line = verbs.filled(command, {"port": verbs.safe(port.name)})
        if line not in texts:
            texts[line] = self._ask(line)
        return texts[line]

    def indexes(self) -> dict[str, int]:
        """ifIndex by interface name; empty where the device does not tell. Asked for once."""
        read = self._vendor.reads.ifindex
        if self._ifindexes is None:
            text = self._ask(read.command) if read else ""
            rows = re.finditer(read.row, text) if read else ()
            found = {self._vendor.long_name(r["port"]): int(r["ifindex"]) for r in rows}
            self._ifindexes = found
        return self._ifindexes
