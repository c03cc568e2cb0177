"""What is asked of a switch by CoA, in words: the session's name, the vendor's attribute, and what cannot be asked."""

import pytest

from controller.core.errors import Unsupported
from controller.core.sites import CoaAccess
from controller.switches.coa.order import Order, order_for, parsed, station_id
from playbooks.plan import Action, PortRef, Verb

MAC = "02:77:00:00:00:01"
PORT = PortRef(switch="sw1", ifindex=4, name="GigabitEthernet1/0/1")


def access(**changes: object) -> CoaAccess:
    """Access data."""
    return CoaAccess(**{"secret": "env:T_COA", **changes})  # type: ignore[arg-type]


def test_the_session_is_named_as_the_switch_names_it() -> None:
    """MAC in the switch's notation, port by number or name, the switch by address or name; the text gives the order back."""
    told = access(mac_format="aabb.ccdd.eeff", identify=["nas-port", "nas-port-id"], nas_identifier="sw north 1")
    order = order_for(told, Action(verb=Verb.DISCONNECT, port=PORT, mac=MAC), "192.0.2.11")
    expected = (
        ("NAS-Identifier", "sw north 1"), ("Calling-Station-Id", "0277.0000.0001"), ("NAS-Port", "4"),
        ("NAS-Port-Id", "GigabitEthernet1/0/1"),
    )  # fmt: skip
    assert Order("Disconnect-Request", expected) == order == parsed(str(order))
    v6 = order_for(access(nas_ip="2001:db8::1"), Action(verb=Verb.DISCONNECT, port=PORT, mac=MAC), "192.0.2.11")
    assert ("NAS-IPv6-Address", "2001:db8::1") == v6.attributes[0]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("AA-BB-CC-DD-EE-FF", "0A-77-00-00-00-0F"), ("aa:bb:cc:dd:ee:ff", "0a:77:00:00:00:0f"),
        ("aabb-ccdd-eeff", "0a77-0000-000f"), ("AABBCCDDEEFF", "0A770000000F"), ("aabbccddeeff", "0a770000000f"),
    ],
)  # fmt: skip
def test_notations(form: str, expected: str) -> None:
    """Calling-Station-Id in each notation."""
    assert expected == station_id("0a:77:00:00:00:0f", form)


def test_what_cannot_be_asked() -> None:
    """A session without a MAC, a bounce of a switch that knows only the RFC, a lasting verb, a name for an address."""
    for told, action, address in (
        (access(), Action(verb=Verb.DISCONNECT, port=PORT), "192.0.2.11"),
        (access(), Action(verb=Verb.BOUNCE, port=PORT, mac=MAC), "192.0.2.11"),
        (access(kind="cisco"), Action(verb=Verb.SHUT, port=PORT, mac=MAC), "192.0.2.11"),
        (access(), Action(verb=Verb.DISCONNECT, port=PORT, mac=MAC), "sw1.example.org"),
    ):
        with pytest.raises(Unsupported):
            order_for(told, action, address)
