"""The second design: Linux bridges, other people's exporters, and a shell to act through (marker lab)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.lab import attacks
from controller.lab.lab import Lab
from controller.lab.ovs import Exports
from controller.lab.service import LabService
from controller.lab.watch import Pings, Sniffer
from tests.lab.conftest import NAME, require_lab

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def bridges() -> Iterator[Lab]:
    """Two Linux bridges with six desks each; nothing is exported before somebody listens."""
    require_lab("bridge")
    found = Lab.up(f"{NAME}br", switches=2, hosts=12, design="bridge", exports=Exports(sflow_sampling=None))
    yield found
    found.down()


@pytest.fixture(scope="module")
def service(bridges: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabService]:
    """`cordon serve`, reading and acting over SSH; then pmacctd's sFlow and softflowd's NetFlow v5 and IPFIX."""
    with LabService(bridges, Path(tmp_path_factory.mktemp("bridges"))) as found:
        bridges.export(Exports(sflow_sampling=1, netflow_active_s=2))
        yield found


def test_a_sweep_is_stopped_on_a_linux_bridge(bridges: Lab, service: LabService) -> None:
    """Seen by pmacctd, found in `bridge fdb`, shut by `ip link`: the attacker's port and no other, nobody else hurt."""
    attacker, victim = bridges.topology.host("h2"), bridges.topology.host("h12")
    desks = [host for host in bridges.topology.hosts if host.name != "h2"]
    pairs = list(zip(desks, [*desks[5:], *desks[:5]], strict=True))
    with (
        Pings(bridges.namespaces, pairs, every_s=0.1) as others,
        Sniffer(bridges.namespaces, victim, mac=attacker.mac) as heard,
    ):
        attack = attacks.start(bridges, "connect-sweep", "h2")
        row = service.contained(attacker.mac)
        assert ("ssh", "sw1", "ge2", "shut") == (row["via"], row["switch"], row["port"], row["verb"])
        attack.wait(attacks.LIMIT_S + 60)
        assert heard.times
        assert max(heard.times) < row["contained_ms"] / 1000
        others.close()
    assert {} == others.lost
    assert {("sw1", "ge2")} == {(one["switch"], port) for one in bridges.status() for port in one["down"]}
    service.command("port", "release", row["containment_id"], "-m", "test is over")
    assert bridges.port_is_up("sw1", "ge2")


def test_softflowd_is_read(bridges: Lab, service: LabService) -> None:
    """What softflowd exports of ge1 arrives as NetFlow v5 and as IPFIX, and every set of it can be read."""
    attacks.start(bridges, "backup", "h1").wait(attacks.LIMIT_S + 60)
    wanted = {f'cordon_exporter_records_total{{exporter="172.30.0.11",version="{v}"}}' for v in (5, 10)}

    def both() -> bool | None:
        shown = {line.rpartition(" ")[0] for line in service.metrics().splitlines()}
        return True if wanted <= shown else None

    service.wait(both, "no flows of softflowd", timeout_s=120)
    lost = [line for line in service.metrics().splitlines() if line.startswith("cordon_templates_undecodable_total")]
    assert all(line.endswith(" 0.0") for line in lost)
