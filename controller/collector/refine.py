"""Between the decoder and the bus: interface numbers made sure of, and exporters that send too much thinned."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detectors.address import packed
from detectors.flow import FlowBatch

from . import heads as h
from .config import CollectorConfig, InterfaceRule
from .devices import Devices
from .interfaces import Does, InterfaceNumbers
from .ledger import Ledger
from .thin import Thinner

DOES = {
    InterfaceRule.AUTO: Does.FIND_OUT,
    InterfaceRule.IFINDEX: Does.IS_IFINDEX,
    InterfaceRule.BRIDGE_PORT: Does.IS_BRIDGE_PORT,
    InterfaceRule.OPENFLOW_PORT: Does.IS_BRIDGE_PORT,
    InterfaceRule.DATA_SOURCE: Does.IN_DATA_SOURCE,
    InterfaceRule.NONE: Does.MEANS_NOTHING,
}
WORDS = {h.V1: "1", h.V5: "5", h.V9: "9", h.IPFIX: "10", h.SFLOW: "sflow5"}


class Refiner:
    """Does nothing, at no cost, where nothing is set and no switch's tables are known. Belongs to the decoding thread."""

    def __init__(self, config: CollectorConfig, ledger: Ledger) -> None:
        self._rules = {packed(address): rule for address, rule in config.interfaces.items()}
        self._devices, self._ledger = Devices(ledger), ledger
        self._limits = bool(config.rows_per_s or any(config.rows_per_s_of.values()))
        self.thinner = Thinner(config.rows_per_s, {packed(a): limit for a, limit in config.rows_per_s_of.items()})
        self.interfaces = InterfaceNumbers(self._rule_of)
        self._generation = ledger.generation

    def __call__(self, batch: FlowBatch, dgram: NDArray[np.int32], of: NDArray[np.int32]) -> FlowBatch:
        """`dgram` of each row, `of` = the stream of each datagram."""
        looks = bool(self._rules) or self.interfaces.book is not None
        if not len(batch) or not (looks or self._limits):
            return batch
        device = self._devices.of_streams()
        if self._generation != self._ledger.generation:
            self.thinner.begin()
            self.interfaces.begin()
            self._generation = self._ledger.generation
        if not len(device):
            return batch
        stream = of[dgram]
        if looks:
            self.interfaces(batch, stream, device, (self._devices.addresses, self._ledger.kinds()))
        if self._limits:
            keep = self.thinner(batch, np.where(stream >= 0, device[stream], -1), self._devices.addresses)
            return batch if keep is None else batch.take(keep)
        return batch

    def _rule_of(self, address: bytes, kind: int) -> Does:
        rule = self._rules.get(address, InterfaceRule.AUTO)
        if not isinstance(rule, InterfaceRule):
            rule = {str(version): rule for version, rule in rule.items()}.get(WORDS.get(kind, ""), InterfaceRule.AUTO)
        return DOES[rule]
