"""What a broker of the lab is called."""

import uuid

from controller.lab.kafka.broker import cluster_id


def test_no_id_begins_with_a_dash() -> None:
    """One UUID in 64 would: Kafka's storage tool takes such an id for an option, and ends."""
    dash, other = uuid.UUID(int=0xF8 << 120), uuid.UUID(int=0)
    drawn = iter([dash, dash, other])
    assert "A" * 22 == cluster_id(lambda: next(drawn))
