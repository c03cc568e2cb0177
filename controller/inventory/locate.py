"""Where is it? Every piece of evidence is joined; where two disagree, nothing is decided silently.

The rules are those of a blocker: an answer may be acted on without a person only if one edge port is named by fresh, agreeing
evidence. Whatever stands in the way becomes a reason to refuse, and the port is still named as far as it is known.
"""

from __future__ import annotations

from controller.core.tables import NOBODY, VIRTUAL_ROUTERS, VIRTUAL_TYPES, FdbRow
from playbooks.facts import Evidence, Location, Refusal, Verdict
from playbooks.plan import PortRef
from playbooks.request import FlowEvidence, Target

from .case import Case, Network, Place
from .snapshot import Snapshot


def locate(network: Network, target: Target, flow: FlowEvidence | None) -> Location:
    """Join everything that is known of `target` (and of the flow that accuses it) into one location."""
    case = Case()
    mac = _mac_of(network, target, flow, case)
    places = _fdb_places(network, mac, case) if mac else []
    place = _edge_place(network, places, case)
    flow_place = _flow_place(network, flow, case) if flow else None
    named_place = _named_place(network, target, case) if target.switch else None
    for other in (flow_place, named_place):
        place = _agree(network, place, other, case, is_flow=other is flow_place)
    return _location(network, target, mac or _only_mac(network, target, place), place, case)


def _only_mac(network: Network, target: Target, place: Place | None) -> str | None:
    """Who is meant by a port alone: the one machine that is learned there, so that what befell it is known by its MAC."""
    if place is None or target.switch is None or target.ip or target.mac:
        return None
    macs = network.snapshots[place.switch].macs_on(place.port)
    return next(iter(macs)) if len(macs) == 1 else None


def _mac_of(network: Network, target: Target, flow: FlowEvidence | None, case: Case) -> str | None:
    """The endpoint's MAC. An address that two MACs claim, or a flow whose MAC is not its address's, is a doubt."""
    claimed = target.mac.lower() if target.mac else None
    from_flow = flow.src_mac.lower() if flow and flow.src_mac else None
    if claimed and from_flow and claimed != from_flow:
        case.doubt(Refusal.CONFLICT)
    by_arp = _arp_macs(network, target.ip, case) if target.ip else set()
    if len(by_arp) > 1:
        case.doubt(Refusal.CONFLICT)
    mac = claimed or from_flow or (next(iter(by_arp)) if len(by_arp) == 1 else None)
    if mac and by_arp and mac not in by_arp:
        case.doubt(Refusal.SPOOFED)  # the address belongs to another machine
    if mac and (_is_gateway(network, mac) or (target.ip and not by_arp and _is_anothers(network, mac, target.ip))):
        case.doubt(Refusal.GATEWAY)
    return mac


def _arp_macs(network: Network, ip: str, case: Case) -> set[str]:
    found: dict[str, tuple[str, int]] = {}
    for snapshot in network.snapshots.values():
        at_ms = snapshot.bound_ms(ip)
        for row in snapshot.arp:
            if row.ip == ip and row.mac != NOBODY and at_ms >= found.get(row.mac, ("", 0))[1]:
                found[row.mac] = (snapshot.switch, at_ms)
    fresh = {mac: at for mac, at in found.items() if network.now_ms - at[1] <= network.config.stale_s * 1000}
    source = "nd" if ":" in ip else "arp"
    for mac, (switch, read_ms) in fresh.items():
        case.evidence.append(Evidence(source=source, switch=switch, says=f"{ip} is {mac}", observed_ms=read_ms))
    return set(fresh)


def _is_gateway(network: Network, mac: str) -> bool:
    """It answers for many addresses, or is a virtual router by its MAC."""
    if mac.startswith(VIRTUAL_ROUTERS):
        return True
    return len(_addresses_of(network, mac)) > network.config.gateway_addresses


def _is_anothers(network: Network, mac: str, ip: str) -> bool:
    """Nobody answers for the address, and the MAC only for others of its family: frames of a router have the router's MAC,
    whoever sent the packet (RFC 1812 section 5.2.1)."""
    family = [other for other in _addresses_of(network, mac) if (":" in other) == (":" in ip)]
    return bool(family) and ip not in family


