"""What `cordon port` and `cordon action` do by hand: ask, preview, contain, release."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from controller.core.errors import NotFound, UsageError

from . import output
from .common import language, person, seconds, services
from .contained import COLUMNS, parsed, people_read
from .explain import show_location, show_plan, show_rulings, show_undo
from .reading import MOST_NAMED, nowhere_because, read_switches

if TYPE_CHECKING:
    from controller.containment.timing import Stopwatch
    from controller.core.errors import Unreachable
    from controller.runtime.services import Services
    from playbooks.request import Request

EXPLAINED_BY_ERROR = frozenset({"refused", "awaiting-approval"})


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for on the command line."""

    verb: str
    target: dict[str, str]
    reason: str
    duration: str | None
    dry_run: bool
    yes: bool
    timing: bool


def contain(order: Order, config: Path | None, json: bool) -> None:
    """Through the one door, or only a look at what would be done."""
    from controller.containment.outcome import outcome_or_raise
    from controller.containment.timing import Stopwatch
    from controller.store import containments

    with services(config) as built:
        _must_be_known(built, order.target.get("switch"))
        request = _request(order, built.clock.now_ms())
        failed = read_switches(built, order.target)
        request = _with_its_port(built, request)
        unread = nowhere_because(failed, order.target)
        if order.dry_run:
            _preview(built, request, json, unread)
        question = f"{order.verb} {_words(order.target)}?"
        if output.messages.is_terminal and not order.yes and not typer.confirm(question, err=True):
            raise typer.Exit(1)
        watch = Stopwatch()
        built.containment.watch(watch.mark)
        containment_id = built.containment.submit(request)
        built.containment.advance(containment_id)
        if order.verb in ("bounce", "disconnect"):
            _wait_for_the_end(built, containment_id)
        with built.store.reading() as connection:
            row = containments.find(connection, containment_id)
        _show_end(row, built.clock.now_ms(), json)
    if order.timing:
        _show_timing(watch)
    if unread and _refused_nowhere(row):
        raise unread
    outcome_or_raise(row, language())


def _with_its_port(built: Services, request: Request) -> Request:
    """The named port as the switch calls it; NotFound where it has none of that name. Nothing, if the switch was not read."""
    from controller.core.portname import is_called

    switch, port = request.target.switch, request.target.port
    read = next((one.ports for one in built.inventory.snapshots() if one.switch == switch), ())
    names = [row.name for row in read if row.name]
    if port is None or port in names or not names:
        return request
    meant = [name for name in names if is_called(port, name)]
    if len(meant) != 1:
        has = ", ".join((meant or names)[:MOST_NAMED]) + (" ..." if len(meant or names) > MOST_NAMED else "")
        says = f"{len(meant)} ports may be called {port}" if meant else f"no port is called {port}"
        raise NotFound(says, where=switch, do=f"it has {has}")
    return request.model_copy(update={"target": request.target.model_copy(update={"port": meant[0]})})


def _must_be_known(built: Services, switch: str | None) -> None:
    from controller.core.errors import NotFound

    known = [one.name for one in built.file.switches]
    if switch is not None and switch not in known:
        raise NotFound("no such switch", where=switch, do=f"one of {', '.join(known[:10])}")


def release_one(
    containment_id: str | None,
    reason: str,
    config: Path | None,
    *,
    named: dict[str, str | None] | None = None,
    dry_run: bool = False,
    as_json: bool = False,
) -> None:
    """Release a containment, by its id or by what is contained."""
    from controller.containment.people import must_be_releasable
    from controller.core.errors import Unreachable
    from controller.store import containments
    from playbooks.lifecycle import State

    with services(config) as built:
        row = _held(built, containment_id, named or {})
        chosen = str(row["containment_id"])
        if dry_run:
            must_be_releasable(row)
            _show_undo(row, as_json)
            raise typer.Exit(10)
        built.containment.release(chosen, by=person(), reason=reason)
        with built.store.reading() as connection:
            after = containments.find(connection, chosen)
        _show_end(after, built.clock.now_ms(), as_json)
    if after["state"] == State.RELEASING:
        raise Unreachable(f"not released yet: {after['why']}", where=chosen, do="it is tried again by `cordon serve`")


def _wait_for_the_end(built: Services, containment_id: str) -> None:
    """Open the bounced port again when its seconds are over; if this is interrupted `cordon serve` does it."""
    from controller.store import containments
    from playbooks.lifecycle import State

    with built.store.reading() as connection:
        row = containments.find(connection, containment_id)
    if row["state"] == State.CONTAINED:
        built.clock.sleep(max(row["until_ms"] - built.clock.now_ms(), 0) / 1000 + 0.01)
        built.containment.expire_due()
        built.containment.advance(containment_id)


