"""What snmpwalk printed, in every form: the same device comes out, and what a form has lost is no object."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.bench.locate.crowd import crowd
from controller.bench.locate.netsnmp import QUIET
from controller.runtime.recorded import endpoint_rows, load
from controller.switches.mib import objects as o
from controller.switches.mib.arp import arp_rows
from controller.switches.mib.fdb import every_fdb_row
from controller.switches.mib.snmprec import read_recording
from controller.switches.mib.walktext import looks_like_one, parse_walk_text
from playbooks.facts import Verdict

# One device with one learned MAC, port 3 of the bridge, ifIndex 7, as the options of net-snmp 5.9 show it.
FORMS = {
    "-On": """.1.3.6.1.2.1.2.2.1.7.7 = INTEGER: up(1)
.1.3.6.1.2.1.17.1.4.1.2.3 = INTEGER: 7
.1.3.6.1.2.1.17.7.1.2.2.1.2.10.0.27.2.3.4.5 = INTEGER: 3
.1.3.6.1.2.1.17.7.1.2.2.1.3.10.0.27.2.3.4.5 = INTEGER: learned(3)
.1.3.6.1.2.1.17.7.1.4.2.1.3.0.20 = Gauge32: 10
.1.3.6.1.2.1.31.1.1.1.1.7 = STRING: "ge7"
.1.3.6.1.2.1.31.1.1.1.1.7 = No more variables left in this MIB View (It is past the end of the MIB tree)
""",
    "-One": """.1.3.6.1.2.1.17.1.4.1.2.3 = INTEGER: 7
.1.3.6.1.2.1.17.7.1.2.2.1.2.10.0.27.2.3.4.5 = INTEGER: 3
.1.3.6.1.2.1.17.7.1.2.2.1.3.10.0.27.2.3.4.5 = INTEGER: 3
.1.3.6.1.2.1.17.7.1.4.2.1.3.0.20 = Gauge32: 10
.1.3.6.1.2.1.31.1.1.1.1.7 = Hex-STRING: 67 65 37
""",
    "without MIBs": """iso.3.6.1.2.1.17.1.4.1.2.3 = INTEGER: 7
iso.3.6.1.2.1.17.7.1.2.2.1.2.10.0.27.2.3.4.5 = INTEGER: 3
SNMPv2-SMI::mib-2.17.7.1.2.2.1.3.10.0.27.2.3.4.5 = INTEGER: 3
mib-2.17.7.1.4.2.1.3.0.20 = Gauge32: 10
iso.3.6.1.2.1.31.1.1.1.1.7 = STRING: "ge7"
""",
    "-OX": """BRIDGE-MIB::dot1dBasePortIfIndex[3] = INTEGER: 7
Q-BRIDGE-MIB::dot1qTpFdbPort[10][STRING: 0:1b:2:3:4:5] = INTEGER: 3
Q-BRIDGE-MIB::dot1qTpFdbStatus[10][STRING: 0:1b:2:3:4:5] = INTEGER: learned(3)
Q-BRIDGE-MIB::dot1qVlanFdbId[0][20] = Gauge32: 10
IF-MIB::ifName[7] = STRING: ge7
""",
    "-OQs": """dot1dBasePortIfIndex.3 = 7
dot1qTpFdbPort[10][0:1b:2:3:4:5] = 3
dot1qTpFdbStatus[10][0:1b:2:3:4:5] = learned
dot1qVlanFdbId.0.20 = 10
ifName.7 = ge7
""",
    "-Oqn": """.1.3.6.1.2.1.17.1.4.1.2.3 7
.1.3.6.1.2.1.17.7.1.2.2.1.2.10.0.27.2.3.4.5 3
.1.3.6.1.2.1.17.7.1.2.2.1.3.10.0.27.2.3.4.5 learned
.1.3.6.1.2.1.17.7.1.4.2.1.3.0.20 10
.1.3.6.1.2.1.31.1.1.1.1.7 ge7
""",
    "-Of": """.iso.org.dod.internet.mgmt.mib-2.dot1dBase.dot1dBasePortTable.dot1dBasePortEntry.dot1dBasePortIfIndex.3 = INTEGER: 7
