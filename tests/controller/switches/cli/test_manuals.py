"""MAC tables as the manuals of makers show them, with everything that may stand in one: configured, secure and filtered entries,
trunks, tunnels, the switch itself.

Layouts are those that ntc-templates reads and of the makers' command references (FTOS: SNMP chapter; OmniSwitch 6: show
mac-address-table vpls); the others were written from knowledge of the devices, and no capture of one proves them. Addresses
and names are made up.

manuals/PLATFORM.txt: what the command prints, then the answer, a line a row: last octet of the MAC, VLAN, port, what it proves.
"""

from pathlib import Path

import pytest

from controller.core.tables import UNKNOWN
from controller.switches.cli import kinds
from controller.switches.cli.macs import MacRow, mac_table

MANUALS = sorted((Path(__file__).parent / "manuals").glob("*.txt"))


def told(row: MacRow) -> str:
    """A row in a line."""
    found = row.fdb({})
    marks = [word for word, is_so in (("weak", found and found.weak), ("lag", found and found.lag)) if is_so]
    port = "|".join(row.ports).replace(" ", "_") or "-"
    return " ".join([row.mac[-2:] or "--", str(row.vlan), port, str(row.verdict), *marks])


@pytest.mark.parametrize("path", MANUALS, ids=[path.stem for path in MANUALS])
def test_every_kind_of_row(path: Path) -> None:
    """A port only where a machine was heard on one port; a doubt beside it wherever a person has to look."""
    output, answer = path.read_text(encoding="utf-8").split("\n== answer ==\n")
    table = mac_table(path.stem.split("-")[0], output)
    assert answer.splitlines() == [told(row) for row in table.rows]


WORDS = {
    "": ("", " "),
    kinds.LEARNED: (
        "dynamic", "DYNAMIC", "Dyn", "Learned", "learnt", "Learn", "D", "DL", "D,SE", "d", "d m", "dhm", "d mi", "c", "authen",
        "dot1x", "DYNAMIC pv", "hit dynamic src-hit native move",
    ),
    kinds.CONFIGURED: (
        "static", "STATIC", "S", "S,NM", "DP", "P", "s", "s m", "spm", "d mL", "Config static", "Config", "Security",
        "sec-config", "sticky", "Static-Sticky", "Permanent", "Per", "DeleteOnTimeOut", "Persistent", "secure", "snooping",
        "Multiport", "used static",
    ),
    kinds.DROPPED: ("Blackhole", "black-hole", "discard", "filtering", "denied", "Drop", "sB", "d mb"),
    UNKNOWN: ("DR", "O", "evpn", "evn", "peerdynamic", "i", "AGING", "d m X", "dynamic static", "something"),
}  # fmt: skip


@pytest.mark.parametrize("status", WORDS)
def test_words_and_flags(status: str) -> None:
    """What many makers write; a word that is not known is no proof."""
    assert dict.fromkeys(WORDS[status], status) == {word: kinds.status_of(word) for word in WORDS[status]}
