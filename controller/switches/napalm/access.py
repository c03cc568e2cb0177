"""Building NAPALM's driver of a device: TLS and host keys are checked, secrets read when it is opened."""

from __future__ import annotations

import logging
import ssl
from typing import Any

from controller.core.errors import ConfigError
from controller.core.secrets import reveal
from controller.core.sites import NapalmAccess, SshAccess, SwitchEntry
from controller.switches.login import Login

from .platforms import Platform, platform_of

MERGE_FILE = "cordon_merge.txt"  # on the file system of an IOS device


class Access:
    """How to open one device. `close` forgets what was written for it (a pinned host key's file)."""

    def __init__(self, entry: SwitchEntry) -> None:
        self._entry = entry
        self._where = f"switch {entry.name}"
        self.platform: Platform = platform_of(entry.platform, where=self._where)
        self.settings = entry.napalm or NapalmAccess()
        self._login: Login | None = None

    def driver(self) -> Any:
        """NAPALM's driver, opened. Raises whatever NAPALM raises."""
        from napalm import get_network_driver  # noqa: PLC0415 heavy

        # It logs a traceback of each failure, all of which are typed and told by whoever asked.
        logging.getLogger("pyeapi").setLevel(logging.CRITICAL)
        make = listening(get_network_driver(self.platform.driver))
        username, password, options = self._over_api() if self.platform.reach == "api" else self._over_ssh()
        timeout_s = max(1, round(self.settings.timeout_s))
        device = make(self._entry.address, username, password, timeout=timeout_s, optional_args=options)
        device.open()
        return device

    def close(self) -> None:
        """Delete what was written."""
        if self._login is not None:
            self._login.close()
            self._login = None

    def _over_api(self) -> tuple[str, str, dict[str, Any]]:
        access = self.settings
        if not access.username or access.password is None:
            raise ConfigError("has no user for its API", where=f"{self._where} napalm", do="add username and password")
        options: dict[str, Any] = {"transport": access.transport, "lock_disable": True}
        options |= {"port": access.port} if access.port else {}
        if access.enable:
            options["enable_password"] = reveal(access.enable, where=f"{self._where} napalm.enable")
        if access.transport == "https":
            options |= {"context": trust(access, self._where), "ssl_verify": _bundle(access)}
        return access.username, reveal(access.password, where=f"{self._where} napalm.password"), options

    def _over_ssh(self) -> tuple[str, str, dict[str, Any]]:
        access = self._entry.ssh
        if access is None:
            raise ConfigError("has no ssh section, which NAPALM needs here", where=self._where, do="add ssh: ...")
        self._login = self._login or Login(self._entry.name, self._entry.address, access)
        options = self._login.parameters("")
        for name in ("device_type", "host"):
            del options[name]
        username, password = options.pop("username"), options.pop("password") or ""
        options |= self._ssh_options(access)
        return username, password, options

    def _ssh_options(self, access: SshAccess) -> dict[str, Any]:
        options: dict[str, Any] = {
            "read_timeout_override": self.settings.timeout_s,
            "inline_transfer": self.settings.transfer == "inline",
            "merge_cfg": MERGE_FILE,
        }
        if access.jump is not None:
            raise ConfigError("NAPALM cannot use a jump host", where=f"{self._where} ssh.jump", do="use via: ssh")
        if access.enable:
            options["secret"] = reveal(access.enable, where=f"{self._where} ssh.enable")
        return options


def listening(make: Any) -> Any:
    """IOS copies a candidate line by line, and NAPALM looks at what it printed for one phrase only: keep it all, in `heard`."""
    if not hasattr(make, "_commit_handler"):
        return make

    class Listening(make):  # type: ignore[misc]
        heard = ""

        def _commit_handler(self, cmd: str) -> str:
            self.heard = str(super()._commit_handler(cmd))
            return self.heard

    return Listening


def trust(access: NapalmAccess, where: str) -> ssl.SSLContext:
    """Which certificates are believed: the device's own, those of one authority, or those that this machine believes."""
    try:
        if access.certificate is None:
            return ssl.create_default_context(cafile=access.authority)
        context = ssl.create_default_context(cafile=access.certificate)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            "cannot read the certificate", where=f"{where} napalm", do="give a file in PEM form"
        ) from error
    context.check_hostname = False  # it is this very certificate; what it calls the device does not matter
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _bundle(access: NapalmAccess) -> str | bool:
    file = access.certificate or access.authority
    return str(file) if file else True
