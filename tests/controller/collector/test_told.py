"""Templates that are sent again and again cost the kernel a look, and the reader nothing; what they say is never stale."""

import numpy as np
import pytest

from controller.collector import ReferenceDecoder
from controller.collector.datagram import Datagram
from controller.collector.flowset import FlowsetReader, Limits, TemplateStore
from controller.collector.flowset.template import Field, Template
from controller.collector.kernels import KernelDecoder
from controller.collector.kernels.plans import LONGEST, plan

from . import datagrams as d
from . import flowsets as f
from .both import assert_same

SHORT: f.Fields = ((8, 4), (12, 4), (4, 1))
OTHER: f.Fields = ((12, 4), (8, 4), (4, 1))
ROW = bytes([10, 0, 0, 1, 10, 0, 0, 2, 6])


def at(payload: bytes, ms: int, *, port: int = 2055, exporter: int = 1) -> Datagram:
    """A datagram of an exporter, so many milliseconds after the first."""
    first = d.datagram(payload)
    return Datagram(payload, first.exporter[:-2] + exporter.to_bytes(2, "big"), port, first.received_ms + ms)


def same(*found: Datagram) -> tuple[TemplateStore, TemplateStore]:
    """Both decoders, a batch for each datagram; the stores they end with."""
    reference, store = ReferenceDecoder(TemplateStore()), TemplateStore()
    kernel = KernelDecoder(ReferenceDecoder(store))
    for one in found:
        assert_same(reference.decode([one]), kernel.decode([one]))
    assert reference.templates.dump() == store.dump()  # in the order in which they would be forgotten
    return reference.templates, store


def test_a_template_sent_again_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred times within a minute: the reader sees it once, the count of what was learned is that of the reference."""
    message = f.v9(f.v9_template(256, SHORT), f.data(256, ROW))
    asked = list[int]()
    take = FlowsetReader.take
    monkeypatch.setattr(FlowsetReader, "take", lambda self, o, n, *rest: (asked.append(n), take(self, o, n, *rest))[1])
    decoder = KernelDecoder(ReferenceDecoder(store := TemplateStore()))
    for n in range(100):
        assert 1 == len(decoder.decode([at(message, 600 * n)]).batch)
    assert [0] == asked
    assert 100 == store.counts.learned


def test_a_template_that_is_sent_again_stays_young() -> None:
    """Its age is that of the last sending."""
    message = f.ipfix(f.ipfix_template(256, SHORT))
    want, got = same(*(at(message, n * 15_000) for n in range(40)))
    assert want.oldest_ms() == got.oldest_ms() == at(message, 39 * 15_000).received_ms


def test_who_is_forgotten_first() -> None:
    """In a store that is full the template goes that was not sent for longest, as it does for the reference."""
    first, second, third = (f.v9(f.v9_template(number, SHORT)) for number in (256, 257, 258))
    limits = Limits(templates=2)
    reference, store = ReferenceDecoder(TemplateStore(limits)), TemplateStore(limits)
    kernel = KernelDecoder(ReferenceDecoder(store))
    turns = (first, second, first, third, f.v9(f.data(256, ROW)), f.v9(f.data(257, ROW)))
    for one in [at(payload, n) for n, payload in enumerate(turns)]:
        assert_same(reference.decode([one]), kernel.decode([one]))
    batch = [at(payload, n) for n, payload in enumerate((first, second, first, second, first, third, first))]
    assert_same(reference.decode(batch), kernel.decode(batch))
    assert reference.templates.dump() == store.dump()


@pytest.mark.parametrize("message", [f.v9, f.ipfix])
def test_a_layout_that_comes_back(message) -> None:  # type: ignore[no-untyped-def]
    """A, B and A again under one id: what was told first is not taken for what holds."""
    template = f.v9_template if message is f.v9 else f.ipfix_template
    first, second = message(template(256, SHORT)), message(template(256, OTHER))
    data = message(f.data(256, ROW))
    turns = (first, data, first, data, second, data, first, data, second, second, data, first, first, data)
    same(*(at(payload, n) for n, payload in enumerate(turns)))


def test_a_withdrawn_template_comes_back() -> None:
    """Withdrawn (RFC 7011 section 8.1) and sent as before: it holds again."""
    known, gone = f.ipfix(f.ipfix_template(256, SHORT)), f.ipfix(f.a_set(2, bytes([1, 0, 0, 0])))
    data = f.ipfix(f.data(256, ROW))
    same(
        *(at(payload, n) for n, payload in enumerate((known, known, data, gone, data, known, data, gone, known, data)))
    )


def test_two_processes_behind_one_address() -> None:
    """The same id, other layouts, other source ports: each its own, a third port has the newest."""
    first, second, data = f.v9(f.v9_template(256, SHORT)), f.v9(f.v9_template(256, OTHER)), f.v9(f.data(256, ROW))
    turns = [(first, 1), (second, 2), (data, 1), (data, 2), (first, 1), (data, 3), (second, 2), (first, 1), (data, 3)]
    same(*(at(payload, n, port=port) for n, (payload, port) in enumerate(3 * turns)))


def test_what_is_wrong_is_told_each_time() -> None:
    """A set that cannot be read is trouble of every datagram that brings it."""
    bad = f.v9(f.a_set(0, bytes([1, 44, 0, 2, 0, 8, 0, 0, 0, 12, 0, 0])))
    same(*(at(bad, n) for n in range(5)))


def test_a_set_of_the_other_protocol() -> None:
    """Set 0 in IPFIX defines nothing, whatever is in it: the template of that id is none the younger."""
    known, other = f.ipfix(f.ipfix_template(256, SHORT)), f.ipfix(f.ipfix_template(257, SHORT))
    alien = f.ipfix(f.v9_template(256, SHORT))
    same(*(at(payload, n) for n, payload in enumerate((known, other, alien, alien, alien))))


def test_thousands_of_exporters(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known is kept while the table grows: nobody is asked twice."""
    dice = np.random.default_rng(1)
    sent = list[Datagram]()
    for n in range(3000):
        fields = tuple(f.BASIC[k] for k in dice.permutation(len(f.BASIC)))
        rows = dice.bytes(35) * 3
        sent += [at(f.v9(f.v9_template(256, fields)), 0, exporter=n), at(f.v9(f.data(256, rows)), 0, exporter=n)]
    reference, decoder = ReferenceDecoder(), KernelDecoder(ReferenceDecoder())
    assert_same(reference.decode(sent), decoder.decode(sent))
    monkeypatch.setattr(KernelDecoder, "_ask_set", lambda *_: pytest.fail("asked again"))
    assert_same(reference.decode(sent), decoder.decode(sent))


def test_a_record_longer_than_any_message() -> None:
    """Lengths that fit no message have a plan that reads nothing, whatever the sum of them."""
    fields = (Field(0, 8, 60_000), Field(0, 12, 60_000))
    assert 120_000 == Template(256, fields).shortest > LONGEST
    assert [0, 120_000] == plan(Template(256, fields))[:2]
    same(at(f.v9(f.v9_template(256, ((8, 60_000), (12, 60_000)))), 0), at(f.v9(f.data(256, bytes(1400))), 1))
