"""TLS sockets whose handshake comes to an end, and that do not outlive one that fails."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import weakref

HANDSHAKE_S = 15.0


class ClosedTls(ssl.SSLSocket):
    """kafka-python 3.0.12 waits for ever for a peer that does not shake hands, and forgets the socket of a handshake that
    fails, or that is given up because the client is closed. This one gives up after HANDSHAKE_S; it closes itself at once
    where a handshake fails, and where it is given up when nobody holds it any more."""

    _patience: threading.Timer | None = None

    def do_handshake(self, block: bool = False) -> None:
        """As ever; to be gone on with when more can be read or written, and over when it fails."""
        if self._patience is None:
            self._patience = threading.Timer(HANDSHAKE_S, _give_up, [weakref.ref(self)])
            self._patience.daemon = True
            self._patience.start()
        try:
            super().do_handshake(block)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except BaseException:
            self.close()
            raise
        self._patience.cancel()

    def close(self) -> None:
        """Nothing is waited for any more."""
        if self._patience is not None:
            self._patience.cancel()
        super().close()

    def __del__(self) -> None:
        """Nothing to warn of."""
        self.close()


def _give_up(waiting: weakref.ref[ssl.SSLSocket]) -> None:
    """Whoever waits for the peer finds the connection ended."""
    line = waiting()
    if line is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(line, socket.SHUT_RDWR)
