"""Claims: one thread of one process drives a containment; the claim of a process that died is taken over at once."""

from __future__ import annotations

import os
import socket
import threading

from controller.store import containments

from .parts import Parts


def take(parts: Parts, containment_id: str) -> bool:
    """Claim it for this thread; False if another one, that is alive as far as this machine can tell, has it."""
    who, now_ms = _who(), parts.clock.now_ms()
    # Not flushed: after a power cut there is no process left that could hold a claim.
    with parts.store.transaction(durable=False) as tx:
        lease_ms = parts.config.lease_s * 1000
        if containments.claim(tx, containment_id, who, now_ms=now_ms, lease_ms=lease_ms):
            return True
        if not _is_dead(str(containments.find(tx, containment_id)["claimed_by"])):
            return False
        containments.amend(tx, containment_id, claimed_by=None)
        return containments.claim(tx, containment_id, who, now_ms=now_ms, lease_ms=lease_ms)


def drop(parts: Parts, containment_id: str) -> None:
    """Give it back."""
    with parts.store.transaction(durable=False) as tx:
        containments.amend(tx, containment_id, claimed_by=None, claimed_until_ms=None)


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
