"""Which command shows a table on which platform, named as ntc-templates names them."""

from __future__ import annotations

MAC_TABLE = {
    "alcatel_aos": "show mac-address-table",
    "allied_telesis_awplus": "show mac address-table",
    "arista_eos": "show mac address-table",
    "aruba_aoscx": "show mac-address-table",
    "avaya_ers": "show mac-address-table",
    "broadcom_icos": "show mac-addr-table",
    "brocade_fastiron": "show mac-address",
    "cisco_ios": "show mac-address-table",
    "cisco_nxos": "show mac address-table",
    "cisco_s300": "show mac address-table",
    "cisco_xr": "show l2vpn mac-learning mac all location",
    "dell_powerconnect": "show bridge address table",
    "extreme_exos": "show fdb",
    "hp_comware": "display mac-address",
    "hp_procurve": "show mac-address",
    "huawei_ont": "display macaddress",
    "huawei_smartax": "display mac-address",
    "huawei_vrp": "display mac-address",
    "juniper_junos": "show ethernet-switching table",
    "mikrotik_routeros": "interface bridge host print terse without-paging",
    "paloalto_panos": "show mac all",
    "ruckus_fastiron": "show mac-address",
}
ARP_TABLE = {
    "allied_telesis_awplus": "show arp",
    "arista_eos": "show ip arp",
    "aruba_aoscx": "show arp all-vrfs",
    "brocade_fastiron": "show arp",
    "checkpoint_gaia": "show arp dynamic all",
    "cisco_asa": "show arp",
    "cisco_ios": "show ip arp",
    "cisco_nxos": "show ip arp",
    "cisco_viptela": "show arp",
    "cisco_xr": "show arp",
    "dell_force10": "show arp",
    "dlink_ds": "show arpentry",
    "ericsson_ipos": "show arp",
    "extreme_exos": "show iparp",
    "fortinet": "get system arp",
    "hp_comware": "display arp",
    "hp_procurve": "show arp",
    "huawei_vrp": "display arp all",
    "juniper_junos": "show arp no-resolve",
    "linux": "arp -a",
    "mikrotik_routeros": "ip arp print",
    "paloalto_panos": "show arp all",
    "ruckus_fastiron": "show arp",
    "ubiquiti_edgeswitch": "show arp",
    "watchguard_firebox": "show arp",
}
LLDP_TABLE = {
    "allied_telesis_awplus": "show lldp neighbors detail",
    "arista_eos": "show lldp neighbors",
    "cisco_ios": "show lldp neighbors",
    "cisco_nxos": "show lldp neighbors",
    "cisco_s300": "show lldp neighbors",
    "hp_comware": "display lldp neighbor-information list",
    "hp_procurve": "show lldp info remote-device",
    "huawei_vrp": "display lldp neighbor",
}
# MAC tables that no template knows: read line by line. OTHER is for a command line that is in no list.
OTHER = "other"
BY_LINE = ("dell_force10", "dlink_ds", "edgecore", "eltex", "ubiquiti_edgeswitch", OTHER)
# Other names for the same command line.
SAME = {
    "aruba_procurve": "hp_procurve",
    "aruba_osswitch": "hp_procurve",
    "cisco_xe": "cisco_ios",
    "huawei_vrpv8": "huawei_vrp",
    "huawei": "huawei_vrp",
    "juniper": "juniper_junos",
    "arista_eos_ssh": "arista_eos",
}


def platform_of(name: str) -> str:
    """The name that ntc-templates uses."""
    return SAME.get(name, name)


def template_file(platform: str, command: str) -> str:
    """File of the template, by ntc-templates' rule."""
    return f"{platform}_{command.replace(' ', '_')}.textfsm"
