"""Sealing questions and opening answers: what a session asks of it, and the way by community."""

from __future__ import annotations

from typing import Protocol

from controller.core.snmp import ber, community, pdu
from controller.core.snmp.pdu import Pdu


class Again(Exception):
    """The agent told what was missing (its engine id, its time): the same question is worth asking at once."""


class Security(Protocol):
    """Seals PDUs into messages, and opens what comes back. None: not an answer to what was asked.

    `frame`: octets of bindings that fit into one Ethernet frame (1,500) beside the headers of IPv6, UDP and this version.
    """

    frame: int

    @property
    def ready(self) -> bool:
        """Whether questions can be sealed; else `discovery` is sent first and its answer given to `open`."""
        ...

    def discovery(self) -> bytes: ...

    def seal(self, question: bytes, context: str) -> bytes: ...

    def open(self, data: bytes) -> Pdu | None: ...

    def forget(self) -> None:
        """A question is settled: later answers to it are strays."""
        ...


class ByCommunity:
    """v2c. A context is Cisco's community@context."""

    ready = True

    def __init__(self, name: bytes) -> None:
        self._name = name
        self._context, self._head = "", community.head_of(name)  # of the message that was sealed last
        self.frame = 1400 - len(name)

    def discovery(self) -> bytes:
        """There is nothing to discover."""
        raise NotImplementedError

    def seal(self, question: bytes, context: str) -> bytes:
        """A message."""
        if context != self._context:
            name = self._name + (f"@{context}".encode() if context else b"")
            self._context, self._head = context, community.head_of(name)
        return ber.element(ber.SEQUENCE, self._head + question)

    def open(self, data: bytes) -> Pdu | None:
        """The PDU; whether it is the answer is told by its request-id."""
        return pdu.quick_open(data, self._head) or community.open_message(data)[1]

    def forget(self) -> None:
        """Nothing is kept."""
