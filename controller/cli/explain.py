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


def show_plan(plan: Mapping[str, Any] | None, why: str | None = None) -> None:
    """The exact commands and the exact undo."""
    console = output.data_console()
    if plan is None:
        console.print(f"\n[bold]plan[/bold]      none{': ' + escape(why) if why else ''}", soft_wrap=True)
        return
    prior = plan["prior"]
    state = f"{prior['admin']}, link {prior['oper']}"
    console.print(f"\n[bold]plan[/bold]      over {plan['via']}; the port is {state} now")
    if plan.get("persists"):
        console.print("  [yellow]this switch saves changes by itself: a reboot does not undo them[/yellow]")
    for step in plan["steps"]:
        console.print(f"  {step['title']}")
        for kind, style in (("commands", "send"), ("undo", "undo")):
            for line in step[kind]:
                console.print(f"    [dim]{style}[/dim]  [cyan]{escape(line)}[/cyan]")
        for line in str(step.get("diff", "")).splitlines():
            console.print(f"    [dim]diff[/dim]  {escape(line)}", highlight=False)


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
