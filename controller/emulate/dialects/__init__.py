"""The emulated command lines, by what the vendor files call the platform."""

from controller.emulate.shell import Shell

from .aoscx import AoscxShell
from .comware import ComwareShell
from .dellos6 import Os6Shell
from .dellos9 import Os9Shell
from .dellos10 import Os10Shell
from .eos import EosShell
from .exos import ExosShell
from .fortiswitch import FortiswitchShell
from .ios import IosShell
from .junos import JunosShell
from .nxos import NxosShell
from .procurve import ProcurveShell
from .routeros import RouterosShell
from .ruijie import RuijieShell
from .vrp import VrpShell
from .vrp8 import Vrp8Shell
from .zxros import ZxrosShell

DIALECTS: dict[str, type[Shell]] = {
    "cisco_ios": IosShell,
    "cisco_nxos": NxosShell,
    "arista_eos": EosShell,
    "huawei_vrp": VrpShell,
    "huawei_vrp8": Vrp8Shell,
    "hp_comware": ComwareShell,
    "ruijie_os": RuijieShell,
    "zte_zxros": ZxrosShell,
    "hp_procurve": ProcurveShell,
    "aruba_aoscx": AoscxShell,
    "juniper_junos": JunosShell,
    "dell_os6": Os6Shell,
    "dell_os9": Os9Shell,
    "dell_os10": Os10Shell,
    "extreme_exos": ExosShell,
    "fortinet": FortiswitchShell,
    "mikrotik_routeros": RouterosShell,
}
