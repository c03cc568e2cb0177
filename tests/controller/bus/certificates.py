"""An authority and what it signed, as PEM files, good for two days."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

LOOPBACK = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])


class Authority:
    """Signs for a name. `folder` takes the files."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder, self._name, self._key = folder, name, generate_private_key(SECP256R1())
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._signed(name, self._key, ca=True))

    def certificate(self, name: str) -> tuple[Path, Path]:
        """Certificate and key, for the address 127.0.0.1."""
        key = generate_private_key(SECP256R1())
        certificate, private = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        certificate.write_bytes(self._signed(name, key, ca=False))
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return certificate, private

    def keystore(self, name: str) -> Path:
        """Both in one file, as Kafka takes them."""
        certificate, key = self.certificate(name)
        found = self._folder / f"{name}.both.pem"
        found.write_bytes(key.read_bytes() + certificate.read_bytes())
        return found

    def _signed(self, name: str, key: EllipticCurvePrivateKey, *, ca: bool) -> bytes:
        now = datetime.datetime.now(datetime.UTC)
        day = datetime.timedelta(days=1)
        made = (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named(self._name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + day)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        made = made if ca else made.add_extension(LOOPBACK, critical=False)
        return made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
