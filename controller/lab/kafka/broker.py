"""Start, kill and restart one broker on loopback. The jars come from `make parts`."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from controller.core.errors import NotFound, Unreachable
from controller.lab.ports import free_ports

START_TIMEOUT_S = 300.0  # so long a machine with other work may take to start Java
ANSWER_S = 5.0
# A request: length, ApiVersions, version 0, correlation, no client id. https://kafka.apache.org/protocol
CORRELATION = b"cord"
API_VERSIONS = b"\0\0\0\x0a\0\x12\0\0" + CORRELATION + b"\xff\xff"
HEAP = ("-Xmx512m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}{beside}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}{beside}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
log.dirs={logs}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=500
auto.create.topics.enable=false
"""


def jars() -> Path | None:
    """The folder with the broker's jars, if `make parts` has put them there."""
    base = os.environ.get("CORDON_PARTS_DIR")
    folder = (Path(base) if base else Path(__file__).parents[3] / ".parts") / "kafka"
    return folder if any(folder.glob("kafka_*.jar")) else None


@dataclass(frozen=True, slots=True)
class Secured:
    """A listener for TLS with SASL beside the open one: a PEM file with key and certificates, who may come in by SCRAM, and
    other properties."""

    keystore: Path
    users: Mapping[str, str]
    properties: str = ""

    def lines(self) -> str:
        """For the broker's properties."""
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        listener = "listener.name.sasl_ssl"
        return f"""\
{listener}.ssl.keystore.type=PEM
{listener}.ssl.keystore.location={self.keystore}
{listener}.scram-sha-256.sasl.jaas.config={scram}
{listener}.scram-sha-512.sasl.jaas.config={scram}
sasl.enabled.mechanisms=SCRAM-SHA-512,SCRAM-SHA-256,PLAIN
{self.properties}
"""

    def added(self) -> list[str]:
        """For formatting the storage: the users, by both mechanisms."""
        return [
            word
            for name, password in self.users.items()
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
            for word in ("--add-scram", f"{mechanism}=[name={name},password={password}]")
        ]


class KafkaBroker:
    """One broker with its own folder; `kill` and `start` again keeps the data."""

    def __init__(self, folder: Path, secured: Secured | None = None) -> None:
        self._folder, self._secured = folder, secured
        self.port, self._controller, self._secured_port = free_ports(3)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """As the setting `bus` wants it."""
        return f"kafka://127.0.0.1:{self.port}"

    @property
    def secured_address(self) -> str:
        """The same for TLS with SASL, if there is such a listener."""
        return f"kafka://127.0.0.1:{self._secured_port}"

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Format the storage the first time, start, and wait until the broker answers."""
        libraries = jars()
        if libraries is None or shutil.which("java") is None:
            raise NotFound("Kafka's jars or Java are not here", do="make parts")
        self._folder.mkdir(parents=True, exist_ok=True)
        properties = self._folder / "server.properties"
        properties.write_text(self._text(), encoding="utf-8")  # each time: a kept folder may come back on another port
        if not (self._folder / "logs" / "meta.properties").exists():
            users = self._secured.added() if self._secured else []
            self._java(
                libraries, "kafka.tools.StorageTool", "format", "-t", cluster_id(), "-c", str(properties), *users
            )
        with (self._folder / "broker.log").open("ab") as log:
            command = ["java", *HEAP, "-cp", f"{libraries}/*", "kafka.Kafka", str(properties)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            self._wait()
        except BaseException:  # one that did not come up is not left behind
            self.kill()
            raise

    def _text(self) -> str:
        logs, beside = self._folder / "logs", f",SASL_SSL://127.0.0.1:{self._secured_port}" if self._secured else ""
        text = PROPERTIES.format(port=self.port, controller=self._controller, logs=logs, beside=beside)
        return text + (self._secured.lines() if self._secured else "")

    def kill(self) -> None:
        """SIGKILL: what is not on the disk is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def stop(self) -> None:
        """Ask it to end; kill it if it does not."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._process = None

    def _java(self, libraries: Path, *arguments: str) -> None:
        command = ["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", f"{libraries}/*", *arguments]
        done = subprocess.run(command, check=False, capture_output=True, timeout=START_TIMEOUT_S, text=True)
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["nothing"]
            raise Unreachable(
                f"{arguments[0]} failed: {said[0]}", where=str(self._folder), do="Kafka 4 needs Java 17 or later"
            )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            if _answers(self.port):
                return
            time.sleep(0.1)
        raise Unreachable("the broker did not come up", where=str(self._folder / "broker.log"))


def cluster_id(new: Callable[[], uuid.UUID] = uuid.uuid4) -> str:
    """A Kafka UUID, 22 characters of base64url; as in Kafka's own, none begins with a dash, which would be an option."""
    found = "-"
    while found.startswith("-"):
        found = base64.urlsafe_b64encode(new().bytes).decode()[:22]
    return found


@contextmanager
def broker_for_demo() -> Iterator[str]:
    """A broker for as long as the block lasts; gives its address."""
    with tempfile.TemporaryDirectory(prefix="cordon-kafka-") as folder:
        broker = KafkaBroker(Path(folder) / "broker")
        broker.start()
        try:
            yield broker.address
        finally:
            broker.stop()


def _answers(port: int) -> bool:
    """Whether a broker says there which requests it knows: it takes connections before that."""
    try:
        with socket.create_connection(("127.0.0.1", port), ANSWER_S) as line:
            line.sendall(API_VERSIONS)
            return line.recv(8)[4:] == CORRELATION
    except OSError:
        return False
