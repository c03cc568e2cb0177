"""Devices are asked politely: a burst, then a steady rate; retries with growing, uneven patience."""

from controller.core.clock import ManualClock
from controller.switches.wire.pace import Pace
from controller.switches.wire.transport import patience_s


def test_a_burst_then_the_rate() -> None:
    """20 at once, then 100 a second and up to a tenth less."""
    clock = ManualClock()
    pace = Pace(clock, 100, 20)
    for _ in range(20):
        pace.wait()
    assert 0 == pace.waited_s
    begun = clock.monotonic_s()
    for _ in range(100):
        pace.wait()
    assert 0.95 <= clock.monotonic_s() - begun <= 1.15


def test_a_rest_fills_the_bucket_no_further_than_its_brim() -> None:
    """After an hour 20 are free again, not 360,000."""
    clock = ManualClock()
    pace = Pace(clock, 100, 20)
    clock.advance(3600)
    for _ in range(21):
        pace.wait()
    assert pace.waited_s > 0


def test_patience_grows_and_is_uneven() -> None:
    """Half as long again each time, a tenth either way."""
    for attempt, middle in enumerate((2.0, 3.0, 4.5)):
        found = {patience_s(2.0, attempt) for _ in range(50)}
        assert middle * 0.9 <= min(found) < max(found) <= middle * 1.1
