"""The maturity table of docs/vendors.md, from the vendor files: `python -m controller.switches.maturity` prints it."""

from __future__ import annotations

from playbooks.plan import Verb

from .napalm.platforms import PLATFORMS
from .vendor import Vendor, load_vendor, platforms

RULES = ("prompt", "tables", "shut", "quarantine_vlan", "mac_block", "describe")
VERBS = {
    "shut": Verb.SHUT,
    "quarantine_vlan": Verb.QUARANTINE_VLAN,
    "mac_block": Verb.MAC_BLOCK,
    "describe": Verb.DESCRIBE,
}
HEAD = "| platform | device | stage | prompt | tables | shut, unshut | quarantine-vlan | mac-block | describe | saves by itself |"


def verdict(vendor: Vendor, rule: str) -> str:
    """`done`, `unproven` or `exempt` for one rule of one vendor file."""
    said = getattr(vendor.maturity, rule)
    verb = VERBS.get(rule)
    if said.startswith("exempt") or (verb is not None and verb not in vendor.verbs):
        return "exempt"
    if not said or said.startswith(("unproven", "from the manual")):
        return "unproven"
    return "emulated" if vendor.maturity.stage == "unproven" and verb is not None else "done"


def table() -> str:
    """All vendor files, a line each."""
    lines = [HEAD, "|---" * (HEAD.count("|") - 1) + "|"]
    for platform in platforms():
        vendor = load_vendor(platform)
        cells = [verdict(vendor, rule) for rule in RULES]
        cells = [f"`{platform}`", vendor.title, vendor.maturity.stage, *cells, "yes" if vendor.saves else "no"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def notes() -> str:
    """What stands behind each line: sources, proof, what a device saves by itself."""
    blocks = []
    for platform in platforms():
        vendor = load_vendor(platform)
        lines = [f"### {platform}: {vendor.title}", "", f"Built from: {'; '.join(vendor.sources)}."]
        if vendor.saves:
            lines.append(f"Saving: {vendor.saves}.")
        lines += [
            "",
            *(f"- {rule.replace('_', '-')}: {said}" for rule in RULES if (said := getattr(vendor.maturity, rule))),
        ]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def through_napalm() -> str:
    """The platforms that NAPALM drives, a line each."""
    head = "| platform | NAPALM's driver | reached over | commit confirm | stage | what stands behind it |"
    lines = ["### Through NAPALM", "", head, "|---" * (head.count("|") - 1) + "|"]
    for name, platform in sorted(PLATFORMS.items()):
        reach = "HTTP API" if platform.reach == "api" else "SSH"
        confirm = "yes" if platform.confirms else "no: a plain commit"
        lines.append(f"| `{name}` | `{platform.driver}` | {reach} | {confirm} | {platform.stage} | {platform.proof} |")
    return "\n".join(lines) + "\n"


def document() -> str:
    """The generated part of docs/vendors.md."""
    return f"{table()}\n{through_napalm()}\n{notes()}"


if __name__ == "__main__":
    print(document(), end="")  # noqa: T201 this is what it is for
