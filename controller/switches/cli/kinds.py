"""What the type of a row says: the machine was heard, somebody wrote the entry, or frames to it are dropped.

Words and flags of many makers. A word that is not known is no proof that a machine was heard.
"""

from __future__ import annotations

import re
from functools import lru_cache

from controller.core.tables import UNKNOWN

LEARNED, CONFIGURED, DROPPED = "learned", "static", "filtered"
_HEARD = (
    r"d|dyn(amic)?|dynamic[ -]?pv|learn(ed|t)?|c|complete|authen(ticated)?|guest|pre-mac|dot1x|802\.1x"
    r"|mac-?auth(entication)?|port-access-security|voice([ -]?vlan)?"
)
_WRITTEN = (
    r"s|sta(tic)?|static-.*|.*-static|p|perm?(anent)?|persistent|secured?|security|sec-.*|sticky|config.*|snooping|multiport"
    r"|deleteon.*|cfg|user"
)
_DROPPED = r"black-?hole.*|discard(ed|ing)?|drop(ped)?|filter(ed|ing)?|denied"
WORDS = tuple(
    (re.compile(pattern, re.IGNORECASE), status)
    for pattern, status in ((_HEARD, LEARNED), (_DROPPED, DROPPED), (_WRITTEN, CONFIGURED))
)
# Junos: S static, D dynamic, L locally learned, P persistent, SE statistics, NM not configured, R remote, O OVSDB
JUNOS = re.compile(r"(?:SE|NM|[DSLPROC])(?:,?(?:SE|NM|[DSLPROC]))*")
# EXOS: d dynamic, s static, p permanent, l and L lockdown; b, B, D dropped; X and E behind a tunnel; others say how
EXOS = re.compile(r"[dspn][a-zA-Z]{0,7}(?: [a-zA-Z]{1,4}){0,4}")
# FortiSwitch: words between brackets
SEVERAL = re.compile(r"\b(dynamic|static)\b", re.IGNORECASE)


@lru_cache(maxsize=4096)
def status_of(kind: str) -> str:
    """learned, static, filtered or unknown; "" where the table says nothing."""
    kind = " ".join(kind.split())
    if not kind:
        return ""
    if JUNOS.fullmatch(kind):
        return _junos(set(re.findall("SE|NM|[A-Z]", kind)))
    word = next((status for pattern, status in WORDS if pattern.fullmatch(kind)), None)
    if word is not None:
        return word
    if EXOS.fullmatch(kind):
        return _exos(set(kind))
    said = {found.lower() for found in SEVERAL.findall(kind)}
    return {frozenset({"dynamic"}): LEARNED, frozenset({"static"}): CONFIGURED}.get(frozenset(said), UNKNOWN)


@lru_cache(maxsize=4096)
def is_word(text: str) -> bool:
    """Whether that is a type and no port: templates are met that take the second word of `Config static` for one."""
    return text.lower() == "pv" or any(len(text) > 1 and pattern.fullmatch(text) for pattern, _ in WORDS)


def _junos(flags: set[str]) -> str:
    if flags & {"S", "P"}:
        return CONFIGURED
    return LEARNED if flags <= {"D", "L", "SE", "NM"} and flags & {"D", "L"} else UNKNOWN


def _exos(flags: set[str]) -> str:
    if flags & set("bBD"):
        return DROPPED
    if flags & set("splL"):
        return CONFIGURED
    return UNKNOWN if flags & set("XEZo") or "d" not in flags else LEARNED
