"""What a terminal recorded gives the same rows as what the switch printed: prompts, echoes, pagers, messages, line ends."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.switches.cli import cells
from controller.switches.cli.capture import plain
from controller.switches.cli.macs import mac_table

OPEN = [
    "allied_telesis_awplus", "arista_eos", "avaya_ers", "cisco_ios", "cisco_nxos", "cisco_s300", "hp_comware", "hp_procurve",
    "huawei_vrp",
]  # fmt: skip
ECHOES = (
    "sw-1#show mac address-table", "sw-1#show mac address-table vlan 10", "sw-1> show mac address-table interface Gi1/0/1",
    "<SW-1>display mac-address vlan 10", "HP-2920# show mac-address 020000-000001",
    "HP ProCurve Switch 2626# show mac-address 020000-000001",
    "root@ex> show ethernet-switching table vlan 10",
)  # fmt: skip
# As the devices of the transcripts and manuals of their makers print them between two rows, with what wipes them.
PAGERS = {
    "IOS": " --More-- \b\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b\b",
    "Comware, VRP": "  ---- More ----\x1b[16D                \x1b[16D",
    "EOS": "--More--\r        \r",
    "Cisco SB": "More: <space>,  Quit: q or CTRL+Z, One line: <return> \r                                                   \r",
    "ProCurve": "-- MORE --, next page: Space, next line: Enter, quit: Control-C\x1b[24;1H\x1b[2K",
    "Junos": "---(more 45%)---\r                                        \r",
    "FASTPATH": "\n--More-- or (q)uit\n",
    "EXOS": "Press <SPACE> to continue or <Q> to quit:\x1b[2K\r",
}
LOGS = (
    "*Mar  1 00:01:02.003: %SW_MATM-4-MACFLAP_NOTIF: Host 0200.0000.00fe in vlan 10 flaps between port Gi1/0/1 and Gi1/0/2",
    "Nov 27 2026 09:00:00+00:00 SW %%01L2IFPPI/4/MACFLAPPING(l)[0]:MAC move, MAC address is 0200-0000-00fe, port GE0/0/1",
    "%Nov 27 09:00:00:000 2026 SW ARP/6/DUPIFIP: Duplicate address 10.0.0.1 on Vlan-interface1, sourced from 0200-0000-00fe.",
)


def _rows(platform: str, text: str) -> Counter[tuple[str, str, str, str]]:
    rows = mac_table(platform, text).rows
    return Counter((row.mac, str(row.vlan), row.port, str(row.verdict)) for row in rows)


def _between_rows(text: str, what: str, glue: str) -> str:
    """`what` in the middle of the table, before a row."""
    lines = text.splitlines()
    rows = [number for number, line in enumerate(lines) if cells.MAC.search(line)]
    at = rows[len(rows) // 2]
    return "\n".join([*lines[:at], what + glue + lines[at], *lines[at + 1 :]])


CHANGES: dict[str, Callable[[str], str]] = {
    **{echo: lambda text, echo=echo: f"{echo}\n{text}\nsw-1#" for echo in ECHOES},  # type: ignore[misc]
    **{f"pager of {name}": lambda text, p=pager: _between_rows(text, p, "") for name, pager in PAGERS.items()},  # type: ignore[misc]
    **{log[:20]: lambda text, log=log: _between_rows(text, log, "\n") for log in LOGS},  # type: ignore[misc]
    "CR LF": lambda text: text.replace("\n", "\r\n"),
    "CR CR LF": lambda text: text.replace("\n", "\r\r\n"),
    "byte order mark": lambda text: "\ufeff" + text,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("platform", OPEN)
def test_the_same_rows(data_dir: Path, platform: str, change: str) -> None:
    """Every row of every open case, and no other, however the output was recorded."""
    for path in sorted((data_dir / "switches" / "cli" / platform).glob("*mac*/*.raw")):
        text = path.read_text(encoding="utf-8")
        assert (path.name, _rows(platform, text)) == (path.name, _rows(platform, CHANGES[change](text)))


@pytest.mark.parametrize(
    ("recorded", "seen"),
    [
        ("ab\bc", "ac"),
        ("a\r\nbb\rc", "a\ncb"),
        ("\x1b[7mrow\x1b[0m\x1b[K", "row"),
        ("--More--\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b1  row", "1  row"),
        ("<--- More --->\r              \rrow", "row"),
        ("  ---- More ----\x1b[16D                \x1b[16Drow", "row"),
        ("---- More ----row", "row"),
        ("a\tb", "a       b"),
        ("Learned 5 more -- see below", "Learned 5 more -- see below"),
    ],
)
def test_plain(recorded: str, seen: str) -> None:
    """As a person saw it in the end."""
    assert seen == plain(recorded)


def test_two_rows_a_line() -> None:
    """A table that stands twice beside itself, as old ERS and BayStack switches print it."""
    text = """   MAC Address    Vid  Source         MAC Address    Vid  Source
----------------- ---- -------     ----------------- ---- -------
02-00-00-00-00-01 1    Port: 3     02-00-00-00-00-02 1    Port: 4
02-00-00-00-00-03 1    Port: 5
"""
    found = [(row.mac[-2:], row.port) for row in mac_table("other", text).rows]
    assert [("01", "3"), ("02", "4"), ("03", "5")] == found