def _addresses_of(network: Network, mac: str) -> set[str]:
    return {row.ip for s in network.snapshots.values() for row in s.arp if row.mac == mac}


def _fdb_places(network: Network, mac: str, case: Case) -> list[Place]:
    """Every interface where the MAC is learned; of several rows for one interface, the one that knows the VLAN."""
    places: dict[tuple[str, int, str], Place] = {}
    for snapshot in network.snapshots.values():
        for row in snapshot.by_mac.get(mac, ()):
            place = _place_of(snapshot, row, case)
            if place is None:
                continue
            key = (place.switch, place.port.ifindex, place.port.name)
            if key not in places or row.vlan is not None:
                places[key] = place
    return list(places.values())


def _place_of(snapshot: Snapshot, row: FdbRow, case: Case) -> Place | None:
    if row.verdict in (Verdict.SELF, Verdict.MGMT) or row.mac in snapshot.own:
        case.doubt(Refusal.UNRESOLVED)  # the switch's own address
        return None
    port = snapshot.port_of(row)
    if port is None or row.verdict is not Verdict.PORT:
        case.doubt(Refusal.UNNAMED if row.verdict is Verdict.UNNAMED else Refusal.UNRESOLVED)
        return None
    return Place(snapshot.switch, port, row)


def _edge_place(network: Network, places: list[Place], case: Case) -> Place | None:
    """The one edge port among the places; behind inter-switch ports only, or on several edge ports, is a doubt."""
    edge = {place.key: place for place in places if place.key not in network.interswitch}
    for place in edge.values() or places:
        case.evidence.append(_learned(network.snapshots[place.switch], place))
    if len(edge) == 1:
        return next(iter(edge.values()))
    if len(edge) > 1:
        case.doubt(Refusal.CONFLICT)
    elif places:
        case.doubt(Refusal.BEHIND_INTERSWITCH)
    return None


def _learned(snapshot: Snapshot, place: Place) -> Evidence:
    """What an FDB row says, or a notification that came after the table was read."""
    mac = place.row.mac if place.row else ""
    vlan = f" in VLAN {place.row.vlan}" if place.row and place.row.vlan else ""
    at_ms, source = snapshot.seen(mac)
    says = f"{mac} is learned on {place.port.name}{vlan}"
    return Evidence(
        source=source, switch=place.switch, says=says, observed_ms=at_ms, ifindex=place.port.ifindex or None
    )


def _flow_place(network: Network, flow: FlowEvidence, case: Case) -> Place | None:
    switch = network.switch_of_agent(flow.agent)
    if switch is None:
        return None
    snapshot = network.snapshots.get(switch)
    port = snapshot.numbered(flow.in_if) if snapshot else None
    who = f"{flow.src_mac} " if flow.src_mac else ""
    case.evidence.append(
        Evidence(
            source="flow",
            switch=switch,
            says=f"{who}enters at {port.name if port else f'ifIndex {flow.in_if}'}",
            observed_ms=flow.seen_ms,
            ifindex=flow.in_if,
        )
    )
    if port is None:
        case.doubt(Refusal.UNRESOLVED)
        return None
    place = Place(switch, port, None)
    if place.key in network.interswitch:
        case.doubt(Refusal.BEHIND_INTERSWITCH)
        return None
    return place


def _named_place(network: Network, target: Target, case: Case) -> Place | None:
    snapshot = network.snapshots.get(target.switch or "")
    port = snapshot.named(target.port or "") if snapshot else None
    if snapshot is None or port is None:
        case.doubt(Refusal.UNNAMED)
        return None
    says = f"the request names {port.name}"
    case.evidence.append(Evidence(source="inventory", switch=snapshot.switch, says=says, observed_ms=snapshot.ports_ms))
    return Place(snapshot.switch, port, None)


