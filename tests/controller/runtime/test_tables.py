"""How labelled tables are read: who opened what, whatever tool wrote the file, and rows that cannot be read."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from controller.cli.detector import app
from controller.runtime.labelled import scenarios
from controller.runtime.replay import replay
from controller.runtime.tables import TableReading, read_table
from detectors.event import Hint, Kind, Verb
from detectors.initiator import NOTHING, Reading, read

HEAD = (
    "ts_start,ts_end,src_ip,dst_ip,src_port,dst_port,proto,packets_out,bytes_out,packets_in,bytes_in,tcp_flags,state,"
    "label,attack_type,scenario"
)
CLIENT, SERVER = "10.1.1.7", "10.1.0.20"


def line(
    src: str = CLIENT,
    dst: str = SERVER,
    sport: Any = 50_000,
    dport: Any = 445,
    *,
    proto: str = "tcp",
    out: str = "1,44",
    back: str = "0,0",
    flags: str = "",
    state: str = "",
    at: Any = 1000,
) -> str:
    """A record; `out` and `back` are packets and octets."""
    return f"{at},{at},{src},{dst},{sport},{dport},{proto},{out},{back},{flags},{state},benign,,x"


def write(folder: Path, lines: list[str]) -> Path:
    """A table."""
    path = folder / "x.csv"
    path.write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    return path


def readings(folder: Path, *lines: str) -> list[Reading]:
    """What the rows of a table say."""
    return [read(row) for batch in read_table(write(folder, list(lines))) for row in batch.rows()]


def verbs(folder: Path, *lines: str) -> list[Verb]:
    """And only whether they open, answer or refuse."""
    return [reading.verb for reading in readings(folder, *lines)]


@pytest.mark.parametrize("state", ["OTH", "SF", "S0"])
@pytest.mark.parametrize("kind", [8, 13, 15, 17])
def test_icmp_requests_open(tmp_path: Path, kind: int, state: str) -> None:
    """Zeek writes OTH for ICMP as a rule; the type is the source port."""
    silent = line(sport=kind, dport=0, proto="icmp", state=state, flags="-")
    assert [Reading(Verb.OPEN, Kind.ICMP, hint=Hint.UNANSWERED)] == readings(tmp_path, silent)
    assert [Verb.OPEN, Verb.ANSWER] == verbs(tmp_path, line(sport=kind, dport=0, proto="icmp", back="1,64"))


def test_icmp_of_ipv6_is_icmpv6(tmp_path: Path) -> None:
    """Zeek calls both icmp; an echo request of IPv6 is 128. NetFlow writes the type into the target port."""
    assert [Verb.OPEN] == verbs(tmp_path, line("fd00::1", "fd00::2", 128, 129, proto="icmp", state="OTH"))
    assert [Verb.OPEN] == verbs(tmp_path, line(sport=0, dport=2048, proto="1"))


@pytest.mark.parametrize("kind", [0, 3, 4, 5, 9, 11, 12, 128])
@pytest.mark.parametrize("state", ["OTH", "S0", "SF"])
def test_other_icmp_opens_nothing(tmp_path: Path, kind: int, state: str) -> None:
    """Unreachable, time exceeded, replies: whoever sends them was asked first."""
    assert Verb.OPEN not in verbs(tmp_path, line(sport=kind, dport=0, proto="icmp", state=state))
    assert Verb.OPEN not in verbs(tmp_path, line(sport=kind, dport=0, proto="icmp", state=state, back="1,64"))


@pytest.mark.parametrize("kind", [1, 3, 8, 129, 133, 134, 135, 136, 143])
def test_neighbour_discovery_opens_nothing(tmp_path: Path, kind: int) -> None:
    """A router asks for all its neighbours, all day."""
    row = line("fe80::1", "fe80::2", kind, 0, proto="icmp6", back="1,64")
    assert Verb.OPEN not in verbs(tmp_path, row)


@pytest.mark.parametrize("flags", ["SADF", "SAD", "FSPA_", "FSPA", ".AP.SF", "27", "0x1b", "SPA_"])
def test_one_direction_that_went_on_was_answered(tmp_path: Path, flags: str) -> None:
    """Nobody acknowledges, sends data or closes without an answer, whether or not that was exported."""
    assert [Verb.OPEN, Verb.ANSWER] == verbs(tmp_path, line(out="8,1500", flags=flags, state="S0"))


@pytest.mark.parametrize("flags", ["S", "S_", "2", "0x02", "SR_"])
def test_one_direction_that_did_not(tmp_path: Path, flags: str) -> None:
    """A SYN alone opens, and nothing came back."""
    assert [(Verb.OPEN, Hint.UNANSWERED)] == [
        (r.verb, r.hint) for r in readings(tmp_path, line(flags=flags, state="S0"))
    ]


def test_a_talk_without_flags_was_answered(tmp_path: Path) -> None:
    """Packets with data in them; a SYN that is sent again is not."""
    assert [Verb.OPEN, Verb.ANSWER] == verbs(tmp_path, line(out="8,1500"))
    assert [Verb.OPEN] == verbs(tmp_path, line(out="3,156"))


@pytest.mark.parametrize("flags", ["", "-", "FSPA_", "27"])
@pytest.mark.parametrize("state", ["", "S0"])
def test_directions_apart(tmp_path: Path, flags: str, state: str) -> None:
    """A server that is a record of its own is not accused of its clients' connections, nor are they said to be silent."""
    asks = line(out="8,1500", flags=flags, state=state)
    tells = line(SERVER, CLIENT, 445, 50_000, out="9,4500", flags=flags, state=state, at=1001)
    assert [Verb.OPEN, Verb.ANSWER, Verb.ANSWER] == verbs(tmp_path, asks, tells)
    assert [Verb.OPEN, Verb.REFUSE] == verbs(
        tmp_path, line(flags="S_" if flags else ""), line(SERVER, CLIENT, 445, 50_000, flags="RA_" if flags else "")
    )
    assert Hint.NONE == readings(tmp_path, asks, tells)[0].hint
    pings = line(sport=8, dport=0, proto="icmp"), line(SERVER, CLIENT, 0, 0, proto="icmp")
    assert [(Verb.OPEN, Hint.NONE), (Verb.ANSWER, Hint.NONE)] == [(r.verb, r.hint) for r in readings(tmp_path, *pings)]


