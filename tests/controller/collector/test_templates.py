"""Templates under pressure: hostile messages, bounds that hold, and what survives a restart."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.collector import ReferenceDecoder
from controller.collector.flowset import KeepingDecoder, Limits, TemplateStore
from controller.core.clock import ManualClock

from . import flowsets as f


def trouble(*messages: bytes) -> set[str]:
    """Kinds of trouble that messages make."""
    decoded = ReferenceDecoder().decode([f.datagram(m) for m in messages])
    return {kind for kind, _ in decoded.trouble}


HOSTILE = {
    "set of length 0": f.v9(b"\x01\x00\x00\x00" + b"x" * 8),
    "set of length 3": f.ipfix(b"\x01\x00\x00\x03" + b"x" * 8),
    "set longer than the message": f.v9(b"\x01\x00\xff\xff" + b"x" * 8),
    "template of no length": f.v9(f.v9_template(256, ((8, 0), (12, 0)))),
    "template without fields in v9": f.v9(f.v9_template(256, ())),
    "template with more fields than the set has": f.v9(f.a_set(0, b"\x01\x00\x00\x40" + b"\x00\x08\x00\x04")),
    "template of 60,000 fields": f.ipfix(f.a_set(2, b"\x01\x00\xea\x60" + b"\x00\x08\x00\x04" * 10)),
    "enterprise number cut off": f.ipfix(f.a_set(2, b"\x01\x00\x00\x01\x80\x08\x00\x04")),
    "unknown set id": f.ipfix(f.a_set(77, b"xxxx")),
    "message length of 3": b"\x00\x0a\x00\x03" + bytes(20),
    "header cut off": b"\x00\x09\x00\x01",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_messages_are_counted(name: str) -> None:
    """Each is trouble of a named kind, makes no row, and the next message is read as ever."""
    assert trouble(HOSTILE[name])
    good = f.v9(f.v9_template(256, f.BASIC), f.data(256, f.basic()))
    assert 1 == len(ReferenceDecoder().decode([f.datagram(HOSTILE[name]), f.datagram(good)]).batch)


def test_variable_field_that_lies() -> None:
    """A length beyond the set ends the set; the records before it are kept."""
    template = f.ipfix_template(256, ((8, 4), (12, 4), (82, 0xFFFF)))
    rows = bytes([10, 0, 0, 1, 10, 0, 0, 2, 0]) + bytes([10, 0, 0, 3, 10, 0, 0, 4, 200])
    decoded = ReferenceDecoder().decode([f.datagram(f.ipfix(template, f.data(256, rows)))])
    assert 1 == len(decoded.batch)
    assert {"bad-record"} == {kind for kind, _ in decoded.trouble}


def test_a_million_templates_stay_bounded() -> None:
    """Templates beyond the limit push the oldest out, counted."""
    store = TemplateStore(Limits(templates=100))
    decoder = ReferenceDecoder(store)
    for domain in range(1000):
        decoder.decode([f.datagram(f.v9(f.v9_template(256, f.BASIC), domain=domain))])
    assert (100, 900) == (len(store), store.counts.evicted)


def test_waiting_data_stays_bounded() -> None:
    """Data that waits is bounded by size, in all and each, and what is given up is counted under its exporter."""
    store = TemplateStore(Limits(waiting_octets=10_000, waiting_octets_each=2_000))
    decoder = ReferenceDecoder(store)
    sets = [f.datagram(f.v9(f.data(256, f.basic() * 10), domain=d)) for d in range(20) for _ in range(10)]
    decoder.decode(sets)
    waiting = sum(store.waiting().values())
    assert waiting * 350 <= 10_000
    assert 200 == waiting + sum(store.counts.undecodable.values())


def test_old_waiting_data_is_given_up() -> None:
    """After five minutes nobody will send that template."""
    store = TemplateStore()
    decoder = ReferenceDecoder(store)
    decoder.decode([f.datagram(f.v9(f.data(256, f.basic())), at_ms=0)])
    decoder.decode([f.datagram(f.v9(f.data(999, f.basic())), at_ms=301_000)])
    assert 1 == sum(store.counts.undecodable.values())
    late = decoder.decode([f.datagram(f.v9(f.v9_template(256, f.BASIC)), at_ms=302_000)])
    assert 0 == len(late.batch)


def test_templates_and_rates_survive_a_restart() -> None:
    """What was dumped and loaded decodes the next data set, sampling rate included; through JSON."""
    first = ReferenceDecoder()
    options = f.ipfix(
        f.ipfix_template(300, ((302, 4), (305, 4), (306, 4)), scopes=1),
        f.data(300, (1).to_bytes(4, "big") + (1).to_bytes(4, "big") + (99).to_bytes(4, "big")),
    )
    first.decode([f.datagram(options), f.datagram(f.ipfix(f.ipfix_template(256, (*f.BASIC, (302, 4)))))])
    store = TemplateStore()
    store.load(json.loads(json.dumps(first.templates.dump())))
    row = f.basic() + (1).to_bytes(4, "big")
    decoded = ReferenceDecoder(store).decode([f.datagram(f.ipfix(f.data(256, row)))])
    assert [100] == decoded.batch["sampling_rate"].tolist()


def test_a_file_keeps_them(tmp_path: Path) -> None:
    """Saved a second after something new came, not for every repetition, and loaded at the next start."""
    clock, path = ManualClock(), tmp_path / "templates.json"
    template = f.datagram(f.v9(f.v9_template(256, f.BASIC)))
    first = keeping(path, clock)
    first.decode([template])
    clock.advance(2)
    first.decode([template])
    assert 1 == first.counts.saved
    clock.advance(2)
    first.decode([template])
    assert 1 == first.counts.saved
    assert 1 == len(keeping(path, clock).decode([f.datagram(f.v9(f.data(256, f.basic())))]).batch)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"version": 1}', '{"version": 1, "templates": [[1]], "about": []}']
)
def test_a_damaged_file_costs_only_itself(tmp_path: Path, content: str) -> None:
    """Counted, and the decoder works on."""
    path = tmp_path / "templates.json"
    path.write_text(content, encoding="utf-8")
    decoder = keeping(path, ManualClock())
    assert 1 == decoder.counts.failures
    assert 1 == len(decoder.decode([f.datagram(f.v9(f.v9_template(256, f.BASIC), f.data(256, f.basic())))]).batch)


def keeping(path: Path, clock: ManualClock) -> KeepingDecoder:
    """A decoder that keeps its templates in a file."""
    store = TemplateStore()
    return KeepingDecoder(ReferenceDecoder(store), store, path, clock)


def test_a_dump_of_something_else() -> None:
    """Not taken in."""
    with pytest.raises(ValueError, match="version 2"):
        TemplateStore().load({"version": 2})


def test_an_old_template_expires() -> None:
    """A template that was not sent again for a day is not trusted any more."""
    decoder = ReferenceDecoder()
    decoder.decode([f.datagram(f.v9(f.v9_template(256, f.BASIC)), at_ms=0)])
    late = f.datagram(f.v9(f.data(256, f.basic())), at_ms=25 * 3_600_000)
    assert 0 == len(decoder.decode([late]).batch)
    assert 1 == decoder.templates.counts.expired


@settings(max_examples=500, deadline=None)
@given(
    sets=st.lists(st.tuples(st.integers(0, 300), st.binary(max_size=80)), max_size=6), version=st.sampled_from([9, 10])
)
def test_any_sets(sets: list[tuple[int, bytes]], version: int) -> None:
    """Whatever the sets hold, nothing raises and nothing hangs."""
    parts = [f.a_set(number, body) for number, body in sets]
    message = f.v9(*parts) if version == 9 else f.ipfix(*parts)
    template = f.v9(f.v9_template(256, f.BASIC)) if version == 9 else f.ipfix(f.ipfix_template(256, f.BASIC))
    good = f.v9(f.v9_template(400, f.BASIC), f.data(400, f.basic()))
    decoded = ReferenceDecoder().decode([f.datagram(template), f.datagram(message), f.datagram(good)])
    assert 1 == decoded.dgram.tolist().count(2)
