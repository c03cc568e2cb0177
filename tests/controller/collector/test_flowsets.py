"""NetFlow v9 and IPFIX: real captures as others decoded them (needs the shared data), and the standards case by case."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from controller.collector import ReferenceDecoder
from controller.collector.records import records
from detectors.flow import Has

from . import flowsets as f
from . import oracle

FIELDS = (
    *("kind", "version", "exporter", "odid", "src_ip", "dst_ip", "src_port", "dst_port", "proto", "tcp_flags", "bytes"),
    *("packets", "sampling_rate", "in_if", "out_if", "src_mac", "dst_mac", "vlan", "first_ms", "last_ms", "direction"),
)
PROTOCOLS = {"nf9", "ipfix", "nf5", "nf1", "sflow5", "other"}


def counted(found: list[dict[str, Any]], *, late: bool | None = None) -> Counter[str]:
    """Flow records as a multiset, on the fields that are compared; null is absent."""
    kept = [r for r in found if r["kind"] in oracle.FLOWS and (late is None or bool(r.get("late")) is late)]
    return Counter(json.dumps({k: r[k] for k in FIELDS if r.get(k) is not None}, sort_keys=True) for r in kept)


def test_every_record_of_every_capture(data_dir: Path) -> None:
    """All records but the late ones are there, equal in every field; late ones are decoded right or not at all."""
    flows, total, late = data_dir / "flows", 0, 0
    for name in oracle.captures(flows, PROTOCOLS):
        want = oracle.expected(flows, name)
        got = counted(list(records(ReferenceDecoder().decode(oracle.datagrams(flows, name)))))
        missing = counted(want, late=False) - got
        invented = got - counted(want)
        assert (Counter(), Counter()) == (missing, invented), name
        total += sum(counted(want, late=False).values())
        late += sum((got & counted(want, late=True)).values())
    assert total > 16_000
    assert late > 0


def test_datagrams_cut_short(data_dir: Path) -> None:
    """After a cut only records of the whole datagram may appear."""
    flows = data_dir / "flows"
    path = flows / "derived" / "truncated.jsonl"
    for entry in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        whole = oracle.datagrams(flows, entry["capture"])
        decoder = ReferenceDecoder()
        decoder.decode([whole[n] for n in entry["prelude"]])
        cut = oracle.datagram_of({**entry, "ts": 0, "sport": whole[entry["datagram"]].port})
        got = counted(list(records(decoder.decode([cut]))))
        want = counted([r for r in oracle.expected(flows, entry["capture"]) if r["dgram"] <= entry["datagram"]])
        assert Counter() == got - want, (entry["capture"], entry["cut"])


def decode(*messages: bytes, decoder: ReferenceDecoder | None = None, port: int = 40000) -> list[dict[str, Any]]:
    """Records of messages sent one after the other."""
    return list(records((decoder or ReferenceDecoder()).decode([f.datagram(m, port=port) for m in messages])))


def test_v9_by_the_standard() -> None:
    """A template and its data: addresses, ports, counters, times by uptime."""
    (record,) = decode(f.v9(f.v9_template(256, f.BASIC), f.data(256, f.basic())))
    want = {
        "src_ip": "10.0.0.1", "dst_ip": "10.0.0.2", "src_port": 50000, "dst_port": 445, "proto": 6, "tcp_flags": 2,
        "bytes": 180, "packets": 3, "in_if": 4, "first_ms": 1_699_999_998_000, "last_ms": 1_699_999_999_000, "odid": 7,
    }  # fmt: skip
    assert want == {k: record[k] for k in want}


def test_data_before_its_template_is_kept() -> None:
    """Two data sets wait; the template comes; both are decoded, once."""
    decoder = ReferenceDecoder()
    assert [] == decode(f.v9(f.data(256, f.basic())), f.v9(f.data(256, f.basic())), decoder=decoder)
    assert 2 == len(decode(f.v9(f.v9_template(256, f.BASIC)), decoder=decoder))
    assert [] == decode(f.v9(f.v9_template(256, f.BASIC)), decoder=decoder)


def test_the_newest_definition_wins() -> None:
    """A redefinition holds from where it stands."""
    shorter = ((8, 4), (12, 4))
    messages = f.v9(
        f.v9_template(256, f.BASIC),
        f.data(256, f.basic()),
        f.v9_template(256, shorter),
        f.data(256, bytes([10, 0, 0, 5] * 2)),
    )
    assert [445, None] == [r.get("dst_port") for r in decode(messages)]


def test_domains_and_versions_are_apart() -> None:
    """The same id in another domain, or in the other protocol, is another template."""
    decoder = ReferenceDecoder()
    decode(f.v9(f.v9_template(256, f.BASIC)), decoder=decoder)
    assert [] == decode(f.v9(f.data(256, f.basic()), domain=8), decoder=decoder)
    assert [] == decode(f.ipfix(f.data(256, f.basic())), decoder=decoder)


def test_two_processes_behind_one_address() -> None:
    """Each source port has its own layout; a port that sent none uses the newest of the address."""
    decoder, swapped = ReferenceDecoder(), ((12, 4), (8, 4), *f.BASIC[2:])
    decode(f.v9(f.v9_template(256, f.BASIC)), decoder=decoder, port=1000)
    decode(f.v9(f.v9_template(256, swapped)), decoder=decoder, port=2000)
    sources = [decode(f.v9(f.data(256, f.basic())), decoder=decoder, port=p)[0]["src_ip"] for p in (1000, 2000, 3000)]
    assert ["10.0.0.1", "10.0.0.2", "10.0.0.2"] == sources


def test_sampling_from_options() -> None:
    """A rate for the whole session, and one by sampler id that wins."""
    decoder = ReferenceDecoder()
    options = f.ipfix(
        f.ipfix_template(300, ((302, 4), (305, 4), (306, 4)), scopes=1),
        f.data(300, (1).to_bytes(4, "big") + (1).to_bytes(4, "big") + (99).to_bytes(4, "big")),
    )
    flow = f.ipfix(f.ipfix_template(256, (*f.BASIC, (302, 4))), f.data(256, f.basic() + (1).to_bytes(4, "big")))
    assert [100] == [r["sampling_rate"] for r in decode(options, flow, decoder=decoder)]


def test_variable_length_and_enterprise_elements() -> None:
    """Variable fields of both forms, enterprise ones, and an RFC 6313 list are stepped over by their length."""
    fields = ((8, 4), (12, 4), (82, 0xFFFF), (291, 0xFFFF), (0x8000 | 5, 0xFFFF, 9999), (2, 2))
    record = bytes([10, 0, 0, 1, 10, 0, 0, 2]) + b"\x03eth" + b"\xff\x01\x00" + bytes(256) + b"\x00" + b"\x00\x07"
    (found,) = decode(f.ipfix(f.ipfix_template(256, fields), f.data(256, record)))
    assert ("10.0.0.2", 7) == (found["dst_ip"], found["packets"])


def test_reverse_counters_do_not_overwrite() -> None:
    """RFC 5103: the other direction's octets stand apart."""
    fields = ((8, 4), (12, 4), (1, 4), (0x8000 | 1, 4, 29305), (0x8000 | 2, 4, 29305))
    record = bytes([10, 0, 0, 1, 10, 0, 0, 2]) + b"".join(n.to_bytes(4, "big") for n in (100, 900, 9))
    decoded = ReferenceDecoder().decode([f.datagram(f.ipfix(f.ipfix_template(256, fields), f.data(256, record)))])
    row = decoded.batch.row(0)
    assert (100, 900, 9) == (row["bytes"], row["reverse_bytes"], row["reverse_packets"])
    assert int(row["has"]) & Has.REVERSE


