"""Whether it is known of one network by now who lives there: its gateways were read for long enough, and still are."""

from __future__ import annotations

from dataclasses import dataclass

SHARE = 4  # fewer hosts than this part of what there were: people sleep at night, and a table may be cut short


@dataclass(slots=True)
class Vouching:
    """Of one network. `owed_ms` is how long it still has to be read; what was missed since is owed again."""

    learn_ms: int
    stale_ms: int
    owed_ms: int
    noted_ms: int = 0
    most: float = 0.0  # hosts in its tables, fading

    def note(self, read_ms: int, hosts: int, now_ms: int) -> bool:
        """Whether it is vouched for now. `read_ms`: the oldest reading of its gateways (0: one was never read), `hosts`: how many
        they know."""
        elapsed_ms = max(0, now_ms - self.noted_ms) if self.noted_ms else 0
        self.noted_ms = now_ms
        fresh = now_ms - read_ms <= self.stale_ms and hosts > 0
        unwatched = not fresh or elapsed_ms > self.stale_ms
        self.owed_ms = min(max(self.owed_ms + (elapsed_ms if unwatched else -elapsed_ms), 0), self.learn_ms)
        self.most = max(float(hosts), self.most * 0.5 ** (elapsed_ms / self.learn_ms) if self.learn_ms else 0.0)
        return fresh and not self.owed_ms and hosts * SHARE >= self.most
