"""A process of its own that drives one containment and can be made to die by SIGKILL at an exact point.

    python -m tests.controller.containment.crash_runner CONFIG apply|release|recover ADDRESS POINT

POINT: a number n = die right after the n-th durable write; `sent` = die right after the switch took the commands and before
anything is written down; `never` = live. Prints the final state, and the number of durable writes, as JSON.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from controller.core import log
from controller.runtime.services import Services
from controller.runtime.settings import load_settings
from controller.store import containments
from controller.switches.snmp import SnmpDriver
from controller.switches.ssh import SshDriver
from playbooks.lifecycle import State
from playbooks.plan import Verb
from playbooks.request import Origin, Request, Target

MOST_ROUNDS = 20


def main() -> None:
    """See above."""
    config, what, address, point = sys.argv[1:]
    log.configure(level="error")
    seen = [0]

    def observe(_: str, __: str) -> None:
        seen[0] += 1
        if point.isdigit() and seen[0] == int(point):
            die()

    services = Services(load_settings(Path(config)), observer=observe)
    if point == "sent":
        _die_when_sent("undo" if what == "release" else "apply")
    state = {"apply": _apply, "release": _release, "recover": _recover}[what](services, address)
    sys.stdout.write(json.dumps({"state": state, "writes": seen[0]}) + "\n")
    sys.stdout.flush()
    services.stop()


def die() -> None:
    """No handler runs, no buffer is flushed."""
    os.kill(os.getpid(), signal.SIGKILL)


def _apply(services: Services, address: str) -> str:
    now_ms = services.clock.now_ms()
    services.inventory.refresh()
    request = Request(
        request_id="req_crash",
        origin=Origin.PERSON,
        requested_by="test",
        requested_ms=now_ms,
        playbook="by-hand",
        verb=Verb.SHUT,
        target=Target(ip=address),
        reason="crash test",
    )
    return services.containment.advance(services.containment.submit(request))


def _release(services: Services, _: str) -> str:
    return services.containment.release(_id(services), by="test", reason="done")


def _recover(services: Services, _: str) -> str:
    """What `cordon serve` does at its start: reconcile, then work until nothing is pending."""
    services.inventory.refresh()
    services.containment.reconcile()
    for _ in range(MOST_ROUNDS):
        if not services.work():
            break
    return _state(services)


def _id(services: Services) -> str:
    with services.store.reading() as connection:
        (row,) = containments.listed(connection)
    return str(row["containment_id"])


def _state(services: Services) -> str:
    with services.store.reading() as connection:
        rows = containments.listed(connection)
    return str(State(rows[0]["state"])) if rows else "nothing"


def _die_when_sent(method: str) -> None:
    """Die between the switch's taking the commands and the journal's hearing of it."""
    for driver in (SnmpDriver, SshDriver):
        original = getattr(driver, method)

        def sent(self: Any, step: Any, original: Any = original) -> Any:
            original(self, step)
            die()

        setattr(driver, method, sent)


if __name__ == "__main__":
    main()
