"""The benchmark of location: what it reads is right, and its figures have their form."""

import shutil

from controller.bench.locate import measure
from tests.parts import require_part

NAMES = (
    "locate.v2c.cpu_s",
    "locate.v2c.walk_cpu_s",
    "locate.v2c.located_cpu_s",
    "locate.v3.cpu_s",
    "locate.v3.walk_cpu_s",
    "locate.v3.located_cpu_s",
    "locate.ratio_snmpbulkwalk",
    "locate.v3.ratio_snmpbulkwalk",
    "locate.find_one_ms",
    "locate.find_busy_ms",
)


def test_a_small_run_has_every_figure() -> None:
    """Every row of every agent is located, snmpbulkwalk reads as many objects, and each figure is the median of its runs."""
    require_part("snmp", shutil.which("snmpbulkwalk") is not None, "net-snmp's clients (make parts)")
    found = {row["name"]: row for row in measure(4, 60, 1000, 2, lambda _: None)}
    assert NAMES == tuple(found)
    assert 4 * 2 * 60 == found["locate.v2c.cpu_s"]["rows"] == found["locate.v3.cpu_s"]["rows"]
    each = [found[f"locate.v3.{what}"]["runs"] for what in ("cpu_s", "walk_cpu_s", "located_cpu_s")]
    assert all(decoding < walk < located for decoding, walk, located in zip(*each, strict=True))
    assert 3 * 3 * 1000 == found["locate.ratio_snmpbulkwalk"]["objects"]
    assert all(len(row["runs"]) >= 2 and row["value"] is not None for row in found.values())
    assert found["locate.find_one_ms"]["value"] < 200
