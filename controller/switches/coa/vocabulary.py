"""The attributes that are used: RFC 2865, 2869, 5176, and the vendors' own that bounce a port."""

from __future__ import annotations

import functools
import io
from typing import Any

# Vendor attributes as in the vendors' manuals: Cisco "RADIUS Change of Authorization", ArubaOS-Switch and AOS-CX "Access
# Security Guide", Huawei "RADIUS attributes: HW-Ext-Specific (26-238)".
DICTIONARY = """\
ATTRIBUTE NAS-IP-Address 4 ipaddr
ATTRIBUTE NAS-Port 5 integer
ATTRIBUTE Calling-Station-Id 31 string
ATTRIBUTE NAS-Identifier 32 string
ATTRIBUTE Event-Timestamp 55 date
ATTRIBUTE Message-Authenticator 80 octets
ATTRIBUTE NAS-Port-Id 87 string
ATTRIBUTE NAS-IPv6-Address 95 ipv6addr
ATTRIBUTE Error-Cause 101 integer
VENDOR Cisco 9
BEGIN-VENDOR Cisco
ATTRIBUTE Cisco-AVPair 1 string
END-VENDOR Cisco
VENDOR HP 11
BEGIN-VENDOR HP
ATTRIBUTE HP-Port-Bounce-Host 23 integer
END-VENDOR HP
VENDOR Huawei 2011
BEGIN-VENDOR Huawei
ATTRIBUTE HW-Ext-Specific 238 string
END-VENDOR Huawei
VENDOR Aruba 14823
BEGIN-VENDOR Aruba
ATTRIBUTE Aruba-Port-Bounce-Host 40 integer
END-VENDOR Aruba
"""


@functools.cache
def dictionary() -> Any:
    """As pyrad's dictionary."""
    from pyrad.dictionary import Dictionary  # noqa: PLC0415 only where CoA is used

    return Dictionary(io.StringIO(DICTIONARY))
