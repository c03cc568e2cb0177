"""What the configuration says of TLS and SASL, and what comes of it."""

import ssl
from pathlib import Path

import pytest
from pydantic import ValidationError

from controller.bus.config import BusConfig
from controller.bus.kafkasecurity import security
from controller.core.errors import ConfigError
from tests.controller.bus.certificates import Authority

SASL = {"username": "cordon", "password": "env:CORDON_BUS_TEST"}


def test_nothing_said_is_nothing_set() -> None:
    """The client's own defaults: in the clear, as nobody."""
    assert {} == security(BusConfig())


@pytest.mark.parametrize(
    ("tls", "sasl", "protocol"),
    [({}, None, "SSL"), ({}, SASL, "SASL_SSL"), (None, SASL, "SASL_PLAINTEXT")],
)
def test_each_combination(tls: object, sasl: object, protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The protocol's name, and certificates that are checked with the broker's name."""
    monkeypatch.setenv("CORDON_BUS_TEST", "s3cret")
    found = security(BusConfig.model_validate({"tls": tls, "sasl": sasl}))
    assert protocol == found["security_protocol"]
    if tls is not None:
        context = found["ssl_context"]
        assert (ssl.CERT_REQUIRED, True) == (context.verify_mode, context.check_hostname)
    if sasl is not None:
        said = found["sasl_mechanism"], found["sasl_plain_username"], found["sasl_plain_password"]
        assert ("SCRAM-SHA-512", "cordon", "s3cret") == said


def test_the_password_is_read_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference in the configuration; one that leads nowhere is told by its key, and a new password is taken."""
    config = BusConfig.model_validate({"sasl": SASL})
    assert "s3cret" not in repr(config)
    monkeypatch.delenv("CORDON_BUS_TEST", raising=False)
    with pytest.raises(ConfigError, match=r"bus_options\.sasl\.password"):
        security(config)
    for password in ("first", "second"):
        monkeypatch.setenv("CORDON_BUS_TEST", password)
        assert password == security(config)["sasl_plain_password"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sasl": {**SASL, "mechanism": "PLAIN"}}, "needs tls"),
        ({"sasl": {**SASL, "mechanism": "GSSAPI"}}, "SCRAM-SHA-512"),
        ({"sasl": {**SASL, "password": "in the clear"}}, "by reference"),
        ({"tls": {"certificate": "a.pem"}}, "go together"),
    ],
)
def test_what_is_not_allowed(options: object, said: str) -> None:
    """A password in the clear, half a pair, a mechanism that there is none of: with what would be."""
    with pytest.raises(ValidationError, match=said):
        BusConfig.model_validate(options)


def test_files_that_are_none(tmp_path: Path) -> None:
    """Missing, not PEM, a key of another certificate, a key behind a password: the key of the configuration and the file."""
    authority = Authority(tmp_path)
    certificate, key = authority.certificate("cordon")
    _, other = authority.certificate("other")
    text, locked = tmp_path / "text.pem", tmp_path / "locked.key"
    text.write_text("no certificate")
    locked.write_bytes(_locked(key.read_bytes()))
    for tls, name, file in (
        ({"ca": tmp_path / "none.pem"}, "ca", "none.pem"),
        ({"ca": text}, "ca", "text.pem"),
        ({"certificate": certificate, "key": other}, "certificate", "cordon.pem"),
        ({"certificate": certificate, "key": locked}, "certificate", "cordon.pem"),
    ):
        with pytest.raises(ConfigError, match=rf"bus_options\.tls\.{name}: .*{file}"):
            security(BusConfig.model_validate({"tls": tls}))
    good = {"tls": {"ca": authority.file, "certificate": certificate, "key": key}}
    assert "SSL" == security(BusConfig.model_validate(good))["security_protocol"]


def _locked(pem: bytes) -> bytes:
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        load_pem_private_key,
    )

    key = load_pem_private_key(pem, None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hidden"))
