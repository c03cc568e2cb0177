"""`cordon endpoint table`: recorded walks and command lines, in a form that other software relies on."""

from pathlib import Path

import pytest

from .conftest import Run

WALK = """1.3.6.1.2.1.17.1.4.1.2.3|2|103
1.3.6.1.2.1.31.1.1.1.1.103|4|ge3
1.3.6.1.2.1.31.1.1.1.1.7|4|vlan7
1.3.6.1.2.1.17.7.1.2.2.1.2.10.2.0.0.0.0.1|2|3
1.3.6.1.2.1.17.7.1.2.2.1.2.10.2.0.0.0.0.2|2|7
this is no line
"""
TEXT = """Vlan    Mac Address       Type        Ports
----    -----------       --------    -----
  10    0200.0000.0001    DYNAMIC     Gi1/0/3
  10    0200.0000.0002    STATIC      CPU
"""


@pytest.fixture
def walk(tmp_path: Path) -> Path:
    """One switch, two MACs."""
    path = tmp_path / "sw1.snmprec"
    path.write_text(WALK, encoding="utf-8")
    return path


def test_rows_of_a_walk(cordon: Run, walk: Path) -> None:
    """One object a row, with the columns that were promised; what was not read is said on stderr."""
    ran = cordon("endpoint", "table", "--walk", walk, "--json")
    port, other = ran.rows
    assert (0, "02:00:00:00:00:01", 10, "sw1", "ge3", 103, "port", []) == (
        ran.code,
        *(port[name] for name in ("mac", "vlan", "switch", "port", "ifindex", "verdict", "refuse")),
    )
    assert ("ambiguous", ["unresolved"], None) == (other["verdict"], other["refuse"], other["port"])
    assert {"vlan_source", "table", "status", "how", "lag", "port_mac_count"} <= set(port)
    assert "1 lines not read" in ran.err


def test_several_walks_are_a_site(cordon: Run, walk: Path) -> None:
    """Files after the first, repeated options and folders; views of a VLAN join their switch."""
    (walk.parent / "sw2.snmprec").write_text(WALK, encoding="utf-8")
    view = "1.3.6.1.2.1.17.4.3.1.2.2.0.0.0.0.9|2|3\n1.3.6.1.2.1.17.1.4.1.2.3|2|103\n"
    (walk.parent / "sw2@20.snmprec").write_text(view, encoding="utf-8")
    several = cordon(
        "endpoint", "table", "--walk", walk, walk.parent / "sw2.snmprec", walk.parent / "sw2@20.snmprec", "--json"
    )
    folder = cordon("endpoint", "table", "--json", "--walk", walk.parent)
    assert several.rows == folder.rows
    (viewed,) = [row for row in several.rows if row["vlan_source"] == "context"]
    assert ("sw2", 20, "ge3", "edge", "sw2", 103) == tuple(
        viewed[name] for name in ("switch", "vlan", "port", "kind", "edge_switch", "edge_ifindex")
    )
    assert {"conflict"} == {row["kind"] for row in several.rows if row["mac"] == "02:00:00:00:00:01"}


def test_rows_of_a_command_line(cordon: Run, tmp_path: Path) -> None:
    """Case, MAC, VLAN, port and type as the switch showed them, with a verdict."""
    (tmp_path / "macs.raw").write_text(TEXT, encoding="utf-8")
    ran = cordon("endpoint", "table", "--cli", "cisco_ios", tmp_path / "macs.raw", "--json")
    assert [
        ("macs.raw", "02:00:00:00:00:01", 10, "Gi1/0/3", "port"),
        ("macs.raw", "02:00:00:00:00:02", 10, "CPU", "self"),
    ] == [tuple(row[name] for name in ("case", "mac", "vlan", "port", "verdict")) for row in ran.rows]


