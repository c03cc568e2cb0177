"""Sites and switches: the file that says which devices there are, how to reach them, and what may be done there."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from . import yamlfile
from .complaints import AtKey
from .files import named_by
from .maintenance import MaintenanceWindow, TimeZone
from .secrets import SecretRef


class Section(BaseModel):
    """Base of every configuration section: unknown keys are refused, values never echoed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Mode(StrEnum):
    """What a site lets Cordon do by itself. `observe`, the default on day one, records what would have been done."""

    OBSERVE = "observe"
    APPROVE = "approve"
    AUTO = "auto"


class SnmpAccess(Section):
    """How to reach a switch over SNMP. v3 needs a user; without an auth_key it is noAuthNoPriv, without a priv_key authNoPriv.

    Protocols are named as net-snmp does: aes192 and aes256 lengthen short keys as draft-blumenthal, aes192c and aes256c as
    Cisco does (draft-reeder).
    """

    version: Literal["2c", "3"] = "2c"
    port: int = Field(default=161, ge=1, le=65535)
    community: SecretRef | None = None
    user: str | None = None
    auth_protocol: Literal["md5", "sha", "sha224", "sha256", "sha384", "sha512"] = "sha"
    auth_key: SecretRef | None = None
    priv_protocol: Literal["des", "aes", "aes192", "aes256", "aes192c", "aes256c"] = "aes"
    priv_key: SecretRef | None = None
    # Of the first attempt; each further one is given half as long again.
    timeout_s: float = Field(default=2.0, gt=0, le=30)
    retries: int = Field(default=1, ge=0, le=5)
    # Requests a second while tables are read; writes never wait.
    walk_rate: float = Field(default=100.0, gt=0, le=1_000_000)
    library: Literal["lean", "pysnmp"] = "lean"  # pysnmp: slower, for an agent that the lean path cannot talk to


# What old switches speak and nobody else should: allowed for one device, where its entry says so.
LegacySsh = Literal["ssh-rsa", "dh-group1", "dh-group14", "dh-group-exchange", "cbc", "hmac-md5"]


class SshLogin(Section):
    """Where to log in over SSH, and as whom. The host key must be known: from `known_hosts`, or pinned by `host_key`."""

    port: int = Field(default=22, ge=1, le=65535)
    username: str
    password: SecretRef | None = None  # also answers keyboard-interactive
    key_file: Path | None = None
    key_passphrase: SecretRef | None = None
    agent: bool = False  # use the keys of the running ssh-agent
    known_hosts: Path | None = None
    host_key: str | None = None  # "ssh-ed25519 AAAA...": pins this key
    legacy: tuple[LegacySsh, ...] = ()


class JumpHost(SshLogin):
    """A host in between: the session to the switch goes through it."""

    address: str


class SshAccess(SshLogin):
    """How to reach a switch over SSH. `enable` = the secret that a privileged session asks for."""

    enable: SecretRef | None = None
    timeout_s: float = Field(default=10.0, gt=0, le=120)
    keepalive_s: int = Field(default=20, ge=0, le=3600)  # 0: none
    jump: JumpHost | None = None


class NapalmAccess(Section):
    """How NAPALM reaches a switch. arista_eos and cisco_nxos have an HTTP API, with user and certificate here; cisco_ios and
    juniper_junos are reached with what `ssh` says.
    """

    username: str | None = None
    password: SecretRef | None = None
    enable: SecretRef | None = None
    transport: Literal["https", "http"] = "https"
    port: int | None = Field(default=None, ge=1, le=65535)  # 443, or 80 for http
    certificate: Path | None = None  # PEM: the switch's own certificate and no other
    authority: Path | None = (
        None  # PEM: who signed it; then it must name the address. Neither: whom this machine believes
    )
    timeout_s: float = Field(default=30.0, gt=0, le=300)
    commit_confirm: bool = True  # where the platform has it: goes back by itself unless the effect was read back
    revert_s: int = Field(default=120, ge=60, le=7200, multiple_of=60)
    transfer: Literal["scp", "inline"] = "scp"  # how IOS is given the candidate; inline (tclsh) takes about ten seconds

    @model_validator(mode="after")
    def _trusts_one_of_the_two(self) -> NapalmAccess:
        if self.certificate is not None and self.authority is not None:
            raise ValueError("certificate or authority, not both")
        return self


