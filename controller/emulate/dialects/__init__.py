"""The emulated command lines, by what the vendor files call the platform."""

from controller.emulate.shell import Shell

from .comware import ComwareShell
from .ios import IosShell
from .vrp import VrpShell

DIALECTS: dict[str, type[Shell]] = {
    "cisco_ios": IosShell,
    "huawei_vrp": VrpShell,
    "hp_comware": ComwareShell,
}
