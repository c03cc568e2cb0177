"""Who becomes suspicious is told before it is accused, and once."""

from detectors.engine import MOST_NEARING

from . import flows as f


def test_a_source_is_told_before_its_alert() -> None:
    """With the port where its packets come in; asked again, nobody is told twice."""
    engine, told, alerted = f.engine(), [], 0
    for n in range(12):
        alerted += len(engine.feed(f.batch_of([f.tcp(n * 100, 1, 100 + n)])))
        if not alerted:
            told += engine.nearing()
    assert alerted
    assert [(f.ip_of(1), 101)] == [(one.src_ip, one.in_if) for one in told]


def test_not_all_of_very_many() -> None:
    """A thousand at once are told of by nobody who could still be helped."""
    engine = f.engine()
    for n in range(8):
        engine.feed(f.batch_of([f.tcp(n * 100, 300 + source, 100 + n) for source in range(MOST_NEARING + 20)]))
    assert MOST_NEARING == len(engine.nearing())
