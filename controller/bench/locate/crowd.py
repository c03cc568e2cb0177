"""Many agents in a process of their own, on ports of 127.0.0.1: its arguments
are the numbers of MACs, one an agent.

Secrets come as a line of JSON on its standard input, ports go as one to its output; it ends when its input does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from controller.core.snmp.pdu import Binding
from controller.emulate.agent import AgentLoop
from controller.emulate.answering import Answering
from controller.emulate.engine import UsmEngine, V3User
from controller.emulate.objects import ObjectTable

from .tables import switch_table

DIFFERENT = 25  # tables; each is served by every 25th switch
NOT_WRITABLE = 17


class ReadOnly:
    """One table, whatever the context."""

    def __init__(self, table: ObjectTable) -> None:
        self._table = table

    def view(self, context: str) -> ObjectTable | None:
        """The table."""
        return None if context else self._table

    def write(self, bindings: Sequence[Binding]) -> tuple[int, int]:
        """Nothing can be set."""
        return NOT_WRITABLE, 1 if bindings else 0


@contextmanager
def crowd(macs: Sequence[int], secrets: dict[str, str]) -> Iterator[list[int]]:
    """The agents' ports, while they answer; each has so many MACs."""
    command = [sys.executable, "-c", f"from {__name__} import serve; serve()", *map(str, macs)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("no pipes")
        try:
            process.stdin.write(json.dumps(secrets) + "\n")
            process.stdin.flush()
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(20)


def serve() -> None:
    """Until the input ends."""
    macs = [int(word) for word in sys.argv[1:]]
    secrets = json.loads(sys.stdin.readline())
    begun = time.monotonic()
    user = V3User(secrets["user"], "sha", secrets["auth"], "aes", secrets["priv"], writes=False)
    tables: dict[tuple[int, int], ObjectTable] = {}
    loop = AgentLoop("crowd")
    ports = []
    for number, rows in enumerate(macs):
        key = (number % DIFFERENT, rows)
        if key not in tables:
            tables[key] = switch_table(*key)
        engine = UsmEngine({user.name: user}, lambda: 7, lambda: int(time.monotonic() - begun) + 1000)
        face = ReadOnly(tables[key])
        answering = Answering(face, reading=secrets["community"], writing=secrets["community"], engine=engine)
        answering.faults.remember = False
        ports.append(loop.add(answering, "127.0.0.1", 0))
    loop.start()
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    loop.stop()
