"""What NAPALM calls our platforms, and what each can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from controller.core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Platform:
    """`reach`: over an HTTP API or over SSH. `confirms`: goes back by itself unless a commit is confirmed.

    `stage` and `proof` stand in docs/vendors.md.
    """

    driver: str
    reach: Literal["api", "ssh"]
    confirms: bool
    stage: Literal["unproven", "proven-on-emulation"] = "unproven"
    proof: str = "nothing of it was ever run: try it on one spare port first"


PLATFORMS = {
    "arista_eos": Platform(
        "eos",
        "api",
        confirms=True,
        stage="proven-on-emulation",
        proof="napalm.eos itself against an emulated eAPI: contract suite, crash matrix, commit timers",
    ),
    "cisco_ios": Platform(
        "ios",
        "ssh",
        confirms=True,
        stage="proven-on-emulation",
        proof="napalm.ios itself over SSH and SCP against the emulated IOS: contract suite, crash matrix; not inline",
    ),
    "cisco_nxos": Platform(  # napalm.nxos: "Commit confirm has not been implemented on this platform"
        "nxos",
        "api",
        confirms=False,
        stage="proven-on-emulation",
        proof="napalm.nxos itself against an emulated NX-API: contract suite, crash matrix",
    ),
    "juniper_junos": Platform("junos", "ssh", confirms=True),
}


def platform_of(name: str, *, where: str) -> Platform:
    """ConfigError lists those that there are."""
    found = PLATFORMS.get(name)
    if found is None:
        known = ", ".join(sorted(PLATFORMS))
        raise ConfigError(f"via napalm there is no platform {name}", where=f"{where} platform", do=f"one of: {known}")
    return found
