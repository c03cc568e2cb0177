"""What is asked of a switch, as one line of text: it stands in the plan and in the journal, and is sent as it stands.

    Disconnect-Request NAS-IP-Address=192.0.2.11 Calling-Station-Id=02-77-00-00-00-01 NAS-Port-Id=Gi1/0/1

Message-Authenticator and Event-Timestamp belong to the sending.
"""

from __future__ import annotations

import ipaddress
import shlex
from dataclasses import dataclass

from controller.core.errors import Unsupported
from controller.core.sites import CoaAccess
from playbooks.plan import Action, Verb

DISCONNECT, COA = "Disconnect-Request", "CoA-Request"
CODES = {DISCONNECT: 40, COA: 43}
# What bounces a port, in a CoA-Request. Seconds where the vendor takes them.
BOUNCES: dict[str, tuple[str, str]] = {
    "cisco": ("Cisco-AVPair", "subscriber:command=bounce-host-port"),
    "hp": ("HP-Port-Bounce-Host", "{seconds}"),
    "aruba": ("Aruba-Port-Bounce-Host", "{seconds}"),
    "huawei": ("HW-Ext-Specific", "user-command=2"),
}


@dataclass(frozen=True, slots=True)
class Order:
    """The packet's kind and its attributes in order."""

    kind: str
    attributes: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return " ".join([self.kind, *(f"{name}={shlex.quote(value)}" for name, value in self.attributes)])


def is_order(line: str) -> bool:
    """Whether a command of a plan is one of these, and not the ordinary driver's."""
    return line.partition(" ")[0] in CODES


def parsed(line: str) -> Order:
    """The other way round. ValueError for a line that is none."""
    kind, *rest = shlex.split(line)
    pairs = [part.partition("=") for part in rest]
    if kind not in CODES or not all(equals for _, equals, _ in pairs):
        raise ValueError(f"{line!r} is no order")
    return Order(kind, tuple((name, value) for name, _, value in pairs))


def verbs_of(access: CoaAccess) -> frozenset[Verb]:
    """What this kind of switch can be asked for."""
    return frozenset({Verb.DISCONNECT, Verb.BOUNCE} if access.kind in BOUNCES else {Verb.DISCONNECT})


def order_for(access: CoaAccess, action: Action, address: str) -> Order:
    """The order for a verb on one session; Unsupported without its MAC, or where the vendor has no such thing."""
    if action.mac is None:
        raise Unsupported(f"{action.verb} by CoA needs the MAC of the session", where=action.port.switch)
    found = [_nas(access, address)]
    found += [("Calling-Station-Id", station_id(action.mac, access.mac_format))]
    found += [("NAS-Port", str(action.port.ifindex))] if "nas-port" in access.identify else []
    found += [("NAS-Port-Id", action.port.name)] if "nas-port-id" in access.identify else []
    if action.verb is Verb.DISCONNECT:
        return Order(DISCONNECT, tuple(found))
    if action.verb is Verb.BOUNCE and access.kind in BOUNCES:
        name, value = BOUNCES[access.kind]
        return Order(COA, (*found, (name, value.format(seconds=access.bounce_s))))
    raise Unsupported(f"CoA to a switch of kind {access.kind} has no {action.verb}", where=action.port.switch)


def station_id(mac: str, form: str) -> str:
    """A MAC as the switch writes it in its own requests."""
    digits = mac.replace(":", "").lower()
    pairs = [digits[i : i + 2] for i in range(0, 12, 2)]
    forms = {
        "AA-BB-CC-DD-EE-FF": "-".join(pairs).upper(),
        "aa-bb-cc-dd-ee-ff": "-".join(pairs),
        "AA:BB:CC:DD:EE:FF": ":".join(pairs).upper(),
        "aa:bb:cc:dd:ee:ff": ":".join(pairs),
        "aabb.ccdd.eeff": ".".join((digits[:4], digits[4:8], digits[8:])),
        "aabb-ccdd-eeff": "-".join((digits[:4], digits[4:8], digits[8:])),
        "aabbccddeeff": digits,
        "AABBCCDDEEFF": digits.upper(),
    }
    return forms[form]


def _nas(access: CoaAccess, address: str) -> tuple[str, str]:
    if access.nas_identifier:
        return "NAS-Identifier", access.nas_identifier
    own = access.nas_ip or address
    try:
        version = ipaddress.ip_address(own).version
    except ValueError:
        raise Unsupported(f"{own} is no address that a switch knows itself by: set coa.nas_ip") from None
    return ("NAS-IP-Address" if version == 4 else "NAS-IPv6-Address"), own
