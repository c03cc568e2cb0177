"""Exceptions of single hosts: from the configuration to the engine, with an owner and an end."""

from pathlib import Path

import pytest

from controller.core.errors import ConfigError
from controller.runtime.catalog import load_catalog
from controller.runtime.excepted import host_exceptions
from controller.runtime.settings import DetectionConfig, load_settings
from tests.detectors import flows as f

SCANNER = f.ip_of(1)


def configured(folder: Path, lines: str) -> DetectionConfig:
    """The section of a file with one exception."""
    path = folder / "cordon.yaml"
    path.write_text(f"detection:\n  exceptions:\n    - {lines}\n", encoding="utf-8")
    return load_settings(path, {}).detection


def accused(folder: Path, *, detector: str, until: str) -> bool:
    """Whether a sweep by the excepted host is told."""
    config = configured(folder, f"{{address: {SCANNER}, detector: '{detector}', until: {until}, owner: A. Meyer}}")
    running = f.engine(exceptions=host_exceptions(config.exceptions, load_catalog().texts))
    return bool(f.alerts((f.tcp(n * 100, 1, 100 + n) for n in range(30)), to=running))


@pytest.mark.parametrize("detector", ["sweep", "*"])
def test_an_excepted_host(tmp_path: Path, detector: str) -> None:
    """Until its end, and by the detectors it names, it is not accused."""
    assert not accused(tmp_path, detector=detector, until="2023-12-01")


def test_it_ends_by_itself(tmp_path: Path) -> None:
    """After its end the same traffic is an alert; the traffic is of 14 November 2023, 22:13 UTC."""
    assert accused(tmp_path, detector="sweep", until="2023-11-14T22:13:00Z")


def test_other_detectors_are_not_excepted(tmp_path: Path) -> None:
    """An exception from brute force is none from sweeps."""
    assert accused(tmp_path, detector="bruteforce", until="2023-12-01")


def test_a_detector_that_does_not_exist(tmp_path: Path) -> None:
    """It would except from nothing: refused, with the names there are."""
    config = configured(tmp_path, f"{{address: {SCANNER}, detector: sweeps, until: 2027-01-01, owner: A. Meyer}}")
    with pytest.raises(ConfigError, match=r"no detector 'sweeps'; there are .*sweep"):
        host_exceptions(config.exceptions, load_catalog().texts)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("{address: printer, until: 2027-01-01, owner: A. Meyer}", "address"),
        ("{address: 10.0.0.1, owner: A. Meyer}", "until"),
        ("{address: 10.0.0.1, until: 2027-01-01}", "owner"),
        ("{address: 10.0.0.1, until: 2027-01-01, owner: ''}", "owner"),
    ],
)
def test_what_an_exception_needs(tmp_path: Path, lines: str, said: str) -> None:
    """An address, an end, and somebody who answers for it."""
    with pytest.raises(ConfigError, match=said):
        configured(tmp_path, lines)
