"""uvicorn on a thread of its own."""

from __future__ import annotations

import threading
from typing import Any

import uvicorn

from controller.core.clock import Clock
from controller.core.errors import ConfigError, Unreachable

from .config import WebConfig

START_TIMEOUT_S = 60.0  # a port that is taken is known at once; a machine that is busy takes its time


class WebServer:
    """Inert until `start`; `port` is known after it."""

    def __init__(self, config: WebConfig, app: Any, clock: Clock) -> None:
        self._config, self._clock = config, clock
        if bool(config.certificate) != bool(config.key):
            raise ConfigError("certificate and key go together", where="web")
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=config.host,
                port=config.port,
                ssl_certfile=config.certificate,
                ssl_keyfile=config.key,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=5,
            )
        )
        self._thread = threading.Thread(target=self._server.run, name="cordon-web", daemon=True)
        self.port = config.port

    @property
    def url(self) -> str:
        """Where it answers."""
        scheme = "https" if self._config.certificate else "http"
        return f"{scheme}://{self._config.host}:{self.port}"

    def start(self) -> None:
        """Bind and serve; Unreachable if it does not come up."""
        self._thread.start()
        deadline = self._clock.monotonic_s() + START_TIMEOUT_S
        while not self._server.started:
            if not self._thread.is_alive() or self._clock.monotonic_s() > deadline:
                self._server.should_exit = True  # it may come up still
                where = f"{self._config.host}:{self._config.port}"
                raise Unreachable("the web server did not start", where=where, do="is the port free?")
            self._clock.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Finish what is under way, then end."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(10)
