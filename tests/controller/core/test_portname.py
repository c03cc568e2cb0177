"""Names of ports in the configuration: whoever writes one in another spelling has protected that port, and not none."""

import pytest

from controller.core.portname import is_called, nobodys


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ge1", "ge1"),
        ("GE1", "ge1"),
        ("GigabitEthernet1/0/1", "Gi1/0/1"),
        ("gi 1/0/1", "GigabitEthernet1/0/1"),
        ("GE1/0/1", "GigabitEthernet1/0/1"),
        ("XGE0/0/1", "XGigabitEthernet0/0/1"),
        ("Te1/1/1", "TenGigabitEthernet1/1/1"),
        ("Eth1/1", "Ethernet1/1"),
        ("24", "24"),
        ("mgmt", "MGMT"),
    ],
)
def test_one_port_in_two_spellings(written: str, name: str) -> None:
    """Case, blanks and a shortened word do not matter, whichever side shortens."""
    assert is_called(written, name)
    assert is_called(name, written)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ge1", "ge10"),
        ("ge1", "ge2"),
        ("Gi1/0/1", "Gi1/0/11"),
        ("Gi1/0/1", "Gi2/0/1"),
        ("Gi1/0/1", "Te1/0/1"),
        ("1", "ge1"),
        ("up", "uplink"),
        ("", "ge1"),
        ("vlan10", "ge10"),
    ],
)
def test_another_port(written: str, name: str) -> None:
    """Another number or another kind is another port; a name without a number is not shortened."""
    assert not is_called(written, name)


def test_names_that_no_port_has() -> None:
    """They are told, in the order they are written."""
    assert ["upX", "ge9"] == nobodys(["upX", "GE1", "ge9"], ["ge1", "ge2", "up1"])
