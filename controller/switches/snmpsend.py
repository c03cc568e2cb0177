"""Sending the SNMP driver's commands: as one SET, or one by one where an agent cannot; lists are read at that moment."""

from __future__ import annotations

import time
from collections.abc import Sequence

from controller.core.errors import CommandRejected, CordonError, ReadBackMismatch
from controller.core.snmp.pdu import Value

from .driver import Exchange
from .mib.walk import oid
from .portlist import holds, with_port
from .session import Session
from .wire.setting import Setting


class SnmpSender:
    """The commands of one device."""

    def __init__(self, name: str, session: Session) -> None:
        self._name, self._session = name, session
        self._has_left = False  # a SET of the commands being sent, or may have

    def send(self, commands: Sequence[str]) -> tuple[Exchange, ...]:
        """All of them; CommandRejected carries what was exchanged until then."""
        done: list[Exchange] = []
        self._has_left = False
        try:
            if len(commands) == 1 or not self._at_once(commands, done):
                self._one_by_one(commands, done)
        except CordonError as error:
            error.details["exchanges"] = tuple(done)
            error.unsent = not self._has_left
            raise
        return tuple(done)

    def _at_once(self, commands: Sequence[str], done: list[Exchange]) -> bool:
        """False if the agent refuses the whole: agents are met that set one object at a time."""
        begun = time.perf_counter()
        settings = [setting for command in commands if (setting := self._setting(command)) is not None]
        try:
            answered = self._set(*settings) if settings else []
        except CommandRejected as error:
            done.append(Exchange("; ".join(commands), error.what, _ms(begun)))
            return False
        self._proven(commands)
        done.append(Exchange("; ".join(commands), f"answered {answered!r}", _ms(begun)))
        return True

    def _one_by_one(self, commands: Sequence[str], done: list[Exchange]) -> None:
        """Twice round, if need be: where lists follow the PVID, what was refused before it is so behind it."""
        refused: dict[str, CommandRejected] = {}
        for command in commands:
            self._try(command, done, refused)
        for command in list(refused) if len(commands) > 1 else []:
            self._try(command, done, refused)
        if refused:
            raise next(iter(refused.values()))
        self._proven(commands)

    def _try(self, command: str, done: list[Exchange], refused: dict[str, CommandRejected]) -> None:
        begun = time.perf_counter()
        setting = self._setting(command)
        if setting is None:
            refused.pop(command, None)
            done.append(Exchange(command, "is so already", _ms(begun)))
            return
        try:
            answered = self._set(setting)
        except CommandRejected as error:
            refused[command] = error
            done.append(Exchange(command, error.what, _ms(begun)))
            return
        refused.pop(command, None)
        done.append(Exchange(command, f"answered {answered!r}", _ms(begun)))

    def _set(self, *settings: Setting) -> list[Value]:
        try:
            answered = self._session.set(*settings)
        except CordonError as error:
            self._has_left |= not error.unsent
            raise
        self._has_left = True
        return answered

    def _setting(self, command: str) -> Setting | None:
        """What is sent for a command; None for a list that says so already."""
        verb, where, *rest = command.split(maxsplit=2)
        if verb == "set":
            kind, _, value = (rest[0] if rest else "").partition(" ")
            return Setting(oid(where), kind, _value(kind, value))
        port, present = int(rest[0]), verb == "join"
        octets = self._list(where)
        return (
            None
            if holds(octets, port) is present
            else Setting(oid(where), "x", with_port(octets, port, present=present))
        )

    def _list(self, where: str) -> bytes:
        (octets,) = self._session.get(oid(where))
        if not isinstance(octets, bytes):
            raise CommandRejected("has no such port list any more", where=self._name, command=where)
        return octets

    def _proven(self, commands: Sequence[str]) -> None:
        """Every list holds what was asked. (The rest is read back by whoever called.)"""
        for command in commands:
            verb, where, *rest = command.split()
            if verb != "set" and holds(self._list(where), int(rest[0])) is not (verb == "join"):
                raise ReadBackMismatch("a port list does not show what was set", where=self._name, command=command)


def _value(kind: str, text: str) -> int | bytes:
    if kind == "x":
        return bytes.fromhex(text)
    return text.encode() if kind == "s" else int(text)


def _ms(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 1)