def _show_timing(watch: Stopwatch) -> None:
    for lap in watch.laps:
        output.messages.print(f"[dim]{lap.at_ms:9.1f} ms  +{lap.took_ms:8.1f}[/dim]  {lap.what}")


def _refused_nowhere(row: Any) -> bool:

    location = parsed(row)["location"]
    return row["state"] == "refused" and not (location and location["port"])


def _preview(built: Services, request: Request, json: bool, unread: Unreachable | None) -> None:
    """Print what would be done, and exit: 10 it would act, 6 it would wait, 5 it would be refused, 7 a switch is silent."""
    preview = built.containment.preview(request)
    location = preview.location.model_dump(mode="json")
    judgement = preview.judgement.model_dump(mode="json")
    plan = preview.plan.model_dump(mode="json") if preview.plan else None
    if json:
        output.json_line({"location": location, "judgement": judgement, "plan": plan, "problem": preview.unreadable})
    else:
        show_location(location)
        show_rulings(judgement)
        show_plan(plan, preview.unreadable, is_refused=judgement["outcome"] == "refuse")
    if unread and judgement["outcome"] == "refuse" and location["port"] is None:
        raise unread
    outcomes = {"refuse": 5, "observe": 5, "approve": 6, "allow": 10 if plan else 7}
    raise typer.Exit(outcomes[judgement["outcome"]])


def _request(order: Order, now_ms: int) -> Request:
    from pydantic import ValidationError

    from controller.core import ids
    from controller.core.complaints import complaints, dotted
    from playbooks.plan import Verb
    from playbooks.request import Origin, Request, Target

    try:
        return Request(
            request_id=ids.new_id("req", now_ms),
            origin=Origin.PERSON,
            requested_by=person(),
            requested_ms=now_ms,
            playbook="by-hand",
            verb=Verb(order.verb),
            target=Target(**order.target),
            reason=order.reason,
            duration_s=seconds(order.duration),
        )
    except ValidationError as error:
        said = ((key, says) for key, says in complaints(error, Request))
        raise UsageError("; ".join(f"{dotted(key)}: {says}" if key else says for key, says in said)) from None


def target_of(ip: str | None, mac: str | None, switch: str | None, port: str | None) -> dict[str, str]:
    """The named parts of a target, addresses in their one spelling."""
    named = {"ip": ip and _ip(ip), "mac": mac and _mac(mac), "switch": switch, "port": port}
    found = {name: value for name, value in named.items() if value}
    if not found:
        raise UsageError("whom?", do="--ip, --mac, or --switch and --port")
    return found


def _ip(text: str) -> str:
    import ipaddress

    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise UsageError(f"{text!r} is no address", where="--ip", do="for example 10.77.0.2") from None


def _mac(text: str) -> str:
    from detectors.address import mac_number, mac_text

    try:
        return mac_text(mac_number(text))
    except ValueError:
        raise UsageError(f"{text!r} is no MAC", where="--mac", do="for example 02:77:00:00:00:02") from None


def _held(built: Services, containment_id: str | None, named: dict[str, str | None]) -> Any:
    from controller.core.portname import is_called
    from controller.store import containments
    from playbooks.lifecycle import State

    with built.store.reading() as connection:
        if containment_id:
            return containments.find(connection, containment_id)
        target = target_of(**named)
        rows = containments.listed(connection, states=(State.CONTAINED, State.RELEASING, State.FAILED))
    fitting = [
        row
        for row in rows
        if all(
            row[name] == value or (name == "port" and is_called(value, row[name] or ""))
            for name, value in target.items()
        )
        and (row["state"] != State.FAILED or row["unsettled"])
    ]
    if not fitting:
        raise NotFound(f"nothing is contained for {_words(target)}", do="cordon action ls")
    if len(fitting) > 1:
        ids = ", ".join(str(row["containment_id"]) for row in fitting)
        raise UsageError("several containments fit", do=f"name one: {ids}")
    return fitting[0]


def _show_undo(row: Any, json: bool) -> None:
    plan = parsed(row)["plan"]
    if json:
        sends = [line for step in reversed(plan["steps"]) for line in step["undo"]]
        output.json_line({"containment_id": row["containment_id"], "sends": sends, "plan": plan})
    else:
        show_undo(plan)


def _show_end(row: Any, now_ms: int, json: bool) -> None:

    if json:
        output.json_line(parsed(row))
    else:
        shown = people_read(row, now_ms)
        explained = row["state"] in EXPLAINED_BY_ERROR  # reasons follow on stderr, one a line
        output.fields({k: shown[k] for k in (*COLUMNS, *(() if explained else ("why",)))})


def _words(target: dict[str, str]) -> str:
    return " ".join(target.values())
