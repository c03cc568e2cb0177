"""What command lines answer when they did not do what they were told: seen as that, for every vendor file; and what is none.

From the makers' manuals and the error patterns of Ansible's terminal plugins (ios, nxos, eos, exos, routeros); NX-OS "Permission
denied for the role": paramiko issue 1826; EOS "Authorization denied for command": anta issues 255 and 905.
"""

import pytest

from controller.switches.vendor import load_vendor, platforms

CISCO = (
    "         ^\n% Invalid input detected at '^' marker.", "% Incomplete command.", '% Ambiguous command:  "sh"',
    "% Unknown command", "Command rejected: Gi1/0/1 is a dynamic port.", "Command authorization failed.",
    "% Authorization failed.", "% Access denied", "% Permission denied for the role", "                ^",
    "% Not allowed on this interface", "% Unable to set the VLAN",
)  # fmt: skip
NO = {
    "cisco_ios": (*CISCO, "Configuration mode is locked by process 'SSH' user 'x'.", "%Error: wrong interface"),
    "cisco_nxos": (*CISCO, "ERROR: VLAN 666 is reserved", "Syntax error while parsing"),
    "arista_eos": (*CISCO, "% Authorization denied for command 'shutdown': no role", "% Internal error\n% Error: x"),
    "ruijie_os": (*CISCO, "% User doesn't have sufficient privilege to execute this command."),
    "dell_os9": (*CISCO, "% Error: Vlan 666 is not configured."),
    "dell_os10": (*CISCO, "% Error: Illegal parameter.", "Error: Interface is part of a port-channel"),
    "dell_os6": (
        *CISCO, "Command not found / Incomplete command. Use ? to list commands.", "An invalid interface has been used",
        "Failure Information\n----\n   VLANs failed to be configured : 1", "VLAN ID not found",
    ),
    "zte_zxros": ("%Error 20201: Invalid input detected at '^' marker.", "% Command authorization failed", "      ^"),
    "frr": ("% Unknown command: shutdow", "% Command incomplete.", "% Can't find interface eth9"),
    "huawei_vrp": (
        "             ^\nError: Unrecognized command found at '^' position.", "Error:Too many parameters found at '^' position.",
        "Error[10]: Wrong parameter found", "Info: The operation is not allowed on the port.", "        ^",
        "Failed to pass the authorization.",
    ),
    "huawei_vrp8": (
        "             ^\nError: Unrecognized command found at '^' position.", "Error: Wrong parameter found at '^' position.",
        "Error[1]: The VLAN does not exist.", "Error: The configuration is locked by another user.", "Commit failed.",
        "Failed to commit the configuration.", "Warning: The configuration cannot be committed.", "        ^",
        "Info: The configuration is locked by another user.",
    ),
    "hp_comware": (
        "             ^\n % Unrecognized command found at '^' position.", " % Too many parameters found at '^' position.",
        "Permission denied.", "The VLAN does not exist.", "Failed to add the port to the VLAN.", "        ^",
        "This operation is not allowed on an aggregation member port.",
    ),
    "hp_procurve": (
        "Invalid input: shutdwon", "Incomplete input: interface", "Ambiguous input: s",
        "Error setting value pvid for instance 25.",
        "Module not present for port or invalid port: 99", "Commit failed.", "VLAN 666 not found.", "Inconsistent value.",
        "Not authorized to run this command.",
    ),
    "aruba_aoscx": (
        "Invalid input: shutdwon", "% Command incomplete.", "% Unknown command.", "Interface 9/9/9 does not exist.",
        "Operation not allowed on an interface with routing enabled.", "Cannot execute command. Command not allowed.",
        "Error: x", "Unable to update the interface",
    ),
    "juniper_junos": (
        "                                ^\nsyntax error, expecting <command>.", "unknown command.", "'s' is ambiguous.",
        "error: configuration check-out failed", "error: configuration database locked by:", "missing argument.",
        "error: permission denied", "        ^", "remote commit-configuration failed on fpc1",
    ),
    "extreme_exos": (
        "%% Invalid input detected at '^' marker.", "Error: Port 99 does not exist", "%% Incomplete command",
        "Permission denied", "Port 1:99 not found", "         ^", "%% Unrecognized command: foo",
    ),
    "fortinet": (
        "Command fail. Return code -61", "command parse error before 'shutdwon'", "Unknown action 0",
        "entry not found in datasource", "node_check_object fail! for native-vlan 9999", "value parse error before '9999'",
        "object set operator error, -651 discard the setting", "The string contains XSS vulnerability characters",
        "attribute 'member' MUST be set.",
    ),
    "mikrotik_routeros": (
        "bad command name foo (line 1 column 2)", "syntax error (line 1 column 9)", "expected end of command (line 1 column 9)",
        "no such item", "no such item (4)", "input does not match any value of interface", "failure: already have such entry",
        "invalid value for argument numbers", "ambiguous value of name, more than one possible value matches input",
        "not enough permissions (9)", "value of pvid out of range (1..4094)", "missing value(s) of argument(s) numbers",
        "can not change dynamic entry", "action failed (6)", "no such command or directory (foo)",
    ),
    "linux": (
        "RTNETLINK answers: Operation not permitted", 'Cannot find device "eth9"', "-bash: nft: command not found",
        "sudo: a password is required", "nft: syntax error", 'Object "lnk" is unknown, try "ip help".',
        "Error: argument \"x\" is wrong: what", "cat: /x: No such file or directory",
    ),
    "ovs": ("ovs-vsctl: no port named eth9", "RTNETLINK answers: Operation not permitted", "sudo: a password is required"),
}  # fmt: skip
# Lines of answers that did what they were told
YES = {
    "cisco_ios": (
        "% Access VLAN does not exist. Creating vlan 666",
        "%LINK-5-CHANGED: Interface GigabitEthernet1/0/1, changed state to administratively down",
        "%Warning: portfast should only be enabled on ports connected to a single host.",
        "Enter configuration commands, one per line.  End with CNTL/Z.",
    ),
    "cisco_nxos": ("2026 Nov 27 09:00:00 sw %ETHPORT-5-IF_DOWN_ADMIN_DOWN: Interface Ethernet1/1 is down (admin down)",),
    "aruba_aoscx": (" Errors                                   0                    0                    0",),
    "hp_procurve": ("   Errors (Since boot or last clear) :",),
    "huawei_vrp": (
        "Info: The operation may take a few seconds. Please wait for a moment.done.",
        "Nov 27 2026 09:00:00+00:00 SW %%01IFPDT/4/IF_STATE(l)[0]:Interface GigabitEthernet0/0/1 has turned into DOWN state.",
    ),
    "huawei_vrp8": (
        "Enter system view, return user view with return command.", "Committing....done.",
        "Nov 27 2026 09:00:00 SW %%01IFPDT/4/IF_STATE(l):CID=0x807a0405;Interface 10GE1/0/1 has turned into DOWN state.",
    ),
    "juniper_junos": ("warning: uncommitted changes will be discarded on exit", "    Input errors: 0", "[edit]"),
    "extreme_exos": ("11/27/2026 09:00:00.00 <Info:vlan.msgs.portLinkStateDown> Port 1 link down",),
}  # fmt: skip