def test_a_dual_family_template() -> None:
    """All-zero IPv6 beside IPv4 is filler, and the other way round."""
    fields = ((8, 4), (12, 4), (27, 16), (28, 16))
    four = bytes([10, 0, 0, 1, 10, 0, 0, 2]) + bytes(32)
    six = bytes(8) + bytes.fromhex("20010db8" + "00" * 11 + "01") + bytes.fromhex("20010db8" + "00" * 11 + "02")
    found = decode(f.ipfix(f.ipfix_template(256, fields), f.data(256, four + six)))
    assert ["10.0.0.1", "2001:db8::1"] == [r["src_ip"] for r in found]


def test_times_in_ntp_fractions() -> None:
    """dateTimeMicroseconds: seconds since 1900 and a fraction of 2^32."""
    moment = ((1_700_000_000 + 2_208_988_800) << 32 | 1 << 31).to_bytes(8, "big")
    fields = ((8, 4), (12, 4), (154, 8), (155, 8))
    (found,) = decode(f.ipfix(f.ipfix_template(256, fields), f.data(256, bytes(8) + moment * 2)))
    assert 1_700_000_000_500 == found["first_ms"] == found["last_ms"]


def test_ipfix_uptimes_need_a_start() -> None:
    """Without systemInitTime no time is made up; with it, from options, it is known."""
    decoder = ReferenceDecoder()
    (first,) = decode(f.ipfix(f.ipfix_template(256, f.BASIC), f.data(256, f.basic())), decoder=decoder)
    assert "first_ms" not in first
    start = f.ipfix(
        f.ipfix_template(301, ((149, 4), (160, 8)), scopes=1), f.data(301, bytes(4) + (10**12).to_bytes(8, "big"))
    )
    (second,) = decode(start, f.ipfix(f.data(256, f.basic())), decoder=decoder)
    assert 10**12 + 8_000 == second["first_ms"]
