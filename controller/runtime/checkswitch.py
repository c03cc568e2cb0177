"""What a switch's entry must have so that it can be reached: looked at key by key, before anything is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NoReturn

from controller.core.errors import ConfigError
from controller.core.secrets import reveal
from controller.core.sites import NapalmAccess, SshAccess, SwitchEntry

Look = tuple[tuple[str, ...], Callable[[], object]]  # the key inside the entry, and what raises if it cannot work
SECRETS = {
    "snmp": ("community", "auth_key", "priv_key"),
    "ssh": ("password", "key_passphrase", "enable"),
    "napalm": ("password", "enable"),
    "coa": ("secret",),
}


def check_switch(entry: SwitchEntry) -> Iterator[Look]:
    """Every look at an entry; each raises ConfigError if something is wrong."""
    yield from _ways_in(entry)
    for section, names in SECRETS.items():
        yield from _secrets((section,), getattr(entry, section), names)
    if entry.ssh is not None:
        yield from _secrets(("ssh", "jump"), entry.ssh.jump, SECRETS["ssh"])
    if entry.ssh:
        yield from _ssh(entry, entry.ssh)
    if entry.reads_by == "napalm":
        yield from _napalm(entry)


def _secrets(key: tuple[str, ...], access: object, names: tuple[str, ...]) -> Iterator[Look]:
    for name in names:
        if (reference := getattr(access, name, None)) is not None:
            yield (*key, name), partial(reveal, reference, where=name)


def _ways_in(entry: SwitchEntry) -> Iterator[Look]:
    if entry.via == "coa" and entry.coa is None:
        yield (), _lacks("has no coa section", "add coa: ...")
    elif entry.reads_by == "napalm" or getattr(entry, entry.reads_by) is not None:
        return
    elif entry.via == "coa":
        yield (), _lacks("CoA needs a way in that reads", "add snmp, ssh or napalm: an ACK proves nothing")
    else:
        yield (), _lacks(f"has no {entry.via} section", f"add {entry.via}: ... or say another way in with via: ...")


def _ssh(entry: SwitchEntry, access: SshAccess) -> Iterator[Look]:
    from controller.switches.vendor import load_vendor

    yield ("platform",), partial(load_vendor, entry.platform)
    if not access.host_key and not (access.known_hosts and access.known_hosts.is_file()):
        yield ("ssh",), _lacks("has no host key to check", "give host_key, or known_hosts that exists")


def _napalm(entry: SwitchEntry) -> Iterator[Look]:
    from controller.switches.napalm.access import trust
    from controller.switches.napalm.platforms import PLATFORMS, platform_of

    yield ("platform",), partial(platform_of, entry.platform, where="")
    platform, access = PLATFORMS.get(entry.platform), entry.napalm or NapalmAccess()
    if platform is None:
        return
    if platform.reach == "ssh":
        if entry.ssh is None:
            yield ("ssh",), _lacks(f"napalm reaches {entry.platform} over SSH", "add ssh: ...")
        elif entry.ssh.jump is not None:
            yield ("ssh", "jump"), _lacks("NAPALM cannot use a jump host", "via: ssh can")
        return
    for name in ("username", "password"):
        if getattr(access, name) is None:
            yield ("napalm", name), _lacks(f"{entry.platform} needs it for its API", f"add {name}")
    if access.transport == "https":
        yield ("napalm",), partial(trust, access, "")


def _lacks(what: str, do: str) -> Callable[[], NoReturn]:
    def complain() -> NoReturn:
        raise ConfigError(what, do=do)

    return complain
