"""What NAPALM and the libraries below it raise, as Cordon's own errors.

They wrap each other's exceptions, so the whole chain is looked at; names are compared, as importing the classes would import
the libraries.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.errors import CommandRejected, CordonError, NotAllowed, Unreachable

NOT_ALLOWED = frozenset(
    {"NetmikoAuthenticationException", "AuthenticationException", "ConnectAuthError", "NXAPIAuthError"}
)
# TimeoutError, ConnectionResetError and http.client's are OSErrors.
SILENT = frozenset(
    {
        "OSError", "EOFError", "SSHException", "ConnectionError", "ConnectionException", "ReadTimeout", "RequestException",
        "CommandTimeoutException", "RpcTimeoutError", "ConnectError", "WriteException", "HTTPException",
        "NXAPIConnectionError",
    }
)  # fmt: skip
CERTIFICATE = ("CERTIFICATE_VERIFY_FAILED", "certificate verify failed")
HOST_KEY = ("known_hosts", "host key")
UNAUTHORIZED = ("unauthorized", "401", "authentication error")
LONGEST = 300


def typed(error: BaseException, where: str, command: str) -> CordonError:
    """Unreachable, NotAllowed or CommandRejected, which holds what the device said."""
    if isinstance(error, CordonError):
        return error
    links = list(_chain(error))
    text = " ".join(str(link) for link in links)
    kinds = {kind.__name__ for link in links for kind in type(link).__mro__}
    if any(sign in text for sign in CERTIFICATE):
        return NotAllowed(
            "its TLS certificate is not the known one", where=where, do="napalm.certificate or napalm.authority"
        )
    if kinds & NOT_ALLOWED or (kinds & SILENT and any(sign in text.lower() for sign in UNAUTHORIZED)):
        return NotAllowed("the switch refused the user name, password or key", where=where)
    if kinds & SILENT and any(sign in text.lower() for sign in HOST_KEY):
        return NotAllowed("its host key is not the known one", where=where, do="see docs/configuration.md")
    if kinds & SILENT:
        return Unreachable(f"did not answer {command}: {type(error).__name__}", where=where)
    said = " ".join(str(error).split())[:LONGEST] or type(error).__name__
    return CommandRejected(said, where=where, command=command, answer=said)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in seen:
        seen.append(link)
        yield link
        link = link.__cause__ or link.__context__
