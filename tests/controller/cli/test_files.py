"""Files that a command is told to read: missing, cut off, or something else."""

from pathlib import Path

import pytest

from .conftest import Run

CAPTURE = "attack_nmap_connect445.pcap"
READERS: list[tuple[str, ...]] = [
    ("flow", "decode", "FILE"),
    ("flow", "stats", "FILE"),
    ("flow", "import", "FILE", "--dry-run"),
    ("detector", "replay", "FILE"),
    ("detector", "replay", "FILE.csv"),
    ("detector", "evaluate", "FILE"),
    ("detector", "tune", "FILE", "--set", "sweep.act.failed_targets=4"),
    ("detector", "train", "FILE", "--out", "site.npz"),
    ("detector", "policy", "learn", "FILE.parquet"),
    ("detector", "policy", "import", "FILE", "--check"),
    ("endpoint", "table", "--walk", "FILE"),
    ("endpoint", "table", "--cli", "cisco_ios", "FILE"),
    ("config", "check", "--config", "FILE"),
    ("alert", "ls", "--config", "FILE"),
]
OF_CAPTURES: list[tuple[str, ...]] = [
    ("flow", "decode", "FILE", "--json"),
    ("flow", "stats", "FILE"),
    ("detector", "replay", "FILE"),
    ("detector", "tune", "FILE", "--set", "sweep.act.failed_targets=4"),
    ("detector", "policy", "learn", "FILE"),
]


def filled(words: tuple[str, ...], path: Path) -> list[str]:
    """The words with a path in place of FILE."""
    return [word.replace("FILE", str(path)) for word in words]


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_a_missing_file_is_not_found(cordon: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    """The same sentence and exit 3, whichever command was told."""
    ran = cordon(*filled(words, tmp_path / "none"))
    assert (3, "") == (ran.code, ran.out)
    assert "there is no such file" in ran.err
    assert 1 == len(ran.err.splitlines())


@pytest.fixture
def cut_off(sample_flows: Path, tmp_path: Path) -> Path:
    """A capture without its last octets."""
    path = tmp_path / "cut.pcap"
    path.write_bytes((sample_flows / CAPTURE).read_bytes()[:-5])
    return path


@pytest.mark.parametrize("words", OF_CAPTURES, ids=" ".join)
def test_a_capture_that_is_cut_off(cordon: Run, cut_off: Path, words: tuple[str, ...]) -> None:
    """It is said on stderr, once, with what was read; what stands before the cut is used."""
    ran = cordon(*filled(words, cut_off))
    assert 0 == ran.code
    assert ran.out
    (said,) = [line for line in ran.err.splitlines() if "the file ends in the middle of a packet" in line]
    assert said.startswith("cut.pcap: ")
    assert "datagrams" in said


def test_recordings_of_a_folder_that_are_cut_off(cordon: Run, cut_off: Path) -> None:
    """`detector evaluate` says which of them."""
    truth = "recordings:\n- file: cut.pcap\n  truth: {}\n"
    (cut_off.parent / "manifest.yaml").write_text(truth, encoding="utf-8")
    ran = cordon("detector", "evaluate", cut_off.parent)
    assert 0 == ran.code
    assert "cut.pcap: the file ends in the middle of a packet" in ran.err


def test_a_capture_cut_off_in_a_header(cordon: Run, sample_flows: Path, tmp_path: Path) -> None:
    """Four octets of the next packet's header are told too."""
    path = tmp_path / "cut.pcap"
    path.write_bytes((sample_flows / CAPTURE).read_bytes() + bytes(4))
    assert "in the middle of a packet's header" in cordon("flow", "stats", path).err


def test_a_whole_capture_is_not_cut_off(cordon: Run, sample_flows: Path) -> None:
    """Nothing is said about a capture that was read to its end."""
    assert "" == cordon("flow", "stats", sample_flows / CAPTURE).err


def test_a_table_that_is_cut_off(cordon: Run, tmp_path: Path) -> None:
    """A compressed table that ends too early is refused whole, and says why."""
    import gzip

    header = "ts_start,ts_end,src_ip,dst_ip,src_port,dst_port,proto,state,tcp_flags\n"
    rows = "".join(f"{n},{n},10.0.0.1,10.0.{n % 7}.{n % 251},{n},445,tcp,S0,S\n" for n in range(5000))
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress((header + rows).encode())[:-500])
    ran = cordon("detector", "replay", tmp_path / "cut.csv.gz")
    assert 2 == ran.code
    assert "is cut off or damaged" in ran.err
