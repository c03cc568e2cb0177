"""A lab for the whole run, Cordon's service in it, and what every test here needs to look at both."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.lab.lab import Lab, down, missing_programs
from controller.lab.service import LabService
from tests.parts import require_part

NAME = f"test{os.getpid()}"


def require_lab(design: str = "ovs") -> None:
    """Root, and the programs of `make parts`."""
    require_part("the lab", os.geteuid() == 0, "namespaces need root")
    missing = missing_programs(design)
    require_part("the lab", not missing, f"`make parts` installs {', '.join(missing)}")


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Three Open vSwitch switches, 24 desks, a gateway with three servers, a phone with a PC behind it."""
    require_lab()
    down(NAME)
    found = Lab.up(NAME)
    yield found
    found.down()


@pytest.fixture(scope="module")
def service(lab: Lab, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[LabService]:
    """`cordon serve` in the controller's namespace; a module's VIA says which switch is acted on how."""
    via = getattr(request.module, "VIA", {})
    with LabService(lab, Path(tmp_path_factory.mktemp("service")), via=via) as found:
        yield found
