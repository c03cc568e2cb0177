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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from controller.core.errors import NotFound, Unreachable
from controller.lab.ports import free_ports

START_TIMEOUT_S = 180.0  # so long a machine with other work may take to start Java
ANSWER_S = 5.0
# A request: length, ApiVersions, version 0, correlation, no client id. https://kafka.apache.org/protocol
CORRELATION = b"cord"
API_VERSIONS = b"\0\0\0\x0a\0\x12\0\0" + CORRELATION + b"\xff\xff"
HEAP = ("-Xmx512m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
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


class KafkaBroker:
    """One broker with its own folder; `kill` and `start` again keeps the data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port, self._controller = free_ports(2)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """As the setting `bus` wants it."""
        return f"kafka://127.0.0.1:{self.port}"

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
        text = PROPERTIES.format(port=self.port, controller=self._controller, logs=self._folder / "logs")
        properties.write_text(text, encoding="utf-8")  # each time: a kept folder may come back on another port
        if not (self._folder / "logs" / "meta.properties").exists():
            self._java(libraries, "kafka.tools.StorageTool", "format", "-t", cluster_id(), "-c", str(properties))
        with (self._folder / "broker.log").open("ab") as log:
            command = ["java", *HEAP, "-cp", f"{libraries}/*", "kafka.Kafka", str(properties)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self._wait()

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
