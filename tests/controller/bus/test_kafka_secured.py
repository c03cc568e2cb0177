"""A real broker that wants TLS and a password (marker kafka)."""

import select
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka.net.transport import KafkaSSLTransport

from controller.bus import kafka
from controller.bus.config import BusConfig
from controller.bus.connect import greet, open_bus
from controller.bus.port import FLOWS
from controller.core.clock import SystemClock
from controller.core.errors import CordonError, NotAllowed, Unreachable
from controller.lab.kafka.broker import KafkaBroker, Secured
from tests.conftest import collect_abandoned_sockets
from tests.controller.bus.certificates import Authority
from tests.tidy import TidyBus

pytestmark = pytest.mark.kafka
PATIENCE_S = 60.0
LATE_MS = 1000  # a broker says no after 100 ms, and hangs up with it
RECEIVE = KafkaSSLTransport._sock_recv
LISTENER = "listener.name.sasl_ssl"
LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
PROPERTIES = """\
{listener}.plain.sasl.jaas.config={login} required user_cordon="s3cret";
{listener}.ssl.client.auth=required
{listener}.ssl.truststore.type=PEM
{listener}.ssl.truststore.location={authority}
"""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Signs for the broker and for Cordon."""
    return Authority(tmp_path)


@pytest.fixture
def secured(broker: KafkaBroker, tmp_path: Path, authority: Authority) -> Iterator[KafkaBroker]:
    """A broker of the test's own; the shared one only says that Kafka is there."""
    properties = PROPERTIES.format(listener=LISTENER, login=LOGIN, authority=authority.file)
    found = KafkaBroker(tmp_path / "broker", Secured(authority.keystore("broker"), {"cordon": "s3cret"}, properties))
    found.start()
    yield found
    found.stop()
    collect_abandoned_sockets()


@pytest.fixture
def options(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, object]]:
    """All that is right."""
    monkeypatch.setenv("CORDON_BUS_TEST", "s3cret")
    certificate, key = authority.certificate("cordon")
    return {
        "tls": {"ca": authority.file, "certificate": certificate, "key": key},
        "sasl": {"username": "cordon", "password": "env:CORDON_BUS_TEST"},
    }


class Late:
    """Receives once the peer has hung up, or has not for a while."""

    def __init__(self) -> None:
        self.hung_up = 0

    def __call__(self, transport: Any) -> Any:
        waiting = select.poll()
        waiting.register(transport._sock, select.POLLRDHUP)
        self.hung_up += bool(waiting.poll(LATE_MS))
        return RECEIVE(transport)


def test_messages_over_tls(secured: KafkaBroker, options: dict[str, dict[str, object]], tmp_path: Path) -> None:
    """With each mechanism: topics are made, a message is sent, read and committed."""
    clock = SystemClock()
    for mechanism in ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"):
        config = BusConfig.model_validate({**options, "sasl": {**options["sasl"], "mechanism": mechanism}})
        bus = TidyBus(open_bus(secured.secured_address, tmp_path, clock, config))
        consumer, producer = bus.consumer([FLOWS], mechanism), bus.producer("p")
        producer.send(FLOWS, 0, mechanism.encode())
        producer.flush()
        seen: list[bytes] = []
        deadline = clock.monotonic_s() + PATIENCE_S
        while mechanism.encode() not in seen and clock.monotonic_s() < deadline:
            seen += [m.payload for m in consumer.poll(200)]
        assert mechanism.encode() == seen[-1]
        assert consumer.commit()
        bus.close()


def test_whom_it_does_not_let_in(
    secured: KafkaBroker,
    options: dict[str, dict[str, object]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each mistake by its name: another authority, no certificate of ours, a client without TLS, a wrong password. The
    broker's no is told even to a client that is busy until the broker has hung up."""
    other = Authority(tmp_path, "stranger")

    def told(changes: dict[str, object]) -> CordonError:
        with pytest.raises(CordonError) as caught:
            greet(secured.secured_address, SystemClock(), BusConfig.model_validate({**options, **changes}))
        assert "s3cret" not in str(caught.value)
        return caught.value

    greet(secured.secured_address, SystemClock(), BusConfig.model_validate(options))
    monkeypatch.setattr(kafka, "BOOTSTRAP_TIMEOUT_MS", 3_000)  # of what is tried again and again in vain
    stranger = told({"tls": {**options["tls"], "ca": other.file}})
    assert isinstance(stranger, Unreachable)
    assert "CERTIFICATE_VERIFY_FAILED" in str(stranger)
    assert isinstance(told({"tls": {"ca": options["tls"]["ca"]}}), Unreachable)
    assert isinstance(told({"tls": None, "sasl": None}), Unreachable)
    monkeypatch.setattr(kafka, "BOOTSTRAP_TIMEOUT_MS", 60_000)  # a broker that says no may take its time
    monkeypatch.setenv("CORDON_BUS_TEST", "wrong")
    late = Late()
    monkeypatch.setattr(KafkaSSLTransport, "_sock_recv", lambda transport: late(transport))  # noqa: PLW0108 a method, which an object is not
    wrong = told({})
    assert late.hung_up
    assert isinstance(wrong, NotAllowed)
    assert "bus_options.sasl" in str(wrong)