MacFormat = Literal[
    "AA-BB-CC-DD-EE-FF", "aa-bb-cc-dd-ee-ff", "AA:BB:CC:DD:EE:FF", "aa:bb:cc:dd:ee:ff", "aabb.ccdd.eeff", "aabb-ccdd-eeff",
    "aabbccddeeff", "AABBCCDDEEFF",
]  # fmt: skip


class CoaAccess(Section):
    """RADIUS CoA to a switch with 802.1X ports (RFC 5176). Sessions are named as the switch itself names them in its requests."""

    kind: Literal["rfc5176", "cisco", "hp", "aruba", "huawei"] = (
        "rfc5176"  # whose attributes bounce a port; rfc5176: none
    )
    secret: SecretRef
    port: int = Field(default=3799, ge=1, le=65535)  # Cisco: 1700, unless it is told otherwise
    nas_ip: str | None = None  # NAS-IP-Address that the switch sends, if it is not `address`
    nas_identifier: str | None = None  # instead of an address
    mac_format: MacFormat = "AA-BB-CC-DD-EE-FF"  # of Calling-Station-Id
    identify: tuple[Literal["nas-port", "nas-port-id"], ...] = ()  # beside the MAC; each must match on the switch
    bounce_s: int = Field(default=5, ge=1, le=60)  # kinds hp and aruba are told how long
    timeout_s: float = Field(default=2.0, gt=0, le=30)  # of the first attempt, doubled with each further one
    retries: int = Field(default=2, ge=0, le=5)
    require_message_authenticator: bool = False  # of answers; one that is there is always checked


class SwitchEntry(Section):
    """One switch. `agent` is the address inside its sFlow datagrams (default: `address`)."""

    name: str = Field(min_length=1)
    site: str
    kind: Literal["edge", "distribution", "core"] = "edge"
    address: str
    agent: str | None = None
    platform: str = "cisco_ios"
    via: Literal["snmp", "ssh", "napalm", "coa"] = "snmp"  # the way in that writes; coa reads by snmp, ssh or napalm
    snmp: SnmpAccess | None = None
    ssh: SshAccess | None = None
    napalm: NapalmAccess | None = None
    coa: CoaAccess | None = None
    uplinks: tuple[str, ...] = ()  # interface names, beside what LLDP and the FDB tell
    protected_ports: tuple[str, ...] = ()
    # Quarantined machines must not reach each other: one VLAN that the network isolates inside (private VLAN, ACL), and
    # says so here, or a range of VLANs of which every contained port of the site gets one for itself.
    quarantine_vlan: int | None = Field(default=None, ge=1, le=4094)
    quarantine_isolated: bool = False
    quarantine_range: tuple[int, int] | None = None
    maintenance: tuple[MaintenanceWindow, ...] = ()  # beside the site's

    @field_validator("address")
    @classmethod
    def _is_place(cls, value: str) -> str:
        if not value.strip("0123456789.") or ":" in value:  # else a name for the resolver
            ipaddress.ip_address(value)
        return value

    @field_validator("agent")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        return value and str(ipaddress.ip_address(value))

    @model_validator(mode="after")
    def _quarantine_is_one_of_the_two(self) -> SwitchEntry:
        if self.quarantine_range is None:
            return self
        if self.quarantine_vlan is not None:
            raise ValueError("quarantine_vlan or quarantine_range, not both")
        first, last = self.quarantine_range
        if not 1 <= first <= last <= 4094:
            raise ValueError("quarantine_range is [first, last], VLANs from 1 to 4094")
        return self

    @property
    def reads_by(self) -> Literal["snmp", "ssh", "napalm"]:
        """The way in that reads what CoA did."""
        if self.via != "coa":
            return self.via
        return "snmp" if self.snmp is not None else "napalm" if self.napalm is not None else "ssh"

    @property
    def agent_address(self) -> str:
        """The address flows of this switch carry."""
        return self.agent or self.address


