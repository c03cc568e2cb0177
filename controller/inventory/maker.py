"""Who made a network card, by its MAC, and what the machine therefore may be. The second is a guess and is called one.

The list of IEEE's assignments comes with the package mac-vendor-lookup and is read from its file: nothing is ever downloaded.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import metadata

PACKAGE, LIST = "mac-vendor-lookup", "mac-vendors.txt"
RANDOMISED = "randomised"  # locally administered: a phone hiding its address, or a virtual machine
LOCAL_BIT = 0x02

GUESSES = (
    (
        "medical device",
        (
            r"b\. ?braun|fresenius|carefusion|baxter|hospira|icu medical|smiths medical|becton|dr(ae|ä)ger|ge (health|medical)"
            r"|philips (medical|healthcare|patient)|mindray|healthineers|siemens (ag )?healthcare|nihon kohden|welch allyn|masimo"
            r"|spacelabs|alaris|medtronic|varian|elekta|hill-rom|biotronik"
        ),
    ),
    (
        "printer",
        r"brother|canon|epson|kyocera|lexmark|xerox|ricoh|zebra tech|oki (electric|data)|konica|toshiba tec|sato|riso",
    ),
    (
        "phone",
        r"polycom|yealink|snom|grandstream|mitel|gigaset|fanvil|spectralink|aastra|unify|innovaphone|ascom|avaya",
    ),
    ("camera", r"axis comm|hikvision|dahua|hanwha|mobotix|vivotek|uniview|bosch security"),
    (
        "network device",
        (
            r"cisco|juniper|arista|h3c|ruijie|extreme net|brocade|ruckus|aruba|allied telesis|d-link|tp-?link|netgear|zyxel"
            r"|ubiquiti|mikrotik|routerboard|fortinet|edgecore|accton|alcatel-lucent|eltex|sundray|sangfor|palo alto|zte"
        ),
    ),
    ("virtual machine", r"vmware|xensource|parallels|microsoft|nutanix|proxmox"),
    ("server", r"super ?micro|inspur|quanta cloud|supermicro"),
    (
        "PC",
        (
            r"dell|lenovo|intel|asustek|micro-star|giga-?byte|wistron|lcfc|fujitsu|acer|realtek|pegatron|compal|quanta computer"
            r"|universal global|hp inc|azurewave|liteon|msi"
        ),
    ),
    ("mobile", r"apple|samsung|xiaomi|huawei device|oppo|vivo mobile|oneplus|motorola mob|google"),
)
KINDS = frozenset(kind for kind, _ in GUESSES)
PATTERNS = tuple((kind, re.compile(rf"\b({words})\b", re.IGNORECASE)) for kind, words in GUESSES)


def maker_of(mac: str) -> str | None:
    """The company that the first three octets were given to; `randomised` for a locally administered address."""
    digits = re.sub(r"[^0-9a-fA-F]", "", mac)
    if len(digits) != 12:
        return None
    if int(digits[:2], 16) & LOCAL_BIT:
        return RANDOMISED
    return _assignments().get(digits[:6].upper())


def kind_guess(maker: str | None, heard: str | None = None) -> str | None:
    """What it may be: what it says of itself over LLDP or CDP (`phone`, `ap`, ...), else what its maker usually makes."""
    if heard in ("phone", "ap", "switch", "router"):
        return {"ap": "access point"}.get(heard, heard)
    if maker is None or maker == RANDOMISED:
        return None
    return next((kind for kind, pattern in PATTERNS if pattern.search(maker)), None)


@lru_cache(maxsize=1)
def _assignments() -> dict[str, str]:
    """Prefix -> company; empty where the list is not installed."""
    try:
        package = metadata.distribution(PACKAGE)
        found = next(file for file in package.files or () if file.name == LIST)
        text = found.locate().read_text(encoding="utf-8")  # type: ignore[attr-defined]
    except (metadata.PackageNotFoundError, StopIteration, OSError):
        return {}
    lines = (line.split(":", 1) for line in text.splitlines())
    return {parts[0]: parts[1] for parts in lines if len(parts) == 2}
