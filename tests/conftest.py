"""Fixtures that every room's tests share, and the list of real parts that were missing."""

import gc
import os
import shutil
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from controller.lab.kafka.broker import KafkaBroker, jars
from tests import halves, parts

ROOT = Path(__file__).parent.parent
# How long an example takes says something of the machine and its other work; what costs too much is found by the benchmarks.
settings.register_profile("patient", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Recordings of others with expected answers: CORDON_DATA, or ../shared/data. Skips, and says so, where they are absent."""
    path = Path(os.environ.get("CORDON_DATA", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        parts.missing.add("shared data: set CORDON_DATA to run the tests on recordings of others")
        pytest.skip(f"no shared data at {path}")
    return path


@pytest.fixture(scope="session")
def sample_flows() -> Path:
    """The project's own recordings."""
    return ROOT / "sample_flows"


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """One real Apache Kafka broker for the whole run; tests that kill it start it again."""
    there = jars() is not None and shutil.which("java") is not None
    parts.require_part("Apache Kafka", there, "its jars and Java come by `make parts`")
    found = KafkaBroker(tmp_path_factory.mktemp("kafka") / "broker")
    found.start()
    yield found
    found.stop()
    collect_abandoned_sockets()


def collect_abandoned_sockets() -> None:
    """kafka-python forgets sockets whose broker was killed: collected here, they do not fail a test of ours later."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without settings of ours, to be changed at will."""
    for name in list(os.environ):
        if name.startswith("CORDON_"):
            monkeypatch.delenv(name)
    return monkeypatch


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order; and sockets that kafka-python forgets are not ours to close."""
    halves.order(items)
    for item in items:
        if "kafka" in item.keywords:
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Only once a test is over altogether nothing keeps them: what it logged knows them until then."""
    done = yield
    if "kafka" in item.keywords:
        collect_abandoned_sockets()
    return done


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Which process does what."""
    return halves.scheduler(config, log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of `-n 2` tells the first one what it missed."""
    if (told := getattr(session.config, "workeroutput", None)) is not None:
        told["missing"] = sorted(parts.missing)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """And the first one keeps it; a process that died says nothing, and that is a failure of its own."""
    parts.missing.update(getattr(node, "workeroutput", {}).get("missing", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly which real parts were missing: what was not tested is not proven."""
    if parts.missing:
        terminalreporter.section("NOT TESTED: real parts that are missing", sep="!", red=True, bold=True)
        for line in sorted(parts.missing):
            terminalreporter.write_line(f"  - {line}")
        terminalreporter.write_line("  `make parts` installs them; CORDON_PARTS=required makes this a failure")
