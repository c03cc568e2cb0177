"""Who may do what on an emulated switch. Made at random for each demo and test; printed nowhere."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

USER = "cordon"


def _word() -> str:
    return secrets.token_hex(10)


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """SSH user with an enable password, two communities, one SNMPv3 user with SHA and AES keys."""

    username: str = USER
    password: str = field(default_factory=_word)
    enable: str = field(default_factory=_word)
    community_ro: str = field(default_factory=_word)
    community_rw: str = field(default_factory=_word)
    v3_user: str = "cordon"
    v3_auth_key: str = field(default_factory=_word)
    v3_priv_key: str = field(default_factory=_word)