@pytest.mark.parametrize("flags", ["Fr", "FPU_RA", "F_R", "Ar", "r", "FPU_R"])
def test_scans_without_a_syn(tmp_path: Path, flags: str) -> None:
    """FIN, Xmas, ACK and NULL: one segment that opens nothing legitimate, and a reset. Never of a server to its client."""
    assert [Verb.OPEN, Verb.REFUSE] == verbs(tmp_path, line(flags=flags, state="OTH", back="1,40"))
    assert Verb.OPEN not in verbs(tmp_path, line(SERVER, CLIENT, 445, 50_000, flags=flags, state="OTH", back="1,40"))


@pytest.mark.parametrize("flags", ["DadA", "Dar", "A", "ADad", "^d", "DFar", "FfA", "S0F0R0A1", "PA_PA"])
def test_the_middle_of_a_connection_opens_nothing(tmp_path: Path, flags: str) -> None:
    """Whoever is named first."""
    assert [NOTHING.verb] * 2 == verbs(tmp_path, line(flags=flags, state="OTH", out="3,400", back="2,200"))


def test_one_packet_each_way_without_flags_is_a_refusal(tmp_path: Path) -> None:
    """More than that is an answer; unless it comes from the service, which opened nothing."""
    assert [Verb.OPEN, Verb.REFUSE] == verbs(tmp_path, line(back="1,40"))
    assert [Verb.OPEN, Verb.ANSWER] == verbs(tmp_path, line(out="3,132", back="2,88"))
    assert Verb.OPEN not in verbs(tmp_path, line(SERVER, CLIENT, 445, 50_000, out="3,400", back="2,200"))


