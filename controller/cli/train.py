"""`cordon detector train`: a model of a site's own clean days."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import typer

from . import output
from .captured import teller
from .common import CONFIG, config_path, when
from .prefixes import INSIDE

OUT = typer.Option(..., "--out", "-o", help="The model file; detection.anomaly_model names it to `cordon serve`.")


def train(
    paths: list[Path] = typer.Argument(
        None, help="Recorded clean flows: files or folders. None: the bus of the configuration."
    ),
    out: Path = OUT,
    days: float = typer.Option(7.0, "--days", min=0.01, help="So far back, of what the bus keeps."),
    every: int = typer.Option(12, "--every", min=1, max=48, help="Look at a machine in one window of so many."),
    internal: list[str] = INSIDE,
    roles: Path | None = typer.Option(
        None, "--roles", help="YAML: role to addresses; excused hosts are not learned from."
    ),
    config: Path | None = CONFIG,
    json: bool = typer.Option(False, "--json", help="The model's description as one object."),
) -> None:
    """Learn what is ordinary here, for the anomaly detector. The days must be clean: what is in them is never found again."""
    from controller.bus.codec import decode
    from controller.core.clock import SystemClock
    from controller.runtime import anomaly
    from controller.runtime.catalog import SHIPPED, load_catalog
    from controller.runtime.replay import read_roles
    from controller.runtime.settings import DetectionConfig, load_settings
    from controller.runtime.tuning import configured_bus, of_bus, of_files
    from detectors.address import packed

    settings = None if paths else load_settings(config_path(config))
    detection = settings.detection if settings else DetectionConfig()
    declared = {packed(ip): role for role, ips in detection.hosts.items() for ip in ips}
    excusing = read_roles(roles) if roles else declared
    catalog, inside = load_catalog(detection.catalog or SHIPPED), tuple(internal) or detection.internal
    with ExitStack() as open_until_learnt:
        if settings is None:
            recorded = of_files(paths, teller())
        else:
            bus = open_until_learnt.enter_context(configured_bus(settings))
            recorded = [of_bus(bus, decode, days, SystemClock().now_ms())]
        model = anomaly.learn(recorded, internal=inside, host_roles=excusing, catalog=catalog, every=every)
    anomaly.save(model, out)
    found = anomaly.described(model)
    if json:
        output.json_line(found)
        return
    output.fields({**found, **{name: when(found[name]) for name in ("trained_from_ms", "trained_to_ms")}})
