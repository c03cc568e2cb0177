"""Exporters that used to send."""

from controller.collector.ledger import Stream
from controller.collector.silence import SilenceWatch

AGENT = bytes(15) + b"\1"


def stream(*, last_s: int, datagrams: int = 1000, first_s: int = 0, version: str = "sflow5") -> Stream:
    """A stream heard of from first_s to last_s."""
    return Stream(AGENT, AGENT, version, 0, datagrams, 0, 0, first_s * 1000 + 1, last_s * 1000, None, 0, 0, 0, 0)


def test_each_change_is_told_once() -> None:
    """Silent after the time that was set, told once, and heard again."""
    watch = SilenceWatch(300)
    assert [] == watch.look([stream(last_s=1000)], 1_299_000)
    assert [(AGENT, True)] == [(c.exporter, c.silent) for c in watch.look([stream(last_s=1000)], 1_301_000)]
    assert [] == watch.look([stream(last_s=1000)], 1_400_000)
    assert {AGENT: 1_000_000} == watch.silent
    assert [(AGENT, False)] == [(c.exporter, c.silent) for c in watch.look([stream(last_s=1500)], 1_501_000)]
    assert {} == watch.silent
    assert 1 == watch.alarms


def test_who_speaks_rarely_is_given_time() -> None:
    """Every ten minutes by nature: forty minutes of silence before anybody is told."""
    rare = stream(last_s=60_000, datagrams=101)
    assert [] == SilenceWatch(300).look([rare], 62_000_000)
    assert 1 == len(SilenceWatch(300).look([rare], 62_500_000))


def test_who_never_used_to_send() -> None:
    """A few datagrams, or what is no export at all, are no promise; one stream of two that goes on is no silence."""
    watch = SilenceWatch(300)
    assert [] == watch.look([stream(last_s=10, datagrams=5), stream(last_s=10, version="unknown")], 10_000_000)
    assert [] == watch.look([stream(last_s=10), stream(last_s=9_999)], 10_000_000)


def test_off_and_taken_away() -> None:
    """0 = never; after a day it is taken for gone, without being called heard of."""
    assert [] == SilenceWatch(0).look([stream(last_s=10)], 10_000_000)
    watch = SilenceWatch(300)
    watch.look([stream(last_s=1000)], 2_000_000)
    assert [] == watch.look([stream(last_s=1000)], 100_000_000)
    assert {} == watch.silent
