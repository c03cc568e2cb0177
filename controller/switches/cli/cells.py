"""Cells of CLI tables: the many ways to write a MAC, a VLAN and a port, and what is no port at all."""

from __future__ import annotations

import re
from functools import lru_cache

from controller.switches.mib.ports import is_aggregate_name
from playbooks.facts import Verdict

from .kinds import DROPPED, status_of

HEX, MASKED = r"[0-9A-Fa-f]", r"[0-9A-Fa-fxX*]"


def _notations(digit: str) -> str:
    """aa:bb:cc:dd:ee:ff, aa-bb-..., aabb.ccdd.eeff, aabb-ccdd-eeff, aabbcc-ddeeff, aabbccddeeff."""
    octets = rf"{digit}{{1,2}}(?:[:-]{digit}{{1,2}}){{5}}"
    words = rf"{digit}{{4}}(?:[.:-]{digit}{{4}}){{2}}"
    return rf"(?:{octets}|{words}|{digit}{{6}}[-:.]{digit}{{6}}|{digit}{{12}})"


MAC = re.compile(rf"(?<![\w.:-]){_notations(HEX)}(?![\w:-])")
MASKED_MAC = re.compile(rf"(?<![\w.:*-]){_notations(MASKED)}(?![\w:*-])")
GROUPS = {3: 4, 6: 2, 2: 6, 1: 12}  # how many groups, and the digits of each

# Port cells that name no port: the switch itself, its processor, or nothing.
OWN = re.compile(
    r"(cpu([ -]?(port|interface).*|\d*)"
    r"|router|switch|stby-switch|self|local|system|sup-eth.*|vl(an)?[ -]?(if|interface)?\d+|irb.*|rvi.*|bvi?\d+|bdi\d+|lo\d*"
    r"|vsi-?interface\d+|\.local\..*|bme\d.*|em\d+(\.\d+)?"
    # its port for managing it: nobody's machine is to be cut off there
    r"|(management|mgmt|oob)\S*|m-?(eth|ge|gigabitethernet)\d\S*|ma\d+(/\d+)*|fxp\d+\S*|v?me\d+(\.\d+)?)",
    re.IGNORECASE,
)
NONE = re.compile(
    r"(|0|-+|n/?a|none|unknown|incomplete|drop|discard|blackhole|bitbucket|filter|reject|flood|multicast|all([ -]?members)?)",
    re.IGNORECASE,
)
# Ways to other switches that are no port of this one: of a stack, of a pair, of a tunnel.
ELSEWHERE = re.compile(
    r"(stack|irf|vsl|vcp-|vfl\b|isl\b|vsx|vpc\b|vpc[ -]?peer|peer-?link|sap:|sdp:|vr-\S*:"
    r"|ipv[46]\b|nve|vxlan|vx\d|vtep|vni|tun?\d|tunnel|evpn|esi[ :.]|pw[-:\d]|pseudo-?wire|vfi|gre\d|overlay|lsi\.|[lvg][tr]-\d"
    r"|(eoip|l2tp|pptp|pppoe|ppp|sstp|ovpn|ipip|6to4|wireguard|wg|zerotier|gre)[-\w]*\d*$|<"
    # radio, which is shared by everybody in its reach
    r"|wlan|wifi|wl\d|capwap|ca[p]?\d|ath\d|radio"
    r"|peer[A-Z]|\d+(\.\d+){2,3}$).*",  # of the MLAG peer; an address, or FabricPath's switch
    re.IGNORECASE,
)
# Several at once: 1/1/1-1/1/4, 1/1/1*2/1/1, port1.0.1-1.0.4, Gi1/0/1-2, 1:12 1:13
SEVERAL = re.compile(r".*\d ?[-*~] ?[A-Za-z]*\d[\d/.:]*|\S*\d(?<!/) +[^\s/]*\d\S*")
SEVERAL_BY_SLOT = re.compile(r"\d+(/\d+)+ ?[-*~] ?\d+(/\d+)+")
NAMED_AGGREGATE = re.compile(r"bond(ing|ed)?([-_]\w*)*|t\d{1,2}|ether-?channel ?\d+", re.IGNORECASE)  # RouterOS, Zyxel
OWN_TYPES = ("self", "management", "mgmt", "local", "cpu", "system", "interface")
NO_VLAN = re.compile(r"-+|n/?a|none", re.IGNORECASE)
VLAN = re.compile(r"(?:vlan-?|vid)?0*(\d{1,4})(?:$|[/(,].*)|.*\(0*(\d{1,4})\)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def mac(text: str) -> str | None:
    """Lower case with colons; None if it is no MAC, or not all of one."""
    if not MAC.fullmatch(text.strip()):
        return None
    groups = re.split(r"[.:-]", text.strip().lower())
    digits = "".join(group.rjust(GROUPS[len(groups)], "0") for group in groups)
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def row_mac(line: str) -> re.Match[str] | None:
    """The MAC of a row, masked or not."""
    return MAC.search(line) or MASKED_MAC.search(line)


def is_masked(text: str) -> bool:
    """Somebody made it unreadable before passing it on."""
    return bool(MASKED_MAC.fullmatch(text.strip())) and not MAC.fullmatch(text.strip())


@lru_cache(maxsize=4096)
def vlan(text: str) -> int | str | None:
    """A VLAN's number (`10`, `Vlan10`, `10/-/-`, `1(2)`, `default(0001)`); other words as they are (`All`); None for none."""
    text = text.strip()
    if not text or NO_VLAN.fullmatch(text):
        return None
    found = VLAN.fullmatch(text)
    return int(found[1] or found[2]) if found else text


@lru_cache(maxsize=4096)
def verdict(ports: tuple[str, ...], kind: str, *, any_name: bool = True) -> Verdict:
    """What a row says: one port, the switch's own address, or no port. `any_name`: a port may be called anything; else it has a
    number, and one name is one port."""
    if kind.lower() in OWN_TYPES or (len(ports) == 1 and OWN.fullmatch(ports[0].strip())):
        return Verdict.SELF
    named = [port for port in ports if not NONE.fullmatch(port.strip())]
    if not named or status_of(kind) == DROPPED or any(ELSEWHERE.fullmatch(port.strip()) for port in named):
        return Verdict.NO_PORT
    if not any_name and not any(character.isdigit() for port in named for character in port):
        return Verdict.NO_PORT
    several = SEVERAL_BY_SLOT if any_name else SEVERAL
    return Verdict.PORT if len(ports) == 1 and not several.fullmatch(ports[0].strip()) else Verdict.AMBIGUOUS


def is_aggregate(port: str) -> bool:
    """Po1, Bridge-Aggregation1, BAGG1, Trk1, ae0.0, ..."""
    return is_aggregate_name(port) or NAMED_AGGREGATE.fullmatch(port.strip()) is not None


def split_ports(cell: object) -> tuple[str, ...]:
    """Ports of a cell, which templates give as text or as a list."""
    texts = [str(part) for part in cell] if isinstance(cell, list) else [str(cell)]
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())
