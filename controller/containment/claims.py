"""Claims: one thread of one process drives a containment; the claim of a process that died is taken over at once."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Container

from controller.store import containments
from controller.store.containments import Claim
from playbooks.lifecycle import State

from .parts import Parts


def take(parts: Parts, containment_id: str, states: Container[State] | None = None) -> containments.Row | None:
    """Claim it for this thread, and give it as it stands then. None if another thread, alive as far as this machine can tell,
    has it, or if it is in none of these states."""
    now_ms = parts.clock.now_ms()
    # Not flushed: after a power cut there is no process left that could hold a claim.
    with parts.store.transaction(durable=False) as tx:
        row = containments.find(tx, containment_id)
        if states is not None and State(row["state"]) not in states:
            return None
        if row["claimed_by"] and _is_dead(row["claimed_by"]):
            containments.amend(tx, containment_id, claimed_by=None)
        return row if containments.claim(tx, containment_id, ours(parts), now_ms=now_ms) else None


def ours(parts: Parts) -> Claim:
    """The claim of this thread from now on."""
    return Claim(_who(), parts.clock.now_ms() + parts.config.lease_s * 1000)


def drop(parts: Parts, containment_id: str) -> None:
    """Give it back."""
    with parts.store.transaction(durable=False) as tx:
        containments.unclaim(tx, containment_id, _who())


def _who() -> str:
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{threading.get_ident():x}"


def _is_dead(holder: str) -> bool:
    """True only if the holder was a process of this machine that is gone; a holder elsewhere keeps its lease."""
    host, pid, thread = holder.split(":")
    if host != socket.gethostname()[:30]:
        return False
    if int(pid) == os.getpid():
        return int(thread, 16) not in {t.ident for t in threading.enumerate()}
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
