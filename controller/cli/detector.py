"""`cordon detector`: alerts of a recording, and how good the detectors are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape

from . import output
from .captured import teller
from .common import CONFIG, config_path, language
from .policy import app as policy_app
from .prefixes import INSIDE
from .train import train

app = typer.Typer(add_completion=False, help="Alerts of a recording, and the detectors' figures.", no_args_is_help=True)
app.command()(train)
app.add_typer(policy_app, name="policy")
COLUMNS = (
    "severity",
    "response",
    "src_ip",
    "exporter",
    "in_if",
    "detector",
    "technique",
    "attack_flows",
    "target_count",
)
SCENARIO = (
    "scenario",
    "units",
    "found",
    "could_act",
    "flows_worst",
    "missed",
    "false_could_act",
    "false_alert_only",
    "host_days",
)
RECALL = (
    "family",
    "units",
    "found",
    "recall",
    "could_act",
    "flows_median",
    "flows_worst",
    "seconds_median",
    "seconds_worst",
    "detectors",
)
TUNE = ("key", "value", "alerts", "could_act", "acts_on", "shows", "new", "gone")
ROLES = typer.Option(None, "--roles", help="YAML: role to addresses, e.g. nms: [10.77.0.4].")


@app.callback()
def detector() -> None:
    """Alerts of a recording, and the detectors' figures."""


@app.command()
def replay(
    file: Path = typer.Argument(..., help="A pcap of export datagrams, or labelled flows: csv, csv.gz, parquet."),
    internal: list[str] = INSIDE,
    roles: Path | None = ROLES,
    policy: Path | None = typer.Option(None, "--policy", help="A policy to hold the recording against."),
    anomaly: Path | None = typer.Option(None, "--anomaly", help="The site's model, of `cordon detector train`."),
    new: bool | None = typer.Option(
        None,
        "--new/--no-new",
        help="Single new peers too, for information: as it is for labelled flows, not for a pcap.",
    ),
    json: bool = typer.Option(False, "--json", help="One object an alert and line."),
) -> None:
    """Say what Cordon would have said about a recording."""
    from controller.runtime import anomaly as models
    from controller.runtime import policies
    from controller.runtime.replay import read_roles
    from controller.runtime.replay import replay as run
    from detectors.address import INTERNAL

    declared = read_roles(roles) if roles else None
    matrix = policies.read(policy) if policy else None
    model = models.load(anomaly) if anomaly else None
    inside = tuple(internal) or INTERNAL
    alerts = run(file, internal=inside, host_roles=declared, every_new=new, matrix=matrix, model=model, told=teller())
    if json:
        for alert in alerts:
            output.json_line(alert)
        return
    found = list(alerts)
    output.table(found, COLUMNS, title="alerts")
    for alert in found:
        output.messages.print(
            f"[bold]{alert['detector']}[/bold]  {escape(alert['explanation'][language()])}", soft_wrap=True
        )


@app.command()
def evaluate(
    folder: Path = typer.Argument(..., help="Labelled tables with NAME.meta.json, or captures with a manifest.yaml."),
    as_json: bool = typer.Option(False, "--json", help="One object a scenario, then one a family, then false alerts."),
) -> None:
    """Labelled recordings: recall, delay in attack flows and seconds, false alerts per 1000 hosts and day with host-days."""
    from controller.runtime.evaluating import evaluate as run
    from controller.runtime.evaluating import summary

    outcomes = list(run(folder, told=teller()))
    whole = summary(outcomes)
    if as_json:
        for outcome in outcomes:
            output.json_line({"kind": "scenario", **outcome.to_json()})
        for row in whole["recall"]:
            output.json_line({"kind": "recall", **row})
        output.json_line({"kind": "false_alerts", **whole["false"], "unknown": whole["unknown"]})
        output.json_line({"kind": "new_edges", **whole["new_edges"]})
        return
    output.table((outcome.to_json() for outcome in outcomes), SCENARIO, title="scenarios")
    output.table(whole["recall"], RECALL, title="recall")
    output.fields({**whole["false"], "unknown": whole["unknown"]})
    output.fields({f"new edges, {name}": value for name, value in whole["new_edges"].items()})


