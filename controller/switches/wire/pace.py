"""How often one device is asked: a burst, then a steady rate. A switch's processor has more to do than to answer."""

from __future__ import annotations

import random

from controller.core.clock import Clock


class Pace:
    """A token bucket for one device: `rate` requests a second, `burst` at once. Waits up to a tenth longer than it must, so
    that hundreds of devices that were asked at once do not stay in step."""

    def __init__(self, clock: Clock, rate: float, burst: int) -> None:
        self._clock, self._rate, self._burst = clock, rate, burst
        self._tokens, self._at_s = float(burst), clock.monotonic_s()
        self.waited_s = 0.0

    def wait(self) -> None:
        """Until the next request may leave."""
        now = self._clock.monotonic_s()
        self._tokens = min(self._burst, self._tokens + (now - self._at_s) * self._rate)
        self._at_s = now
        if self._tokens < 1:
            pause = (1 - self._tokens) / self._rate * random.uniform(1.0, 1.1)  # noqa: S311 no secret
            self.waited_s += pause
            self._clock.sleep(pause)
            now = self._clock.monotonic_s()
            self._tokens = min(self._burst, self._tokens + (now - self._at_s) * self._rate)
            self._at_s = now
        self._tokens -= 1
