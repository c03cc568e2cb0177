"""What the operator says of addresses that nobody has: `detection.dark`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, ip_network

from pydantic import Field, field_validator, model_validator

from controller.core.complaints import Key, at_key
from controller.core.errors import ConfigError
from controller.core.sites import Section, SwitchFile
from detectors.dark.range import MOST_ADDRESSES, Range

PLACE = "detection.dark"


class DarkNetwork(Section):
    """A network of which one can know who lives there."""

    # IPv4, as it is configured on its router: both its ends are left out.
    prefix: str
    # Names of switches.yaml: the routers of this network. All of them have to be read, their ARP tables say who lives there.
    gateways: tuple[str, ...] = ()
    # Everybody who lives there is known already (by `used`, or nobody does): nothing has to be learned.
    complete: bool = False
    # Addresses and prefixes that somebody has, whether they are ever seen or not: virtual addresses, spare devices.
    used: tuple[str, ...] = ()

    @field_validator("prefix")
    @classmethod
    def _is_prefix(cls, value: str) -> str:
        if ip_network(value).version != 4:
            raise ValueError("is IPv6: its hosts make up addresses of their own, so none can be known to be nobody's")
        return value

    @field_validator("used")
    @classmethod
    def _are_prefixes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for number, prefix in enumerate(value):
            with at_key((number,)):
                IPv4Network(prefix)
        return value

    @model_validator(mode="after")
    def _is_vouched_for(self) -> DarkNetwork:
        if not (self.gateways or self.complete):
            raise ValueError("nobody says who lives there: name its gateways, or declare it complete")
        return self


class DarkConfig(Section):
    """Networks whose addresses may be dark, and how long it takes until they are. No network = nothing is dark."""

    networks: tuple[DarkNetwork, ...] = ()
    # A network is learned for so long, counted while every gateway is read: who is not seen in that time is not there.
    learn_days: float = Field(default=7.0, gt=0, le=365)
    # Who was seen is known for so long: machines sleep, people are on leave, leases are given again.
    forget_days: int = Field(default=45, ge=1, le=3650)
    # A gateway whose ARP table is older proves nothing.
    stale_s: float = Field(default=300.0, gt=0, le=3600)
    # So many addresses at each end of a network are never dark: routers and virtual addresses live there.
    ends: int = Field(default=3, ge=0, le=100)

    @field_validator("networks")
    @classmethod
    def _lie_apart(cls, value: tuple[DarkNetwork, ...]) -> tuple[DarkNetwork, ...]:
        prefixes = sorted(IPv4Network(network.prefix) for network in value)
        if sum(prefix.num_addresses for prefix in prefixes) > MOST_ADDRESSES:
            raise ValueError(f"more than {MOST_ADDRESSES} addresses in all")
        for number, prefix in enumerate(prefixes[1:]):
            if prefix.overlaps(prefixes[number]):
                raise ValueError(f"{prefixes[number]} and {prefix} overlap")
        return value

    def ranges(self) -> tuple[Range, ...]:
        """In the form of the detectors."""
        return tuple(
            Range(IPv4Network(n.prefix), tuple(IPv4Network(prefix) for prefix in n.used), self.ends)
            for n in self.networks
        )

    def unknown(self, file: SwitchFile) -> Iterator[tuple[Key, ConfigError]]:
        """Gateways that are no switches of the file: the key inside this section, and the complaint."""
        for number, network in enumerate(self.networks):
            for place, name in enumerate(network.gateways):
                if file.switch(name) is None:
                    error = ConfigError(f"there is no switch {name}", where=PLACE, do="a name of switches.yaml")
                    yield ("networks", number, "gateways", place), error
