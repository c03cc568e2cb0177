"""`cordon demo`: the whole loop, told scene by scene."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import typer

from . import output
from .common import language

if TYPE_CHECKING:
    from controller.runtime.demo import Demo, Shut

app = typer.Typer(add_completion=False, help="The whole loop on a recording and emulated switches.")


@app.command()
def demo(
    bus: str = typer.Option(
        "embedded", "--bus", help="embedded, kafka (starts a broker, needs `make parts`), kafka://host:port"
    ),
) -> None:
    """Replay a real attack, find the port, shut it, prove it, open it again. No root, no servers, nothing installed."""
    from contextlib import ExitStack

    from controller.core import log
    from controller.core.clock import SystemClock
    from controller.runtime.demo import Demo
    from controller.runtime.demoworld import DemoWorld

    log.configure(level="warning")
    if bus != "kafka":
        _must_be_bus(bus)
    begun = time.monotonic()
    with ExitStack() as stack:
        address = _broker(stack) if bus == "kafka" else bus
        world = stack.enter_context(DemoWorld(SystemClock(), bus=address))
        _tell(Demo(world), address)
    _line(f"\n[bold green]Done[/bold green] in {time.monotonic() - begun:.1f} s.")


def _must_be_bus(bus: str) -> None:
    from controller.bus.connect import brokers_of
    from controller.core.errors import UsageError

    try:
        brokers_of(bus)
    except UsageError as error:
        raise UsageError(error.what, where="--bus", do=f"kafka, or {error.do}") from None


def _tell(story: Demo, bus: str) -> None:
    addresses = story.start()
    _scene("Ready", "three emulated switches (SSH and SNMP), 60 hosts, a protected ventilator")
    _facts(collector=f"udp {_place(addresses['collect'][0])}", bus=bus, api=addresses["web"])
    _scene("Attack", "replaying attack_nmap_connect445.pcap over UDP: real sFlow and NetFlow datagrams")
    alert = story.attack()
    _show_alert(alert)
    shut = story.contained(alert)
    _show_shut(shut)
    _line(
        f"  [bold]{shut.seconds:.2f} s[/bold] from the first attack flow to the verified shut, at the recording's own pace"
    )
    released = story.released(shut)
    _scene("Release", f"by a person; the state is [bold]{released['state']}[/bold], read back from the switch")
    _facts(
        switch=f"{shut.row['switch']} {shut.row['port']} is {story.port_state(shut.row['switch'], shut.row['port'])}"
    )
    posted, second = story.requested()
    _scene("Platform", "a signed block request (Standard Webhooks) for another machine")
    _facts(answer=f"{posted.status} {posted.body.get('request_id', '')}")
    _show_shut(second)
    forged = story.forged()
    _scene("Forgery", "the same request, signed with a secret that nobody configured")
    _facts(answer=f"{forged.status} {forged.body.get('title')}: {forged.body.get('detail')}")
    if forged.accepted:
        raise typer.Exit(1)
    report = story.audited()
    _scene("Audit", "every decision is a link in a hash chain")
    _facts(
        verified=f"{report.entries} entries, head {report.head[:16]}...", intact="yes" if report.intact else report.why
    )
    if not report.intact:
        raise typer.Exit(1)


def _show_alert(alert: Mapping[str, Any]) -> None:
    _scene("Alert", alert["explanation"][language()])
    _facts(
        who=f"{alert['src_ip']} ({alert['src_mac']}), entering at agent {alert['exporter']}, ifIndex {alert['in_if']}",
        what=f"{alert['detector']} {alert['technique']}, severity {alert['severity']}, asks for {alert['response']}",
        proof=f"{alert['attack_flows']} attack flows; the first of them:",
    )
    for proof in alert["findings"][0]["proof"][:5]:
        _line(f"           {proof['kind']:<4} {proof['dst_ip']}:{proof['dst_port']}  {proof['outcome']}")


def _show_shut(shut: Shut) -> None:
    location, plan = shut.location, shut.plan
    _scene("Location", f"{shut.row['switch']} {shut.row['port']} (ifIndex {shut.row['ifindex']}), proven by")
    for evidence in location["evidence"]:
        age = (location["located_ms"] - evidence["observed_ms"]) / 1000
        _line(f"    {evidence['source']:<6} {evidence['switch']}: {evidence['says']}, {age:.1f} s ago")
    _scene("Plan", f"{plan['steps'][0]['title']} over {plan['via']}; written down before the first command is sent")
    for step in plan["steps"]:
        _commands("send", step["commands"])
        _commands("undo", step["undo"])
    _scene("Read back", f"[bold]{shut.row['state']}[/bold]: {_detail(shut.journal)}; the emulated port is {shut.oper}")


def _detail(journal: Iterable[Mapping[str, Any]]) -> str:
    """What the last step that was read back gave; the note on the port comes after it and is not."""
    return str([entry["detail"] for entry in journal if entry["direction"] == "apply" and entry["detail"]][-1])


def _commands(kind: str, lines: Iterable[str]) -> None:
    for line in lines:
        _line(f"    [dim]{kind}[/dim]  [cyan]{line}[/cyan]")


def _scene(title: str, text: str) -> None:
    _line(f"\n[bold]{title:<10}[/bold]{text}")


def _facts(**facts: Any) -> None:
    for name, value in facts.items():
        _line(f"  [dim]{name:<10}[/dim]{value}")


def _line(text: str) -> None:
    output.data_console().print(text)


def _place(address: tuple[str, int]) -> str:
    return f"{address[0]}:{address[1]}"


def _broker(stack: Any) -> str:
    from controller.lab.kafka import broker_for_demo

    output.messages.print("[dim]starting a Kafka broker ...[/dim]")
    return str(stack.enter_context(broker_for_demo()))
