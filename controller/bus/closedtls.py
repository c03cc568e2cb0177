"""TLS sockets that do not outlive a handshake that fails."""

from __future__ import annotations

import ssl


class ClosedTls(ssl.SSLSocket):
    """kafka-python 3.0.12 forgets the socket of a handshake that fails, or that is given up because the client is closed: this
    one closes itself, in the first case at once, in the second when nobody holds it any more."""

    def do_handshake(self, block: bool = False) -> None:
        """As ever; to be gone on with when more can be read or written, and over when it fails."""
        try:
            super().do_handshake(block)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except BaseException:
            self.close()
            raise

    def __del__(self) -> None:
        """Nothing to warn of."""
        self.close()
