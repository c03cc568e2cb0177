"""One object to be set, and the check that the agent's answer holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from controller.core.errors import CommandRejected
from controller.core.snmp import ber, pdu
from controller.core.snmp.ber import Oid
from controller.core.snmp.pdu import Binding, Value

# snmpset's letters. x is text in hexadecimal.
TAGS = {"i": ber.INTEGER, "u": ber.GAUGE32, "s": ber.OCTETS, "x": ber.OCTETS}


@dataclass(frozen=True, slots=True)
class Setting:
    """`kind` is snmpset's letter: i, u, s or x."""

    oid: Oid
    kind: str
    value: int | bytes

    def binding(self) -> bytes:
        """As it is sent."""
        if isinstance(self.value, int):
            return pdu.binding(self.oid, ber.integer(self.value, TAGS[self.kind]))
        return pdu.binding(self.oid, ber.element(TAGS[self.kind], self.value))

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.oid))} {self.kind} {text_of(self.kind, self.value)}"


def text_of(kind: str, value: int | bytes) -> str:
    """A value as it stands in a command."""
    if isinstance(value, int):
        return str(value)
    return value.hex() if kind == "x" else value.decode("utf-8", "replace")


def check_answer(settings: Sequence[Setting], answered: Sequence[Binding], where: str) -> list[Value]:
    """The values of an answer without an error status: some agents say that of a SET of nothing (snmpsim: NoSuchInstance)."""
    if [name for name, _, _ in answered] != [setting.oid for setting in settings]:
        raise CommandRejected("the agent answered a SET with other objects", where=where)
    values: list[Value] = []
    for setting, (_, tag, value) in zip(settings, answered, strict=True):
        if tag in ber.ABSENT or value is None:
            raise CommandRejected("the agent accepted a SET of an object it does not have", where=where)
        if value != setting.value:
            what = f"the agent answered a SET of {setting.value!r} with {value!r}"
            raise CommandRejected(what, where=where)
        values.append(value)
    return values