class ProtectedClass(Section):
    """A class of protected things: life support, servers, clinical gateways. Never blocked automatically."""

    name: str = Field(min_length=1)
    # Distinct people who must approve; who asked for it does not count.
    approvals: int = Field(default=2, ge=1, le=5)
    # What an alert or a platform gets to hear: no at once, or the request is put before these people.
    ask: bool = False


class ProtectedAsset(Section):
    """Something that must never be cut off automatically; `why` is shown to people.

    `mac` may be the beginning of one (`00:11:22`, a vendor), `ip` may be a network (`10.1.8.0/24`).
    """

    mac: str | None = Field(default=None, pattern=r"(?i)^[0-9a-f]{2}(:[0-9a-f]{2}){0,5}$")
    ip: str | None = None
    kind: str | None = None  # the name of a class
    why: str

    @model_validator(mode="after")
    def _names_something(self) -> ProtectedAsset:
        if not (self.mac or self.ip):
            raise ValueError("a protected asset needs a mac or an ip")
        if self.ip:
            ipaddress.ip_network(self.ip)  # ValueError: is neither an address nor a network
        return self


class Site(Section):
    """A place with its own mode, time zone and maintenance windows."""

    name: str
    mode: Mode = Mode.OBSERVE
    time_zone: TimeZone = "UTC"
    maintenance: tuple[MaintenanceWindow, ...] = ()


class SwitchFile(Section):
    """The whole file."""

    sites: tuple[Site, ...]
    switches: tuple[SwitchEntry, ...]
    protected: tuple[ProtectedAsset, ...] = ()
    protected_classes: tuple[ProtectedClass, ...] = ()

    @model_validator(mode="after")
    def _names_are_unique_and_known(self) -> SwitchFile:
        for what, names in (
            ("name", [s.name for s in self.switches]),
            ("agent", [s.agent_address for s in self.switches]),
        ):
            for number, name in enumerate(names):
                if name in names[:number]:
                    raise AtKey(("switches", number, what), f"two switches have the same {what}: {name}")
        for key, of in (("sites", self.sites), ("protected_classes", self.protected_classes)):
            called = [one.name for one in of]
            for number, name in enumerate(called):
                if name in called[:number]:
                    raise AtKey((key, number, "name"), f"there are two of this name: {name}")
        sites, classes = [s.name for s in self.sites], [c.name for c in self.protected_classes]
        for number, switch in enumerate(self.switches):
            if switch.site not in sites:
                says = f"there is no site {switch.site} under `sites`; there are {', '.join(sites) or 'none'}"
                raise AtKey(("switches", number, "site"), says)
        for number, asset in enumerate(self.protected):
            if asset.kind and asset.kind not in classes:
                says = f"there is no class {asset.kind} under `protected_classes`; there are {', '.join(classes) or 'none'}"
                raise AtKey(("protected", number, "kind"), says)
        return self

    def switch(self, name: str) -> SwitchEntry | None:
        """The entry of that name."""
        return next((s for s in self.switches if s.name == name), None)

    def site(self, name: str) -> Site | None:
        """The site of that name."""
        return next((s for s in self.sites if s.name == name), None)

    def mode_of(self, site: str) -> Mode:
        """The mode of a site; an unknown site is only observed."""
        return next((s.mode for s in self.sites if s.name == site), Mode.OBSERVE)


def load_switches(path: Path) -> SwitchFile:
    """Read and check the file; ConfigError names file, line and key, never a value."""
    with named_by("switches"):
        return yamlfile.read(path).checked(SwitchFile)
