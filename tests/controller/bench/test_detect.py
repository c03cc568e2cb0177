"""`cordon bench detect`: the mix is what it says, and the figures have the form of all figures."""

import json

import numpy as np
from typer.testing import CliRunner

from controller.bench.detect import mix
from controller.bench.detect.figures import measure
from controller.cli.bench import app
from detectors.flow import concatenate


def test_copies_are_other_machines() -> None:
    """Forty times the sources, each address with one MAC, in order of time."""
    morning = mix.Morning(40 * 60)
    rows = concatenate(morning.minute(3))
    sources = {(r["src_addr"], r["src_mac"]) for r in rows.take(rows["in_if"] < 49).rows() if r["src_addr"][12] == 10}  # type: ignore[index]
    assert len(sources) == len({address for address, _ in sources})
    assert 0 == len(mix.sources(rows)) % mix.COPIES
    assert (np.diff(rows["received_ms"]) >= 0).all()


def test_sampled_packets_are_rows_of_their_own() -> None:
    """As sFlow sends them: one packet a row, as many rows as packets were drawn."""
    rows = concatenate(mix.Morning(40 * 60, rate=64).minute(3))
    assert {1} == set(rows["packets"].tolist())
    assert {64} == set(rows["sampling_rate"].tolist())


def test_the_sweep_is_of_a_whole_network_by_fifty() -> None:
    """Forty SYNs a second each, targets all over the /16."""
    rows = mix.sweep(0)
    assert (50, 50 * 40 * 60) == (len(mix.sources(rows)), len(rows))
    assert len(np.unique(rows["dst_addr"], axis=0)) > 50_000


def test_the_figures() -> None:
    """Small ones: cost unsampled, sampled and under the sweep, octets a host, growth of memory after the second minute."""
    found = {row["name"]: row for row in measure(2400, 1, lambda _: None, warm=1, flood_minutes=3, sweep_per_s=4)}
    names = ("detect.cpu_s_per_m", "detect.bytes_per_host", "detect.cpu_s_per_m.sampled", "detect.rss_growth")
    assert {*names, "detect.cpu_s_per_m.sweep"} == set(found)
    assert all({"name", "value", "unit", "runs"} <= set(row) for row in found.values())
    assert all(found[name]["value"] > 0 for name in names if name != "detect.rss_growth")
    assert 1 == len(found["detect.rss_growth"]["runs"])
    json.dumps(list(found.values()))


def test_the_command_says_what_it_measures() -> None:
    """Its help names the units."""
    help_text = CliRunner().invoke(app, ["detect", "--help"]).output
    assert "CPU seconds per million" in help_text
