"""`python -m controller.lab.agent FOLDER [ISOLATED,VLANS [ROOT]]`: what pass_persist of snmpd talks to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO

from .bridge import Bridge
from .mib import ROOT, Mib, Oid, Varbind


def serve(mib: Mib, lines: TextIO, out: TextIO) -> None:
    """Answer until the other side is gone. A switch that cannot be read has no objects for the moment."""
    while line := lines.readline():
        command = line.strip()
        if not command:
            continue  # net-snmp ends an octet string with two line ends
        if command == "PING":
            answer = "PONG"
        elif command in ("get", "getnext"):
            answer = _read(mib, command, lines.readline())
        elif command == "set":
            answer = _write(mib, lines.readline(), lines.readline())
        else:
            answer = "NONE"
        out.write(answer + "\n")
        out.flush()


def _read(mib: Mib, command: str, line: str) -> str:
    try:
        found = mib.get(_oid(line)) if command == "get" else mib.after(_oid(line))
    except (OSError, EOFError, ValueError) as error:
        sys.stderr.write(f"{command} {line.strip()}: {error!r}\n")  # into snmpd.out
        return "NONE"
    return _shown(found) if found else "NONE"


def _write(mib: Mib, oid: str, typed: str) -> str:
    kind, _, value = typed.strip().partition(" ")
    try:
        return mib.set(_oid(oid), kind.lower(), value.strip('"'))
    except (OSError, EOFError, ValueError) as error:
        sys.stderr.write(f"set {oid.strip()}: {error!r}\n")
        return "wrong-value"


def _oid(line: str) -> Oid:
    return tuple(int(part) for part in line.strip().strip(".").split(".") if part)


def _shown(found: Varbind) -> str:
    oid, kind, value = found
    return f".{'.'.join(map(str, oid))}\n{kind}\n{value}"


if __name__ == "__main__":
    private = frozenset(int(vlan) for vlan in sys.argv[2].split(",")) if len(sys.argv) > 2 else frozenset()
    part = _oid(sys.argv[3]) if len(sys.argv) > 3 else ROOT
    serve(Mib(Bridge(Path(sys.argv[1]), private), part), sys.stdin, sys.stdout)
