"""docs/vendors.md says what the vendor files say."""

from pathlib import Path

from controller.emulate import DIALECTS
from controller.switches import maturity
from controller.switches.vendor import load_vendor, platforms

PAGE = Path(__file__).parents[3] / "docs" / "vendors.md"
ON_REAL_DEVICES = {"linux", "ovs", "frr"}  # the lab has these themselves
NO_TRANSCRIPT = (
    "huawei_vrp", "huawei_vrp8", "ruijie_os", "zte_zxros", "hp_procurve", "aruba_aoscx", "juniper_junos",
    "dell_os6", "dell_os9", "dell_os10", "extreme_exos", "fortinet",
)  # fmt: skip


def test_the_page_is_in_step() -> None:
    """The generated half is what the vendor files give now."""
    _, _, generated = PAGE.read_text("utf-8").partition("<!-- generated from here -->\n\n")
    assert maturity.document() == generated


def test_without_a_transcript_nothing_is_proven() -> None:
    """Platforms known from manuals only are published as unproven (DECISIONS 18)."""
    assert {"unproven"} == {load_vendor(platform).maturity.stage for platform in NO_TRANSCRIPT}


def test_every_vendor_file_is_tried() -> None:
    """Each has an emulated command line, or a real device in the lab; each says where it comes from."""
    assert set(platforms()) == set(DIALECTS) | ON_REAL_DEVICES
    assert [] == [platform for platform in platforms() if not load_vendor(platform).sources]