.iso.org.dod.internet.mgmt.mib-2.17.7.1.2.2.1.2.10.0.27.2.3.4.5 = INTEGER: 3
.iso.org.dod.internet.mgmt.mib-2.17.7.1.2.2.1.3.10.0.27.2.3.4.5 = INTEGER: 3
.iso.org.dod.internet.mgmt.mib-2.17.7.1.4.2.1.3.0.20 = Gauge32: 10
.iso.org.dod.internet.mgmt.mib-2.ifMIB.ifMIBObjects.ifXTable.ifXEntry.ifName.7 = STRING: ge7
""",
}


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form(form: str, ends: str) -> None:
    """The same row, whatever the options, the system and the order."""
    lines = FORMS[form].splitlines()
    for order in (lines, lines[::-1]):
        data = ("\ufeff" * (ends == "\r\n") + ends.join(order) + ends).encode()
        assert looks_like_one(data)
        recording = parse_walk_text(data)
        (row,) = every_fdb_row(recording.walk())
        assert ("00:1b:02:03:04:05", 20, 7, "ge7", Verdict.PORT, "learned") == row[:6]
        assert (0, False) == (recording.odd_lines, row.ragged)


def value(shown: str, column: tuple[int, ...] = o.IF_ALIAS) -> object:
    """One object's value; None if it is no object."""
    name = ".".join(map(str, (*column, 1)))
    return parse_walk_text(
        f".{name} = {shown}\n.1.3.6.1.2.1.1.3.0 = Timeticks: (12) 0:00:00.12\n".encode()
    ).objects.get((*column, 1))


@pytest.mark.parametrize(
    ("shown", "column", "expected"),
    [
        ("INTEGER: 300 seconds", o.ARP_TYPE, 300),
        ("INTEGER: -1", o.ARP_TYPE, -1),
        ("Wrong Type (should be INTEGER): Gauge32: 7", o.BASE_PORT_IFINDEX, 7),
        ("Counter64: 18446744073709551615", o.ARP_TYPE, 2**64 - 1),
        ("Timeticks: (4711) 0:00:47.11", o.ARP_TYPE, 4711),
        ("4711", o.ARP_TYPE, 4711),
        ("Hex-STRING: 00 1B \n02 03 04\n05 ", o.ARP_MAC, b"\x00\x1b\x02\x03\x04\x05"),
        ("Hex-STRING: 00 1B 02 03   [....]\n04 05                     [..]", o.ARP_MAC, b"\x00\x1b\x02\x03\x04\x05"),
        ("STRING: 0:1b:2:3:4:5", o.ARP_MAC, b"0:1b:2:3:4:5"),
        ('"00 1B 02 03 04 05 "', o.ARP_MAC, b"\x00\x1b\x02\x03\x04\x05"),
        ('"00 1B 02 03 04 05 "', o.LLDP_REMOTE_CHASSIS, b"\x00\x1b\x02\x03\x04\x05"),
        ("BITS: 28 00 bridge(2) router(4) ", o.LLDP_REMOTE_CAPS, b"\x28\x00"),
        ("OID: SNMPv2-SMI::enterprises.11863.5", o.ARP_TYPE, (*o.TP_LINK, 5)),
        ("OID: .1.3.6.1.4.1.9", o.ARP_TYPE, (1, 3, 6, 1, 4, 1, 9)),
        ("iso.3.6.1.4.1.9", o.SYS_OBJECT_ID[:-1], (1, 3, 6, 1, 4, 1, 9)),
        ("IpAddress: 10.0.0.255", o.ARP_TYPE, b"\x0a\0\0\xff"),
        ("Network Address: 0A:00:00:FF", o.ARP_TYPE, b"\x0a\0\0\xff"),
        ('""', o.IF_ALIAS, b""),
        ("", o.IF_ALIAS, b""),
        ("STRING: 12", o.IF_ALIAS, b"12"),
        ("12", o.IF_ALIAS, b"12"),
        ('STRING: "a \\"b\\" c\\\\"', o.IF_ALIAS, b'a "b" c\\'),
        ('STRING: "two\nlines\n.1.3.6.1.2.1.1.5.0 = STRING: no"', o.IF_ALIAS, b"two\nlines\n.1.3.6.1.2.1.1.5.0 = STRING: no"),
        ("No Such Instance currently exists at this OID", o.IF_ALIAS, None),
        ("No Such Object available on this agent at this OID", o.BASE_PORT_IFINDEX, None),
        ("INTEGER: someword", o.BASE_PORT_IFINDEX, None),
        ("learned", o.BASE_PORT_IFINDEX, None),
        ("Hex-STRING: 0", o.ARP_MAC, None),
        ('STRING: "AB.D.F"', o.ARP_MAC, None),  # -Oa: dots are whatever is no character
        ('STRING: "ABCDEF"', o.ARP_MAC, b"ABCDEF"),
        ("Opaque: Float: 1.5", o.BASE_PORT_IFINDEX, None),
    ],
)  # fmt: skip
def test_values(shown: str, column: tuple[int, ...], expected: object) -> None:
    """With a type, without one, over several lines; nothing where there is none or it cannot be had back."""
    assert expected == value(shown, column)


