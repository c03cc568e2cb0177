"""Which message a row goes into: by its agent, whatever the size of the batch."""

import numpy as np
import pytest

from controller.bus.port import partition_of
from controller.runtime.publish import FEW_ROWS, split
from detectors.flow import empty

PARTITIONS = 4


@pytest.mark.parametrize("rows", [1, 40, FEW_ROWS, FEW_ROWS + 1, 3 * FEW_ROWS])
def test_rows_of_an_agent_stay_together_and_in_order(rows: int) -> None:
    """Every row is in the partition of its agent, none is lost, and those of one agent are in the order they came in."""
    agents = np.arange(5 * 16, dtype=np.uint8).reshape(5, 16)
    batch = empty(rows)
    batch.columns["agent"] = agents[np.arange(rows) * 7 % 5]
    batch.columns["received_ms"] = np.arange(rows, dtype=np.int64)
    found = split(batch, PARTITIONS)
    assert rows == sum(len(part) for _, part in found)
    assert len({partition for partition, _ in found}) == len(found)
    for partition, part in found:
        assert {partition} == {partition_of(agent.tobytes(), PARTITIONS) for agent in part["agent"]}
        assert sorted(part["received_ms"].tolist()) == part["received_ms"].tolist()
