"""The management plane of a lab switch: net-snmp, OpenSSH (a shell, and FRR's vtysh), FRR's zebra and lldpd.

All of them listen only inside the switch's namespace; keys and passwords are made for one lab and die with it.
"""

from __future__ import annotations

import grp
import os
import pwd
import sys
from dataclasses import dataclass
from pathlib import Path

from .agent.mib import PARTS
from .namespace import run
from .ovs import OpenVSwitch
from .topology import COLLECTOR, QUARANTINE_VLAN, UPLINK

SHELL_PORT, VTYSH_PORT = 22, 2222
ROOT = Path(__file__).parents[2]
FRR_RUN, FRR_ETC = Path("/run/frr"), Path("/etc/frr")


@dataclass(frozen=True, slots=True)
class Access:
    """Secrets of one lab. `key` is the private key of the controller's SSH user."""

    community_rw: str
    community_ro: str
    user: str
    auth_key: str
    priv_key: str
    key: Path


def start_snmp(switch: OpenVSwitch, access: Access) -> None:
    """SNMP v2c and v3 with a writable interface table, and the bridge tables of our own agent."""
    folder, name = switch.folder, switch.switch.name
    agent = folder / "agent.sh"
    _script(agent, f"cd {ROOT}\nexec {sys.executable} -m controller.lab.agent {folder} {QUARANTINE_VLAN} $1")
    lines = [
        f"agentAddress udp:{switch.switch.address}:161",
        f"sysName {name}",
        f"sysDescr Cordon lab switch {name} (Open vSwitch)",
        f"rwcommunity {access.community_rw} 172.30.0.0/24",
        f"rocommunity {access.community_ro} 172.30.0.0/24",
        f'createUser {access.user} SHA "{access.auth_key}" AES "{access.priv_key}"',
        f"rwuser {access.user} authPriv",
        "master agentx",
        f"agentXSocket {folder}/agentx",
    ]
    if switch.has_bridge_mib:
        lines += [f"pass_persist .{part} {agent} {part}" for part in (".".join(map(str, oid)) for oid in PARTS)]
    config = folder / "snmpd.conf"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    config.chmod(0o600)
    command = [
        "snmpd",
        "-f",
        "-Lf",
        folder / "snmpd.log",
        "-C",
        "-c",
        config,
        "-p",
        folder / "snmpd.pid",
        "-I",
        "-smux",
    ]
    env = {**_path(), "SNMP_PERSISTENT_DIR": str(folder / "p")}
    switch.namespaces.spawn(name, command, folder / "snmpd.out", env=env)


def start_ssh(switch: OpenVSwitch, access: Access) -> str:
    """A shell on port 22 and vtysh on port 2222, by key only; gives the host key as known_hosts wants it."""
    folder, name = switch.folder, switch.switch.name
    Path("/run/sshd").mkdir(exist_ok=True)
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "hostkey"])
    authorized = folder / "authorized"
    authorized.write_text(access.key.with_suffix(".pub").read_text(encoding="utf-8"), encoding="utf-8")
    # SHLVL: or bash, which runs the forced command, first reads the .bashrc of whoever's machine this is: up to a second.
    variables = " ".join(f"{key}={value}" for key, value in {**switch.environment, "SHLVL": "2"}.items())
    lines = [
        f"HostKey {folder}/hostkey",
        "UsePAM no",
        "UseDNS no",
        "PidFile none",
        "MaxSessions 20",
        "MaxStartups 50",
        f"AuthorizedKeysFile {authorized}",
        "PasswordAuthentication no",
        "StrictModes no",
        "PermitRootLogin yes",
        f"SetEnv {variables}",
    ]
    config = folder / "sshd.conf"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    _script(folder / "shell.sh", f"export PS1='{name}# ' LC_ALL=C.UTF-8\n{_forced('bash --noprofile --norc')}")
    frr = frr_name(switch)
    _script(folder / "vtysh.sh", f"export VTYSH_PAGER=cat\n{_forced(f'vtysh -N {frr}')}")
    for port, script in ((SHELL_PORT, "shell.sh"), (VTYSH_PORT, "vtysh.sh")):
        where = ["-o", f"ListenAddress={switch.switch.address}", "-o", f"Port={port}"]
        command = ["/usr/sbin/sshd", "-D", "-f", config, *where, "-o", f"ForceCommand={folder / script}"]
        switch.namespaces.spawn(name, command, folder / "sshd.out", env=_path())
    return " ".join((folder / "hostkey.pub").read_text(encoding="utf-8").split()[:2])


def start_frr(switch: OpenVSwitch) -> None:
    """zebra, which vtysh talks to: the command line of a router on the real interfaces of this switch."""
    name, frr = switch.switch.name, frr_name(switch)
    owner = pwd.getpwnam("frr").pw_uid, grp.getgrnam("frrvty").gr_gid
    for folder in (FRR_RUN / frr, FRR_ETC / frr):
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, *owner)
    for file in ("vtysh.conf", "zebra.conf"):
        path = FRR_ETC / frr / file
        path.write_text(f"hostname {name}\n", encoding="utf-8")
        os.chown(path, *owner)
    command = ["/usr/lib/frr/zebra", "-N", frr, "-A", "127.0.0.1", "--log", f"file:{switch.folder}/zebra.log"]
    switch.namespaces.spawn(name, command, switch.folder / "zebra.out", env=_path())


def start_lldp(switch: OpenVSwitch) -> None:
    """LLDP on every port, into the LLDP-MIB of this switch's snmpd."""
    folder, name = switch.folder, switch.switch.name
    (folder / "lldpd.conf").write_text(f"configure system hostname {name}\nresume\n", encoding="utf-8")
    interfaces = ",".join((UPLINK, *switch.switch.ports))
    command = ["lldpd", "-d", "-x", "-X", folder / "agentx", "-u", folder / "lldpd.sock", "-I", interfaces]
    command += ["-O", folder / "lldpd.conf"]
    switch.namespaces.spawn(name, command, folder / "lldpd.out", env=_path())


def frr_name(switch: OpenVSwitch) -> str:
    """FRR's own name for this namespace: its folders below /run/frr and /etc/frr."""
    return f"cordon-{switch.namespaces.lab}-{switch.switch.name}"


def controller_key(folder: Path) -> Path:
    """The key pair by which the controller logs in."""
    key = folder / "controller"
    if not key.exists():
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"cordon@{COLLECTOR}", "-f", key])
    return key


def _forced(shell: str) -> str:
    """One command if one was given, else the shell."""
    return f'if [ -n "$SSH_ORIGINAL_COMMAND" ]; then exec {shell} -c "$SSH_ORIGINAL_COMMAND"; fi\nexec {shell}'


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def _path() -> dict[str, str]:
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/frr", "HOME": "/root"}
