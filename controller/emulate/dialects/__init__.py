"""The emulated command lines, by what the vendor files call the platform."""

from controller.emulate.shell import Shell

from .ios import IosShell

DIALECTS: dict[str, type[Shell]] = {
    "cisco_ios": IosShell,
}