def _agree(network: Network, place: Place | None, other: Place | None, case: Case, *, is_flow: bool) -> Place | None:
    """Both name the same port, or it is a doubt. A port that only one of them names is kept."""
    if other is None:
        return place
    if place is None:
        if is_flow and not case.refuse:
            case.doubt(Refusal.UNKNOWN)  # the flow alone proves no port: the FDB has to say the same
        return other
    if place.key != other.key and not _one_plug(network, place, other):
        case.doubt(Refusal.SPOOFED if is_flow else Refusal.CONFLICT)
    return place


def _one_plug(network: Network, place: Place, other: Place) -> bool:
    """A port and a unit of it that has its name: MACs may be learned on the one and flows counted on the other."""
    if place.switch != other.switch or other.port not in network.snapshots[place.switch].line_of(place.port):
        return False
    short, long = sorted((place.port.name, other.port.name), key=len)
    return bool(short) and long.startswith(f"{short}.")


def _location(network: Network, target: Target, mac: str | None, place: Place | None, case: Case) -> Location:
    port, macs = None, set[str]()
    if place is not None:
        snapshot = network.snapshots[place.switch]
        macs = snapshot.macs_on(place.port)
        _heard(snapshot, place, case)
        _doubts_of_port(network, snapshot, place, macs, case, is_named_alone=not (target.ip or target.mac))
        if place.port.name and place.port.ifindex:
            port = PortRef(switch=place.switch, ifindex=place.port.ifindex, name=place.port.name)
    elif not case.refuse:
        case.doubt(Refusal.UNKNOWN)
    if any(network.now_ms - e.observed_ms > _stale_ms(network, e) for e in case.evidence):
        case.doubt(Refusal.STALE)
    return Location(
        ip=target.ip,
        mac=mac,
        port=port,
        vlan=place.row.vlan if place and place.row else None,
        verdict=Verdict.PORT if port else Verdict.UNRESOLVED,
        refuse=tuple(case.refuse),
        lag=bool(place and place.port.lag),
        port_mac_count=len(macs),
        evidence=tuple(case.evidence),
        located_ms=network.now_ms,
    )


def _stale_ms(network: Network, evidence: Evidence) -> float:
    """Neighbours are read as seldom as ports."""
    rarely = evidence.source in ("lldp", "cdp", "inventory")
    return (network.config.stale_s + (network.config.ports_reuse_s if rarely else 0.0)) * 1000


def _heard(snapshot: Snapshot, place: Place, case: Case) -> None:
    """What speaks LLDP or CDP on the port."""
    for neighbour in snapshot.heard_on(place.port):
        name = neighbour.system_name or neighbour.chassis or "something without a name"
        case.evidence.append(
            Evidence(
                source=neighbour.via,
                switch=place.switch,
                says=f"{name} ({neighbour.kind}) is heard on {place.port.name}",
                observed_ms=snapshot.neighbours_ms,
                ifindex=place.port.ifindex or None,
            )
        )


def _doubts_of_port(
    network: Network, snapshot: Snapshot, place: Place, macs: set[str], case: Case, *, is_named_alone: bool
) -> None:
    port = place.port
    leads_on = place.key in network.interswitch or snapshot.is_trunk(port) or port.to_root
    if leads_on or not network.devices.isdisjoint(macs):
        case.doubt(Refusal.UPLINK)
    if is_named_alone and any(_is_gateway(network, mac) for mac in macs):
        case.doubt(Refusal.GATEWAY)
    if port.lag or (place.row is not None and place.row.lag):
        case.doubt(Refusal.AGGREGATE)
    if place.row is not None and (place.row.weak or place.port.ifindex in snapshot.doubted):
        case.doubt(Refusal.STALE)
    if port.if_type in VIRTUAL_TYPES or port.virtual:
        case.doubt(Refusal.VIRTUAL)
    if place.row is not None and (place.row.of_group or place.row.by_looks):
        case.doubt(Refusal.UNRESOLVED)
    if len(macs) > network.config.max_macs:
        case.doubt(Refusal.MANY_MACS)
    if not port.name or snapshot.named(port.name) is None or not port.ifindex:
        case.doubt(Refusal.UNNAMED)
    entry = network.file.switch(place.switch)
    if entry is None or entry.kind != "edge":
        case.doubt(Refusal.UPLINK)