@app.command()
def tune(
    paths: list[Path] = typer.Argument(
        None, help="Recorded flows: files or folders. None: the bus of the configuration."
    ),
    settings: list[str] = typer.Option(..., "--set", help="sweep.act.failed_targets=4,5,6; may be given again."),
    days: float = typer.Option(7.0, "--days", min=0.01, help="So far back, of what the bus keeps."),
    internal: list[str] = INSIDE,
    roles: Path | None = ROLES,
    catalog: Path | None = typer.Option(None, "--catalog", help="Start from this catalog, not from the shipped one."),
    config: Path | None = CONFIG,
    as_json: bool = typer.Option(False, "--json", help="One object a trial."),
) -> None:
    """What would this threshold have done? Tries each value on recorded flows and says whom it accuses. Writes nothing."""
    from controller.runtime.catalog import SHIPPED
    from controller.runtime.replay import read_roles
    from controller.runtime.tuning import of_files, trials
    from controller.runtime.tuning import tune as run
    from detectors.address import INTERNAL

    declared = read_roles(roles) if roles else None
    if paths:
        tried = trials(settings, catalog or SHIPPED)
        rows = run(tried, of_files(paths, teller()), internal=tuple(internal) or INTERNAL, host_roles=declared)
    else:
        rows = _on_the_bus(settings, days, tuple(internal), declared, catalog, config)
    output.rows(rows, TUNE, as_json=as_json, title="trials")


def _on_the_bus(
    settings: list[str],
    days: float,
    internal: tuple[str, ...],
    declared: dict[bytes, str] | None,
    catalog: Path | None,
    config: Path | None,
) -> Iterator[dict[str, Any]]:
    """What is not given is as the configuration has it for `cordon serve`."""
    from controller.bus.codec import decode
    from controller.core.clock import SystemClock
    from controller.runtime.catalog import SHIPPED
    from controller.runtime.settings import load_settings
    from controller.runtime.tuning import configured_bus, of_bus, trials
    from controller.runtime.tuning import tune as run
    from detectors.address import packed

    built = load_settings(config_path(config))
    detection = built.detection
    with configured_bus(built) as bus:
        tried = trials(settings, catalog or detection.catalog or SHIPPED)
        hosts = {packed(ip): role for role, ips in detection.hosts.items() for ip in ips}
        recorded = of_bus(bus, decode, days, SystemClock().now_ms())
        yield from run(
            tried,
            [recorded],
            internal=internal or detection.internal,
            host_roles=hosts if declared is None else declared,
        )


@app.command()
def simulate(
    hosts: int = typer.Option(300, "--hosts", min=60, max=100_000, help="Machines a hospital."),
    days: int = typer.Option(14, "--days", min=0, help="Quiet days a hospital, the first a Monday; 0: attacks only."),
    hospitals: int = typer.Option(2, "--hospitals", min=1, max=16, help="So many hospitals, each of its own seed."),
    learn: int = typer.Option(3, "--learn", min=0, help="Days before alerts that do not act are counted."),
    seeds: str = typer.Option(
        "dev", "--seeds", help="dev: for looking and tuning. eval: for figures; never tune on these."
    ),
    quiet: str = typer.Option("1", "--quiet", help="Export of the quiet days: a sampling rate, or netflow."),
    exports: str = typer.Option(
        "1,16,64,256,1024,netflow", "--exports", help="Sampling rates of the attack runs, or netflow."
    ),
    dark: bool = typer.Option(False, "--dark", help="It is known which addresses nobody has (detection.dark)."),
    attacks: int = typer.Option(2, "--attacks", min=0, help="Each attack so often a hospital; 0: quiet days only."),
    jobs: int = typer.Option(2, "--jobs", min=1, help="Processes at once."),
    as_json: bool = typer.Option(False, "--json", help="One object a figure."),
) -> None:
    """Simulated hospitals: false alarms with host-days and bounds, and which attacks are found at which sampling rate."""
    from controller.runtime.simulating import SEEDS, Size, recall_rows
    from controller.runtime.simulating import simulate as run

    if seeds not in SEEDS:
        raise typer.BadParameter(f"{seeds} is not one of {', '.join(SEEDS)}", param_hint="--seeds")
    wanted = tuple(name.strip() for name in exports.split(",") if name.strip())
    if odd := [name for name in (quiet, *wanted) if name != "netflow" and not (name.isdigit() and int(name))]:
        raise typer.BadParameter(f"{odd[0]} is neither a sampling rate nor netflow", param_hint="--exports")
    size = Size(hosts, days, min(learn, days - 1) if days else learn, hospitals, wanted, attacks, jobs, quiet, dark)
    rows = run(size, SEEDS[seeds], lambda text: output.messages.print(f"[dim]{text}[/dim]"))
    if as_json:
        for row in rows:
            output.json_line(row)
        return
    found = list(rows)
    for row in found:
        if row["kind"].startswith("false_alarms"):
            output.fields({name: value for name, value in row.items() if name != "accused"})
            output.table(row["accused"], ("src_ip", "is", "could_act", "detectors"), title="accused")
    output.table(recall_rows(found, wanted), ("attack", "units", *wanted), title="found (of these could act) by export")
