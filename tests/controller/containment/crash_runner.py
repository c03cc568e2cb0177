"""A process that is forked for every case, drives one containment, and can be made to die by SIGKILL at an exact point.

It imports everything once and then reads cases from stdin, one JSON object a line; each is run by a fork of its own:
    {"config": PATH, "data": PATH, "what": "apply|release|recover", "address": IP, "verb": VERB, "point": POINT}

POINT: a number n = die right after the n-th durable write; `sent` = die right after the switch took the commands and before
anything is written down; `never` = live. Answers one JSON object a case: how the fork ended, the state, the durable writes.
"""

import importlib
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from controller.core import log
from controller.runtime.services import Services
from controller.runtime.settings import load_settings
from controller.store import containments
from controller.switches import snmp, ssh
from controller.switches.napalm.driver import NapalmDriver
from playbooks.lifecycle import State
from playbooks.plan import Verb
from playbooks.request import Origin, Request, Target

MOST_ROUNDS, LONGEST_S = 20, 300
HEAVY = (
    "controller.switches.session",
    "controller.switches.shell",
    "controller.store.migrations",
    "alembic.command",
    "ntc_templates.parse",
    "napalm.eos",
    "napalm.ios",
    "controller.switches.wire.__main__",
)  # fmt: skip  the last one loads compiled code, which costs more than all the rest


def main() -> None:
    """See above."""
    log.configure(level="error")
    for heavy in HEAVY:  # once here, instead of in every fork
        importlib.import_module(heavy)
    for line in sys.stdin:
        case = json.loads(line)
        with tempfile.TemporaryFile("w+", encoding="utf-8") as answer:
            child = os.fork()
            if child == 0:
                _in_the_fork(case, answer)
            _, status = os.waitpid(child, 0)
            answer.seek(0)
            said = json.loads(answer.read() or "{}")
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        sys.stdout.write(json.dumps({**said, "killed": killed, "code": os.waitstatus_to_exitcode(status)}) + "\n")
        sys.stdout.flush()


def die() -> None:
    """No handler runs, no buffer is flushed."""
    os.kill(os.getpid(), signal.SIGKILL)


def _in_the_fork(case: dict[str, str], answer: Any) -> None:
    signal.alarm(LONGEST_S)
    seen: list[str] = []

    def observe(event: str, _: str) -> None:
        seen.append(event)
        if case["point"] == str(len(seen)):
            die()

    os.environ["CORDON_DATA_DIR"] = case["data"]
    services = Services(load_settings(Path(case["config"])), observer=observe)
    if case["point"] == "sent":
        _die_when_sent("undo" if case["what"] == "release" else "apply")
    state = {"apply": _apply, "release": _release, "recover": _recover}[case["what"]](services, case)
    answer.write(json.dumps({"state": state, "writes": seen}))
    answer.flush()
    services.stop()
    os._exit(0)


def _apply(services: Services, case: dict[str, str]) -> str:
    services.inventory.refresh()
    request = Request(
        request_id="req_crash",
        origin=Origin.PERSON,
        requested_by="test",
        requested_ms=services.clock.now_ms(),
        playbook="by-hand",
        verb=Verb(case["verb"]),
        target=Target(ip=case["address"]),
        reason="crash test",
    )
    return services.containment.advance(services.containment.submit(request))


def _release(services: Services, _: dict[str, str]) -> str:
    with services.store.reading() as connection:
        (row,) = containments.listed(connection)
    return services.containment.release(str(row["containment_id"]), by="test", reason="done")


def _recover(services: Services, _: dict[str, str]) -> str:
    """What `cordon serve` does at its start: reconcile, then work until nothing is pending."""
    services.inventory.refresh()
    services.containment.reconcile()
    for _round in range(MOST_ROUNDS):
        if not services.work():
            break
    services.containment.reconcile()
    with services.store.reading() as connection:
        rows = containments.listed(connection)
    return str(State(rows[0]["state"])) if rows else "nothing"


def _die_when_sent(method: str) -> None:
    """Die between the switch's taking the commands and the journal's hearing of it."""
    for driver in (snmp.SnmpDriver, ssh.SshDriver, NapalmDriver):
        original = getattr(driver, method)

        def sent(self: Any, step: Any, original: Any = original) -> Any:
            original(self, step)
            die()

        setattr(driver, method, sent)


if __name__ == "__main__":
    main()
