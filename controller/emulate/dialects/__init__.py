"""The emulated command lines, by what the vendor files call the platform."""

from controller.emulate.shell import Shell

from .aoscx import AoscxShell
from .comware import ComwareShell
from .eos import EosShell
from .ios import IosShell
from .junos import JunosShell
from .nxos import NxosShell
from .procurve import ProcurveShell
from .ruijie import RuijieShell
from .vrp import VrpShell

DIALECTS: dict[str, type[Shell]] = {
    "cisco_ios": IosShell,
    "cisco_nxos": NxosShell,
    "arista_eos": EosShell,
    "huawei_vrp": VrpShell,
    "hp_comware": ComwareShell,
    "ruijie_os": RuijieShell,
    "hp_procurve": ProcurveShell,
    "aruba_aoscx": AoscxShell,
    "juniper_junos": JunosShell,
}
