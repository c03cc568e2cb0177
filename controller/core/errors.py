"""Every error a user can meet, one tree:

CordonError
├── UsageError                 wrong words on the command line or in a file (exit 2)
│   └── ConfigError            file, line, key, allowed values (exit 2)
├── NotFound                   no such thing (exit 3)
├── NotAllowed                 not authenticated or not allowed (exit 4)
├── RefusedByGuard             the guard said no (exit 5)
├── AwaitingApproval           a person has to say yes first (exit 6)
├── Unreachable                device, broker or database did not answer (exit 7, retriable)
├── DeviceError                the device answered, and the answer is no
│   ├── CommandRejected        it refused a command
│   ├── ReadBackMismatch       it accepted a command and did something else, or nothing
│   ├── Unsupported            the driver has no such verb
│   ├── CoaRefused             it answered a RADIUS CoA or Disconnect-Request with NAK
│   └── CoaBusy                likewise, for a reason that may pass (retriable)
├── FeedError                  an inbound request that is malformed, forged, late or replayed
└── StoreError                 the database could not do it
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar


class CordonError(Exception):
    """Base: what went wrong, where, and what to do. Each class says whether a retry can help and how it exits."""

    code: ClassVar[str] = "failed"
    retriable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500
    # A driver sets it where it is certain that nothing had left by then which could change the switch: no log-in, no socket.
    unsent: bool = False

    def __init__(self, what: str, *, where: str | None = None, do: str | None = None, **details: Any) -> None:
        super().__init__(what)
        self.what, self.where, self.do, self.details = what, where, do, details

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text} ({self.do})" if self.do else text


class UsageError(CordonError):
    """Wrong words."""

    code, exit_code, http_status = "usage", 2, 400


class ConfigError(UsageError):
    """A configuration file that cannot be used; `where` is file:line or file:key. Never holds a secret."""

    code = "config"


def together(errors: Sequence[ConfigError]) -> ConfigError:
    """Several complaints as one error; `details["complaints"]` has each of them as a line."""
    if len(errors) == 1:
        return errors[0]
    first, *others = errors
    what = "; ".join([first.what, *map(str, others)])
    lines = (line for error in errors for line in error.details.get("complaints", (str(error),)))
    return ConfigError(what, where=first.where, complaints=tuple(lines))


class NotFound(CordonError):
    """No such thing."""

    code, exit_code, http_status = "not-found", 3, 404


class NotAllowed(CordonError):
    """Not authenticated or not allowed."""

    code, exit_code, http_status = "not-allowed", 4, 403


class RefusedByGuard(CordonError):
    """The guard said no; `details["reasons"]` lists why."""

    code, exit_code, http_status = "refused", 5, 409


class AwaitingApproval(CordonError):
    """A person has to approve first."""

    code, exit_code, http_status = "awaiting-approval", 6, 202


class Unreachable(CordonError):
    """No answer within the time allowed. A wrong SNMPv3 privacy key and an unknown community look like this too."""

    code, retriable, exit_code, http_status = "unreachable", True, 7, 503


class DeviceError(CordonError):
    """The device answered, and the answer is no."""

    code, http_status = "device", 502


class CommandRejected(DeviceError):
    """The device refused a command; `details` has `command` and `answer`."""

    code = "command-rejected"


class ReadBackMismatch(DeviceError):
    """What was read back is not what was asked for."""

    code = "read-back-mismatch"


class Unsupported(DeviceError):
    """This driver, or this device, has no such verb."""

    code, http_status = "unsupported", 501


class CoaRefused(DeviceError):
    """A NAK (RFC 5176): `details["error_cause"]` is the Error-Cause, None if it gave none."""

    code = "coa-refused"


class CoaBusy(DeviceError):
    """A NAK for a reason that may pass: no resources, a proxy in trouble."""

    code, retriable, http_status = "coa-busy", True, 503


class FeedError(CordonError):
    """An inbound request that must not be served; the class of reason is in `details["reason"]`."""

    code, exit_code, http_status = "bad-request", 1, 400


class StoreError(CordonError):
    """The database could not do it."""

    code, retriable, http_status = "store", True, 503