def test_what_speaks_against_a_row_of_a_command_line(cordon: Run, tmp_path: Path) -> None:
    """Two ports of one machine, too many machines, static entries, groups, aggregates and tunnels."""
    rows = [("0200.0000.0001", "DYNAMIC", "Gi1/0/1"), ("0200.0000.0001", "DYNAMIC", "Gi1/0/2")]
    rows += [
        ("0200.0000.0002", "STATIC", "Gi1/0/3"),
        ("0100.5e00.0001", "DYNAMIC", "Gi1/0/4"),
        ("0200.0000.0003", "DYNAMIC", "Po1"),
    ]
    rows += [("0200.0000.0004", "DYNAMIC", "nve1(10.0.0.1)"), ("0200.0000.0005", "DYNAMIC", "Gi1/0/6")]
    rows += [(f"0200.0000.01{n:02}", "DYNAMIC", "Gi1/0/5") for n in range(10)]
    lines = ["Vlan    Mac Address       Type        Ports", "----    -----------       --------    -----"]
    lines += [f"  10    {mac}    {kind:8}    {port}" for mac, kind, port in rows]
    (tmp_path / "macs.raw").write_text("\n".join(lines), encoding="utf-8")
    ran = cordon("endpoint", "table", "--cli", "cisco_ios", tmp_path / "macs.raw", "--json")
    assert [
        ["conflict"], ["conflict"], ["stale"], ["unresolved"], ["aggregate"], ["unresolved"], [], *[["many-macs"]] * 10
    ] == [row["refuse"] for row in ran.rows]  # fmt: skip


def test_addresses_of_a_walk(cordon: Run, walk: Path) -> None:
    """ARP rows with the answers for their MAC."""
    with walk.open("a", encoding="utf-8") as file:
        file.write("1.3.6.1.2.1.4.22.1.2.7.10.0.0.1|4x|020000000001\n")
    (row,) = cordon("endpoint", "table", "--walk", walk, "--arp", "--json").rows
    assert ("10.0.0.1", "port=ge3") == (row["ip"], row["answers"])


def test_what_is_missing(cordon: Run, tmp_path: Path) -> None:
    """Neither a walk nor a platform: usage. A file that is not there: not found."""
    assert 2 == cordon("endpoint", "table").code
    assert 2 == cordon("endpoint", "table", "--cli", "cisco_ios").code
    assert 3 == cordon("endpoint", "table", "--walk", tmp_path / "none.snmprec").code


def test_a_platform_that_is_none(cordon: Run, tmp_path: Path) -> None:
    """Usage, with the platforms that there are and the one that was meant."""
    (tmp_path / "macs.raw").write_text(TEXT, encoding="utf-8")
    ran = cordon("endpoint", "table", "--cli", "cisco_iso", tmp_path / "macs.raw")
    assert 2 == ran.code
    for word in ("'cisco_iso' is no platform", "did you mean cisco_ios?", "huawei_vrp", "dlink_ds", "other"):
        assert word in ran.err
    assert 0 == cordon("endpoint", "table", "--cli", "other", tmp_path / "macs.raw").code


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [("", 2, "is empty"), ("no such command\n^\n", 3, "0 rows (macs.raw: 2 lines read)")],
)
def test_texts_without_a_row(cordon: Run, tmp_path: Path, content: str, code: int, says: str) -> None:
    """What was read, that it gave nothing, and which command's output was wanted."""
    (tmp_path / "macs.raw").write_text(content, encoding="utf-8")
    ran = cordon("endpoint", "table", "--cli", "cisco_ios", tmp_path / "macs.raw")
    assert (code, "") == (ran.code, ran.out)
    assert says in ran.err
    assert code == 2 or "show mac-address-table" in ran.err


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        ("", 2, "is empty"),
        (TEXT, 2, "none of them OID|TYPE|VALUE"),
        (WALK.splitlines()[1], 3, "0 rows (sw1: 1 objects read)"),
    ],
)
def test_walks_without_a_row(cordon: Run, tmp_path: Path, content: str, code: int, says: str) -> None:
    """What was read, that it gave nothing, and which table the walk must hold."""
    (tmp_path / "sw1.snmprec").write_text(content, encoding="utf-8")
    ran = cordon("endpoint", "table", "--walk", tmp_path / "sw1.snmprec")
    assert (code, "") == (ran.code, ran.out)
    assert says in ran.err
    assert code == 2 or "1.3.6.1.2.1.17" in ran.err


def test_an_empty_walk_among_others(cordon: Run, walk: Path) -> None:
    """It is said, and the others are shown."""
    (walk.parent / "sw2.snmprec").touch()
    ran = cordon("endpoint", "table", "--json", "--walk", walk.parent)
    assert (0, 2) == (ran.code, len(ran.rows))
    assert "sw2: is empty" in ran.err


def test_a_folder_without_walks(cordon: Run, tmp_path: Path) -> None:
    """Not found, and what was looked for."""
    ran = cordon("endpoint", "table", "--walk", tmp_path)
    assert 3 == ran.code
    assert "*.snmprec" in ran.err
