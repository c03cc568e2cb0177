"""`cordon flow import`: what other collectors wrote goes onto the bus, or is printed."""

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from controller.bus.codec import decode
from controller.bus.config import BusConfig
from controller.bus.connect import open_bus
from controller.bus.port import FLOWS
from controller.core.clock import SystemClock
from detectors.address import text
from tests.controller.collector.interop import csvlines as c
from tests.controller.collector.interop import protobuf as p

from .conftest import Run


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with a bus of its own."""
    path = tmp_path / "cordon.yaml"
    path.write_text("data_dir: data\n", encoding="utf-8")
    return path


def written(path: Path, data: bytes) -> Path:
    """A file with these bytes."""
    path.write_bytes(data)
    return path


def on_the_bus(folder: Path) -> list[tuple[str, str, int]]:
    """(writer, agent, destination port) of every row on the bus."""
    bus = open_bus("embedded", folder, SystemClock(), BusConfig())
    consumer = bus.consumer([FLOWS], "test")
    messages = list(consumer.poll(2000))
    consumer.close()
    bus.close()
    return [
        (message.headers["writer"], text(row["agent"]), row["dst_port"])  # type: ignore[arg-type]
        for message in messages
        for row in decode(message.payload, message.headers).rows()
    ]


def test_goflow2_onto_the_bus(cordon: Run, config: Path, tmp_path: Path) -> None:
    """The format is told by the file; the rows stand on the bus as the collector's would; --json is one object."""
    file = written(tmp_path / "flows.bin", p.delimited(p.flow(), p.flow(type=0), p.flow(dst_port=139)))
    ran = cordon("flow", "import", file, "--json")
    assert 0 == ran.code, ran.err
    (said,) = ran.rows
    assert ("goflow2", 2, {"unknown-type": 1}) == (said["format"], said["rows"], said["skipped"])
    assert [("import", "192.0.2.1", 445), ("import", "192.0.2.1", 139)] == on_the_bus(tmp_path / "data")


def test_nfdump_onto_the_bus(cordon: Run, config: Path, tmp_path: Path) -> None:
    """Rows without a router take the address given; each agent's rows go to its own partition."""
    file = written(tmp_path / "flows.csv", c.file(c.line(), c.line(ra="0.0.0.0", dp="22")))
    ran = cordon("flow", "import", file, "--exporter", "192.0.2.9", "--zone", "UTC")
    assert 0 == ran.code
    assert "2 rows of nfdump imported" in ran.err
    assert {("import", "192.0.2.1", 445), ("import", "192.0.2.9", 22)} == set(on_the_bus(tmp_path / "data"))


def test_dry_run_prints_records(cordon: Run, tmp_path: Path) -> None:
    """Without any configuration: records on stdout as `decode` prints them, nothing is written."""
    file = written(tmp_path / "flows.csv", c.file(c.line(), c.line(sa="?")))
    ran = cordon("flow", "import", file, "--dry-run", "--json")
    assert [445] == [row["dst_port"] for row in ran.rows]
    assert "skipped: bad-address" in ran.err
    assert [file] == list(tmp_path.iterdir())
    assert "10.0.0.2" in cordon("flow", "import", file, "--dry-run").out


def test_standard_input(cordon: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads what is piped in."""
    piped = io.BufferedReader(io.BytesIO(p.delimited(p.flow())))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=piped))
    assert [445] == [row["dst_port"] for row in cordon("flow", "import", "-", "--dry-run", "--json").rows]


def test_a_damaged_file(cordon: Run, config: Path, tmp_path: Path) -> None:
    """What came before is on the bus, the summary is printed, the error names the byte, and it exits 8: partly done."""
    good = p.delimited(p.flow())
    ran = cordon("flow", "import", written(tmp_path / "flows.bin", good + good[:9]), "--json")
    assert (8, 1) == (ran.code, ran.rows[0]["rows"])
    assert f"byte {len(good)}" in ran.err
    assert 1 == len(on_the_bus(tmp_path / "data"))


def test_a_bus_that_is_away(cordon: Run, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row is called imported that the bus did not take; it exits 7."""
    monkeypatch.setenv("CORDON_BUS", "kafka://127.0.0.1:1")
    ran = cordon("flow", "import", written(tmp_path / "flows.bin", p.delimited(p.flow())))
    assert 7 == ran.code
    assert "1 rows" not in ran.err


@pytest.mark.parametrize(
    "words", [("--format", "argus"), ("--exporter", "printer"), ("--zone", "Mars/Base"), ("--format", "nfdump")]
)
def test_wrong_words(cordon: Run, config: Path, tmp_path: Path, words: tuple[str, str]) -> None:
    """A format, an address or a zone that is none, and a file that is not of the format said: exit 2, nothing imported."""
    ran = cordon("flow", "import", written(tmp_path / "flows.bin", p.delimited(p.flow())), *words)
    assert 2 == ran.code
    assert "Traceback" not in ran.err


def test_no_such_file(cordon: Run, config: Path, tmp_path: Path) -> None:
    """One line, exit 3: not found, as everywhere."""
    assert 3 == cordon("flow", "import", tmp_path / "none.bin").code