def test_every_vendor_file_is_here() -> None:
    """None is forgotten."""
    assert set(platforms()) == set(NO)


@pytest.mark.parametrize("platform", NO)
def test_a_no_is_seen(platform: str) -> None:
    """In the answer to a line of configuration, and to a command that shows something."""
    vendor = load_vendor(platform)
    assert [] == [answer for answer in NO[platform] if not vendor.failure_in(answer)]
    assert [] == [answer for answer in NO[platform] if not vendor.failure_in(f"\n{answer}\n\n", table=True)]


@pytest.mark.parametrize("platform", YES)
def test_what_is_no_refusal(platform: str) -> None:
    """Warnings, console messages, counters."""
    vendor = load_vendor(platform)
    assert [] == [answer for answer in YES[platform] if vendor.failure_in(answer)]


@pytest.mark.parametrize("platform", NO)
def test_other_peoples_words_refuse_nothing(platform: str) -> None:
    """A description or the name of a neighbour in the middle of a long answer is no answer of the device; a table that breaks
    off is."""
    vendor, row = load_vendor(platform), "  some row of a table"
    hostile = "\n".join([*[row] * 9, NO[platform][0], *[row] * 9])
    assert vendor.failure_in(hostile, table=True) is None
    assert vendor.failure_in("\n".join([*[row] * 9, NO[platform][0]]), table=True)
    assert vendor.failure_in(hostile)
