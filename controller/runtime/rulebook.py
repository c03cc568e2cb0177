"""What the switch file says, in the words the containment engine asks in."""

from __future__ import annotations

import ipaddress

from controller.containment.whereabouts import QuarantineVlans
from controller.core.maintenance import open_windows
from controller.core.portname import is_called
from controller.core.sites import ProtectedAsset, ProtectedClass, SwitchFile
from playbooks.facts import Location, Maintenance, PortFacts, Protection
from playbooks.mode import Mode
from playbooks.request import Target

DEFAULT_CLASS = ProtectedClass(name="protected")


class FileRulebook:
    """Sites, kinds, modes, windows, protection and quarantine VLANs from the switch file. What it does not name is only
    observed.
    """

    def __init__(self, file: SwitchFile) -> None:
        self._file = file
        self._classes = {c.name: c for c in file.protected_classes}

    def site_of(self, switch: str) -> str | None:
        """The site of a switch."""
        entry = self._file.switch(switch)
        return entry.site if entry else None

    def site_of_agent(self, agent: str) -> str | None:
        """The site whose switch has this sFlow agent address."""
        return next((s.site for s in self._file.switches if s.agent_address == agent), None)

    def switch_of_agent(self, agent: str) -> str | None:
        """The switch with this sFlow agent address."""
        return next((s.name for s in self._file.switches if s.agent_address == agent), None)

    def kind_of(self, switch: str) -> str:
        """edge, distribution or core."""
        entry = self._file.switch(switch)
        return entry.kind if entry else "unknown"

    def mode_of(self, site: str | None) -> Mode:
        """The mode of a site."""
        return Mode(self._file.mode_of(site)) if site else Mode.OBSERVE

    def quarantine(self, switch: str) -> QuarantineVlans:
        """VLANs for quarantined machines, and whether several may share one."""
        entry = self._file.switch(switch)
        if entry is None:
            return QuarantineVlans()
        if entry.quarantine_range is not None:
            first, last = entry.quarantine_range
            return QuarantineVlans(tuple(range(first, last + 1)), each_its_own=True)
        vlans = (entry.quarantine_vlan,) if entry.quarantine_vlan else ()
        return QuarantineVlans(vlans, isolated=entry.quarantine_isolated)

    def maintenance(self, switch: str, now_ms: int) -> tuple[Maintenance, ...]:
        """Windows of the switch and of its site that are open now."""
        entry = self._file.switch(switch)
        site = self._file.site(entry.site) if entry else None
        if entry is None or site is None:
            return ()
        windows = open_windows((*site.maintenance, *entry.maintenance), now_ms, site.time_zone)
        return tuple(Maintenance(name=w.name, asks=w.policy == "approve") for w in windows)

    def protection(
        self, location: Location, target: Target, port: PortFacts | None = None, *, whole_port: bool = False
    ) -> Protection:
        """Protected assets and ports that this is about; the strictest class of them decides.

        However the request names it, by address, MAC or port: its other addresses count too, and with `whole_port` those of
        every machine on the port.
        """
        others = port.macs if port and whole_port else ()
        macs = {m.lower() for m in (location.mac, target.mac, *others) if m}
        ips = {i for i in (location.ip, target.ip) if i}
        ips |= {address for mac, address in (port.addresses if port else ()) if mac in macs}
        found = [asset for asset in self._file.protected if _touches(asset, macs, ips)]
        hits = [f"{_name(asset)} ({asset.why})" for asset in found]
        classes = [self._classes.get(asset.kind or "", DEFAULT_CLASS) for asset in found]
        entry = self._file.switch(location.port.switch) if location.port else None
        if entry and location.port and any(is_called(one, location.port.name) for one in entry.protected_ports):
            hits.append(f"port {location.port.name} of {entry.name}")
            classes.append(DEFAULT_CLASS)
        return Protection(
            hits=tuple(hits),
            approvals=max((c.approvals for c in classes), default=2),
            ask=all(c.ask for c in classes),
        )


def _touches(asset: ProtectedAsset, macs: set[str], ips: set[str]) -> bool:
    if asset.mac and any(mac.startswith(asset.mac.lower()) for mac in macs):
        return True
    return bool(asset.ip) and any(_within(ip, str(asset.ip)) for ip in ips)


def _within(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network)
    except ValueError:
        return False


def _name(asset: ProtectedAsset) -> str:
    name = f"MAC {asset.mac}" if asset.mac else f"address {asset.ip}"
    return f"{asset.kind} {name}" if asset.kind else name
