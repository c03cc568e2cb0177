"""A small HTTPS server on loopback for the APIs of emulated switches, with a certificate of its own for 127.0.0.1."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LARGEST_BODY = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body."""

    status: int
    body: bytes
    kind: str = "application/json"


# (path, Authorization, body) -> answer; None: hang up without one.
Respond = Callable[[str, str, bytes], Answer | None]


class HttpsServer:
    """`port` is known after `start`, `certificate` (PEM) before."""

    def __init__(self, respond: Respond, host: str, port: int) -> None:
        self._respond, self._address, self.port = respond, (host, port), port
        self.certificate, self._key = make_certificate()
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Bind and serve, each request in a thread of its own."""
        server = QuietServer(self._address, _handler(self._respond))
        server.daemon_threads = True
        server.socket = self._context().wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = server.server_address[1]
        self._server = server
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Close the listener."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory(prefix="cordon-emulate-") as folder:
            path = Path(folder) / "server.pem"
            path.write_text(self._key + self.certificate, "ascii")
            context.load_cert_chain(path)
        return context


class QuietServer(ThreadingHTTPServer):
    """Clients that do not believe the certificate, or hang up, are no news."""

    def handle_error(self, *_: Any) -> None:
        """Say nothing."""


def _handler(respond: Respond) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 30

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            if length > LARGEST_BODY:
                self.send_error(413)
                return
            answer = respond(self.path, self.headers.get("Authorization", ""), self.rfile.read(length))
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


def make_certificate() -> tuple[str, str]:
    """A self-signed certificate and its key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "emulated switch")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM
    private = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(form).decode(), private.decode()
