"""Makers of network cards, and what is guessed from them."""

import pytest

from controller.inventory.maker import RANDOMISED, kind_guess, maker_of


@pytest.mark.parametrize(
    ("mac", "words"), [("00:00:0c:07:ac:01", "Cisco"), ("00-50-56-BF-EE-49", "VMware"), ("0080.7711.2233", "Brother")]
)
def test_who_made_it(mac: str, words: str) -> None:
    """By IEEE's list, whatever the notation; nothing is downloaded."""
    assert words.lower() in (maker_of(mac) or "").lower()


@pytest.mark.parametrize("mac", ["02:00:00:00:00:01", "da:a1:19:00:00:01"])
def test_addresses_of_nobody(mac: str) -> None:
    """Locally administered: no company's."""
    assert RANDOMISED == maker_of(mac)


def test_no_mac() -> None:
    """Nothing is said of what is no MAC."""
    assert None is maker_of("10.0.0.1")


@pytest.mark.parametrize(
    ("maker", "heard", "kind"),
    [
        ("Brother industries, LTD.", None, "printer"),
        ("B. Braun Melsungen AG", None, "medical device"),
        ("Dell Inc.", None, "PC"),
        ("Cisco Systems, Inc", "phone", "phone"),
        ("Cisco Systems, Inc", None, "network device"),
        (RANDOMISED, None, None),
        (None, "ap", "access point"),
        ("Some Company That Nobody Knows", None, None),
    ],
)
def test_what_it_may_be(maker: str | None, heard: str | None, kind: str | None) -> None:
    """What it says of itself comes before what its maker usually makes; unknown stays unknown."""
    assert kind == kind_guess(maker, heard)
