"""Locations, plans and rulings in words: what `port`, `endpoint` and `action` have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape

from . import output
from .common import language


def show_location(location: Mapping[str, Any]) -> None:
    """Where, and who says so with which age."""
    console, port = output.data_console(), location["port"]
    where = f"{port['switch']} {port['name']} (ifIndex {port['ifindex']})" if port else "nowhere"
    refused = ", ".join(location["refuse"])
    doubt = f"  [red]not to be acted on: {escape(refused)}[/red]" if refused else ""
    console.print(f"\n[bold]location[/bold]  {where}, verdict {location['verdict']}{doubt}")
    for evidence in location["evidence"]:
        age = (location["located_ms"] - evidence["observed_ms"]) / 1000
        console.print(
            f"  {evidence['source']:<9} {escape(evidence['switch'])}: {escape(evidence['says'])}, {age:.1f} s ago"
        )


def show_plan(
    plan: Mapping[str, Any] | None, why: str | None = None, *, is_old: bool = False, is_refused: bool = False
) -> None:
    """The exact commands and the exact undo. `is_old`: of a containment, whose port was read before anything was sent."""
    console = output.data_console()
    if plan is None:
        console.print(f"\n[bold]plan[/bold]      none{': ' + escape(why) if why else ''}", soft_wrap=True)
        return
    prior = plan["prior"]
    state = f"{prior['admin']}, link {prior['oper']}"
    state = f"was {state} before" if is_old else f"is {state} now"
    console.print(f"\n[bold]plan[/bold]      over {plan['via']}; the port {state}")
    if is_refused:
        console.print("  [red]refused: none of this would be sent[/red]")
    if plan.get("persists"):
        console.print("  [yellow]this switch saves changes by itself: a reboot does not undo them[/yellow]")
    for step in plan["steps"]:
        console.print(f"  {step['title']}")
        for kind, style in (("commands", "send"), ("undo", "undo")):
            for line in step[kind]:
                console.print(f"    [dim]{style}[/dim]  [cyan]{escape(line)}[/cyan]")
        for line in str(step.get("diff", "")).splitlines():
            console.print(f"    [dim]diff[/dim]  {escape(line)}", highlight=False)


def show_undo(plan: Mapping[str, Any]) -> None:
    """What a release sends: the undo of each step, the last first."""
    console, prior = output.data_console(), plan["prior"]
    state = f"{prior['admin']}, link {prior['oper']}"
    console.print(f"\n[bold]release[/bold]   over {plan['via']}; the port was {state} before, and is read first")
    for step in reversed(plan["steps"]):
        console.print(f"  undo {step['title']}")
        for line in step["undo"]:
            console.print(f"    [dim]send[/dim]  [cyan]{escape(line)}[/cyan]")


def show_rulings(judgement: Mapping[str, Any]) -> None:
    """What the guard says, and why."""
    console = output.data_console()
    console.print(f"\n[bold]guard[/bold]     {judgement['outcome']}")
    for ruling in standing(judgement):
        console.print(f"  {ruling['outcome']:<8} {escape(ruling['says'][language()])}", soft_wrap=True)
    for advice in dict.fromkeys(r.get("do", {}).get(language()) for r in standing(judgement)):
        if advice:
            console.print(f"  {'→':<8} {escape(advice)}", soft_wrap=True)


def standing(judgement: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Rulings that stand in the way."""
    return [r for r in judgement["rulings"] if r["outcome"] != "allow"]