@pytest.mark.parametrize("flags", ["-", "27", "0x1b", "ShADadFf", "SPA_SPA", "S1F1R0A1"])
def test_spellings_of_flags_of_a_whole_connection(tmp_path: Path, flags: str) -> None:
    """All of them open."""
    assert [Verb.OPEN, Verb.ANSWER] == verbs(tmp_path, line(flags=flags, state="SF", out="9,900", back="9,900"))


def test_protocols(tmp_path: Path) -> None:
    """By number as by name; ARP asks for an address."""
    assert [Verb.OPEN, Verb.ANSWER] == verbs(tmp_path, line(proto="6", flags="ShA", back="1,44"))
    assert [Reading(Verb.OPEN, Kind.UDP, 53, 50_000, Hint.UNANSWERED, 22)] == readings(
        tmp_path, line(proto="17", dport=53)
    )
    (ask, told) = readings(tmp_path, line(proto="arp", sport="", dport="", back="1,60"))
    assert (Reading(Verb.OPEN, Kind.ARP), Reading(Verb.ANSWER, Kind.ARP)) == (ask, told)


ODD = {
    "ts_start is no time in seconds since 1970": [
        {"at": at} for at in ("", "inf", "2023-11-14T00:00:00Z", "-5", "1e13")
    ],
    "src_ip is no address": [{"src": "host1"}, {"src": ""}],
    "dst_port is out of range": [{"dport": 99_999}, {"dport": "http"}, {"dport": -1}],
    "bytes_in is out of range": [{"back": "1,1e300"}, {"back": "1,-2"}, {"back": "1,inf"}],
}


@pytest.mark.parametrize(("reason", "odd"), [(reason, odd) for reason, found in ODD.items() for odd in found])
def test_rows_that_cannot_be_read(tmp_path: Path, reason: str, odd: dict[str, Any]) -> None:
    """They are left out, counted by reason, and the file goes on."""
    told: list[TableReading] = []
    path = write(tmp_path, [line(**odd), line(flags="S")])
    assert 1 == sum(len(batch) for batch in read_table(path, told.append))
    assert [(1, {reason: 1})] == [(reading.rows, dict(reading.skipped)) for reading in told]
    assert [] == list(replay(path))
    assert 1 == len(list(scenarios(tmp_path)))


def test_no_end_is_no_fault(tmp_path: Path) -> None:
    """Nor a blank counter, nor a port in hexadecimal; a line with too many cells is left out."""
    good = line(flags="S").replace("1000,1000", "1000,") + "\n" + line(dport="0x1bd", flags="S", out=",")
    told: list[TableReading] = []
    rows = [row for batch in read_table(write(tmp_path, [good, line() + ",,"]), told.append) for row in batch.rows()]
    assert [(445, 1_000_000), (445, 1_000_000)] == [(row["dst_port"], row["last_ms"]) for row in rows]
    assert {"more cells than columns": 1} == dict(told[0].skipped)


def test_what_was_left_out_is_said(tmp_path: Path) -> None:
    """Once, on stderr."""
    path = write(tmp_path, [line(src="host1"), line(flags="S")])
    done = CliRunner().invoke(app, ["replay", str(path), "--json"])
    assert (0, "") == (done.exit_code, done.stdout)
    assert "1 rows skipped: src_ip is no address" in done.stderr.replace("\n", " ")


def test_an_empty_table(tmp_path: Path) -> None:
    """Nothing, and no fault."""
    assert [] == list(read_table(write(tmp_path, [])))
    assert [] == list(replay(write(tmp_path, [line(src="nobody")])))
    assert [] == list(scenarios(tmp_path))
