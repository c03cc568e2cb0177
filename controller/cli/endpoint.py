"""`cordon endpoint`: where a machine hangs, with the evidence."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from controller.core.errors import NotFound, UsageError

from . import output
from .common import CONFIG, JSON, readable, services
from .reading import nowhere_because, say_not_read

if TYPE_CHECKING:
    from playbooks.facts import Holder, Location

app = typer.Typer(add_completion=False, help="Where a machine hangs, with the evidence.", no_args_is_help=True)

COLUMNS = (
    "mac",
    "ip",
    "maker",
    "kind_guess",
    "online",
    "site",
    "switch",
    "port",
    "vlan",
    "first_seen_ms",
    "last_seen_ms",
)
PLACES = ("mac", "ip", "switch", "port", "vlan", "from_ms", "to_ms")


@app.callback()
def endpoint() -> None:
    """Where a machine hangs, with the evidence."""


@app.command()
def find(
    address: str = typer.Argument(..., help="An IP address or a MAC."),
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """Read the switches now and say where it is, who says so, and what speaks against acting on it."""
    from controller.store import holdings
    from playbooks.request import Target

    from .explain import show_location

    target = Target(**_kind(address))
    with services(config) as built:
        named = target.model_dump(exclude_none=True)
        failed = built.inventory.refresh()
        location = built.inventory.locate(target)
        with built.store.reading() as connection:
            holder = holdings.holder(connection, location.mac, location.ip, but="")
    say_not_read(failed)
    found = location.model_dump(mode="json") | _who(location)
    if json:
        output.json_line(found)
    else:
        output.fields({name: found[name] for name in ("ip", "mac", "maker", "kind_guess", "vlan")})
        show_location(found)
    if location.port is None:
        if unread := nowhere_because(failed, named):
            raise unread
        raise NotFound(f"{address} was not found on any port", do=_why_nowhere(location, holder))


def _why_nowhere(location: Location, holder: Holder | None) -> str:
    """What may be the matter, as far as the tables show it."""
    from playbooks.facts import Refusal

    if holder is not None:
        return f"{holder.containment_id} closed {holder.port} to it: cordon action show {holder.containment_id}"
    if location.mac is None:
        return "no ARP or ND table has it: is its router in the switch file? or ask by its MAC"
    if Refusal.BEHIND_INTERSWITCH in location.refuse:
        return "it is learned behind uplinks only: its own switch is not in the switch file, or its port was closed"
    return "is it on? are its switches in the switch file?"


@app.command("ls")
def listed(
    most: int = typer.Option(100, "--most", "-n", min=1, help="How many, the last seen first."),
    config: Path | None = CONFIG,
    json: bool = JSON,
) -> None:
    """Machines at edge ports as `cordon serve` saw them: addresses, makers, ports, first and last seen."""
    from controller.store import endpoints

    with services(config) as built, built.store.reading() as connection:
        now_ms = built.clock.now_ms()
        found = [_described(row, now_ms) for row in endpoints.listed(connection, most=most)]
    shown = found if json else [readable(row, "first_seen_ms", "last_seen_ms") for row in found]
    output.rows(shown, COLUMNS, as_json=json, title="endpoints")


@app.command("table")
def table(
    files: list[Path] = typer.Argument(None, help="More files of the walk's site, or the output of the command line."),
    walk: list[Path] = typer.Option(
        [], "--walk", help="A recorded SNMP walk (.snmprec, or what snmpwalk printed), or a folder of them: one site."
    ),
    platform: str | None = typer.Option(
        None, "--cli", help="Platform of a command line's MAC table, e.g. cisco_ios; `other` for one in no list."
    ),
    arp: bool = typer.Option(False, "--arp", help="Addresses of the walk, and the ports of their MACs."),
    json: bool = JSON,
) -> None:
    """Read recorded tables: which MAC is on which port, how sure that is, and what speaks against acting on it."""
    from .table import files_of, show_texts, show_walks

    if bool(walk) == bool(platform):
        raise UsageError("needs either --walk or --cli", do="cordon endpoint table --walk FILE.snmprec ...")
    if platform:
        show_texts(platform, files_of([], files or []), as_json=json)
    else:
        show_walks(files_of(walk, files or []), addresses=arp, as_json=json)


@app.command()
def history(
    address: str = typer.Argument(..., help="An IP address or a MAC."), config: Path | None = CONFIG, json: bool = JSON
) -> None:
    """Where a machine was and when it was online, the newest first."""
    from controller.store import endpoints

    (wanted,) = _kind(address).values()
    with services(config) as built, built.store.reading() as connection:
        known = endpoints.find(connection, wanted)
        found = [dict(row) for endpoint in known for row in endpoints.history(connection, endpoint["mac"])]
    if not known:
        raise NotFound(f"{address} was never seen", do="cordon endpoint ls")
    shown = found if json else [readable(row, "from_ms", "to_ms") for row in found]
    output.rows(shown, PLACES, as_json=json, title="places")


def _who(location: Any) -> dict[str, Any]:
    """Maker and kind of what was found; what it says over LLDP or CDP counts if it is alone on its port."""
    from controller.inventory.maker import kind_guess, maker_of

    says = [e.says for e in location.evidence if e.source in ("lldp", "cdp")]
    heard = re.search(r"\((\w+)\) is heard on", says[0]) if says and location.port_mac_count == 1 else None
    maker = maker_of(location.mac) if location.mac else None
    return {"maker": maker, "kind_guess": kind_guess(maker, heard[1] if heard else None)}


def _described(row: Any, now_ms: int) -> dict[str, Any]:
    """A row with what can be told from the MAC and from when it was last seen."""
    from controller.inventory.maker import kind_guess, maker_of
    from controller.store.endpoints import OFFLINE_MS

    maker = maker_of(row["mac"])
    online = now_ms - row["last_seen_ms"] <= OFFLINE_MS
    return {**row, "maker": maker, "kind_guess": kind_guess(maker), "online": online}


def _kind(address: str) -> dict[str, str]:
    from detectors.address import mac_number, mac_text

    try:
        return {"ip": str(ipaddress.ip_address(address))}
    except ValueError:
        pass
    try:
        return {"mac": mac_text(mac_number(address))}
    except ValueError:
        raise UsageError(f"{address} is neither an IP address nor a MAC") from None
