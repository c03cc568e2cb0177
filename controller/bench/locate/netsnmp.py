"""net-snmp's snmpbulkwalk as the peer: CPU seconds of walks, its start-up taken off."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

REPETITIONS = 25
FDB, ARP = "1.3.6.1.2.1.17.7.1.2.2.1", "1.3.6.1.2.1.4.22.1.2"
EMPTY = "1.3.6.1.3.99"  # nothing is below it: one request, and the start of the program
QUIET = {"MIBS": "", "MIBDIRS": "", "SNMPCONFPATH": "/nonexistent", "SNMP_PERSISTENT_DIR": "/nonexistent"}


class BulkWalk:
    """snmpbulkwalk over v2c or v3 authPriv (SHA, AES-128), numbers printed to nowhere."""

    def __init__(self, version: str, secrets: dict[str, str]) -> None:
        self._program = shutil.which("snmpbulkwalk")
        self._access = ["-v2c", "-c", secrets["community"]]
        if version == "v3":
            self._access = ["-v3", "-l", "authPriv", "-u", secrets["user"], "-a", "SHA", "-A", secrets["auth"]]
            self._access += ["-x", "AES", "-X", secrets["priv"]]

    @property
    def there(self) -> bool:
        """Whether it is installed."""
        return self._program is not None

    def cpu_s(self, ports: Sequence[int]) -> float:
        """User and system time of walking FDB and ARP of every agent, less that of as many walks of nothing."""
        walked = sum(self._one(port, root) for port in ports for root in (FDB, ARP))
        started = sum(self._one(port, EMPTY) for port in ports for _ in (FDB, ARP))
        return walked - started

    def rows(self, port: int) -> int:
        """Objects that it sees there: it and Cordon must read the same."""
        found = 0
        for root in (FDB, ARP):
            done = subprocess.run(
                self._command(port, root), env=self._env(), capture_output=True, text=True, check=True
            )
            found += len(done.stdout.splitlines())
        return found

    def _one(self, port: int, root: str) -> float:
        with subprocess.Popen(self._command(port, root), env=self._env(), stdout=subprocess.DEVNULL) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"snmpbulkwalk ended with {process.returncode}")
        return used.ru_utime + used.ru_stime

    def _command(self, port: int, root: str) -> list[str]:
        quiet = ["-m", "", "-On", "-Cr" + str(REPETITIONS), "-r", "2", "-t", "3"]
        return [self._program or "", *self._access, *quiet, f"127.0.0.1:{port}", root]

    def _env(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", ""), **QUIET}