def test_indexes_with_addresses() -> None:
    """InetAddress (RFC 4001) in an index: as an address, as octets; a name of a VSI has its length before it."""
    text = """IP-MIB::ipNetToPhysicalPhysAddress.5.ipv4."10.0.0.1" = STRING: 0:1b:2:3:4:5
IP-MIB::ipNetToPhysicalPhysAddress[5][ipv6]["fe:80:00:00:00:00:00:00:00:00:00:00:00:00:00:01"] = STRING: 0:1b:2:3:4:5
HUAWEI-L2MAM-MIB::hwDynFdbPort[0:1b:2:3:4:5][40]["0"] = INTEGER: 12
"""
    assert {
        (*o.NEIGHBOUR_MAC, 5, 1, 4, 10, 0, 0, 1),
        (*o.NEIGHBOUR_MAC, 5, 2, 16, 0xFE, 0x80, *([0] * 13), 1),
        (*o.HUAWEI_FDB_PORT, 0, 0x1B, 2, 3, 4, 5, 40, 1, 48),
    } == set(parse_walk_text(text.encode()).objects)


def test_what_a_form_has_lost() -> None:
    """Octets of an index shown as characters, two values of one object, arcs that cannot be: counted, never guessed."""
    text = """Q-BRIDGE-MIB::dot1qTpFdbPort.10.'...a.b' = INTEGER: 3
BRIDGE-MIB::dot1dBasePortIfIndex.3 = INTEGER: 7
BRIDGE-MIB::dot1dBasePortIfIndex.3 = INTEGER: 8
.1.3.6.1.2.1.17.1.4.1.2.4294967296 = INTEGER: 8
IF-MIB::ifMtu.7 = INTEGER: 1500
"""
    recording = parse_walk_text(text.encode())
    assert ({}, 3) == (recording.objects, recording.odd_lines)


def test_a_text_whose_end_was_lost() -> None:
    """It takes a hundred lines with it and not the rest of the file; an identifier has at most 128 arcs."""
    text = '.1.3.6.1.2.1.1.1.0 = STRING: "cut off\n' + "a line of it\n" * 300 + FORMS["-On"]
    (row,) = every_fdb_row(parse_walk_text(text.encode()).walk())
    assert ("ge7", 20) == (row.port, row.vlan)
    long = parse_walk_text(b"Q-BRIDGE-MIB::dot1qTpFdbPort" + b".1" * 200 + b" = INTEGER: 3\n")
    assert ({}, 1) == (long.objects, long.odd_lines)


@pytest.fixture(scope="module")
def agent() -> Iterator[int]:
    """The port of an agent with 20 learned MACs."""
    if shutil.which("snmpwalk") is None:
        pytest.skip("snmpwalk is not installed")
    secrets = {"community": "public", "user": "walker", "auth": "authentic-1", "priv": "private-12"}
    with crowd([20], secrets) as ports:
        yield ports[0]


@pytest.mark.parametrize("options", ["", "-On", "-One", "-Onq", "-OnQ", "-Ont", "-Onx", "-OnT", "-Of", "-Osq", "-OX"])
def test_what_net_snmp_itself_prints(agent: int, options: str) -> None:
    """Every object of an agent is there again, and 20 MACs are on their ports."""
    command = ["snmpwalk", "-v2c", "-c", "public", "-m", "", *options.split(), f"127.0.0.1:{agent}", "1.3.6.1.2.1"]
    environment = {"PATH": os.environ.get("PATH", ""), **QUIET}
    printed = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
    recording = parse_walk_text(printed)
    rows = every_fdb_row(recording.walk())
    assert (True, 0, 20) == (looks_like_one(printed), recording.odd_lines, len(rows))
    assert {Verdict.PORT} == {row.verdict for row in rows}
    assert 20 == len({row.mac for row in rows} & {binding.mac for binding in arp_rows(recording.walk())})


def test_two_kinds_of_files(tmp_path: Path, data_dir: Path) -> None:
    """A device recorded by snmpsim and the same one printed by snmpwalk -On have the same rows."""
    source = data_dir / "switches" / "snmprec" / "h3c-e528-2.snmprec"
    assert not looks_like_one(source.read_bytes())
    printed = tmp_path / "h3c-e528-2.walk"
    with printed.open("w", encoding="latin-1") as file:
        for identifier, found in read_recording(source).objects.items():
            name = ".".join(map(str, identifier))
            shown = f"INTEGER: {found}" if isinstance(found, int) else f"OID: .{'.'.join(map(str, found))}"
            shown = f"Hex-STRING: {found.hex(' ')}" if isinstance(found, bytes) else shown
            file.write(f".{name} = {shown}\n")
    assert list(endpoint_rows(load([source]))) == list(endpoint_rows(load([printed])))
    assert list(endpoint_rows(load([source]))) == list(endpoint_rows(load([tmp_path])))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from("\n".join(FORMS.values()).split("\n")) | st.text(max_size=40), max_size=20),
    st.binary(max_size=20),
)
def test_whatever_stands_in_a_file(lines: list[str], more: bytes) -> None:
    """Nothing breaks the reader, and a row is a port only with a name."""
    recording = parse_walk_text("\n".join(lines).encode() + more)
    for row in every_fdb_row(recording.walk()):
        assert row.verdict is not Verdict.PORT or (row.ifindex and row.port)
