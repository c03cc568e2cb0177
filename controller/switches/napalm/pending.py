"""Commits that wait for their confirmation, and go back by themselves without it: whose they are, keeping and dropping them."""

from __future__ import annotations

import secrets
from typing import Any

PREFIX = "cordon-"


class Pending:
    """What NAPALM offers everywhere. A process that died may have left one: the next finds it on the device."""

    def begin(self, device: Any) -> None:
        """Before a candidate is loaded."""

    def committed(self, device: Any) -> None:
        """After a commit."""

    def mine(self, device: Any) -> bool:
        """Whether a commit of ours waits."""
        return bool(device.has_pending_commit())

    def confirm(self, device: Any) -> None:
        """Keep it."""
        device.confirm_commit()

    def drop(self, device: Any) -> None:
        """Let the device go back at once."""
        device.rollback()


class EosPending(Pending):
    """EOS: a commit that waits is a configuration session, and its name says whose it is.

    NAPALM knows a session only by the name its object keeps, and aborts that one when it is closed: it is made to forget
    the name after each commit, and told it again when the session is to be confirmed.
    """

    def begin(self, device: Any) -> None:
        device.config_session = f"{PREFIX}{secrets.token_hex(6)}"

    def committed(self, device: Any) -> None:
        device.config_session = None

    def mine(self, device: Any) -> bool:
        # NAPALM has no other way to tell the name of the session that waits.
        waiting = [name for name in device._get_pending_commits() if name.startswith(PREFIX)]
        device.config_session = waiting[0] if waiting else None
        return bool(waiting)


class NeverPending(Pending):
    """A platform without it."""

    def mine(self, device: Any) -> bool:  # noqa: ARG002
        return False


def pending_of(driver: str, *, confirms: bool) -> Pending:
    """By NAPALM's name of the driver."""
    if not confirms:
        return NeverPending()
    return EosPending() if driver == "eos" else Pending()
