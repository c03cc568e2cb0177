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
    "aruba_os": "show arp",
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
    "ubiquiti_edgerouter": "show arp",
    "ubiquiti_edgeswitch": "show arp",
    "vyatta_vyos": "show arp",
    "watchguard_firebox": "show arp",
    "zte_zxros": "show arp",
}
LLDP_TABLE = {
    "alcatel_aos": "show lldp remote-system",
    "allied_telesis_awplus": "show lldp neighbors detail",
    "arista_eos": "show lldp neighbors",
    "aruba_aoscx": "show lldp neighbors-info detail",
    "broadcom_icos": "show lldp remote-device all",
    "brocade_fastiron": "show lldp neighbors",
    "brocade_netiron": "show lldp neighbors detail",
    "ciena_saos": "lldp show neighbors",
    "cisco_ios": "show lldp neighbors",
    "cisco_nxos": "show lldp neighbors",
    "cisco_s300": "show lldp neighbors",
    "cisco_xr": "show lldp neighbors",
    "hp_comware": "display lldp neighbor-information list",
    "hp_procurve": "show lldp info remote-device",
    "huawei_vrp": "display lldp neighbor",
    "ipinfusion_ocnos": "show lldp table",
    "juniper_junos": "show lldp neighbors",
    "paloalto_panos": "show lldp neighbors all",
}
# Other commands that show the same of more kinds; which of them an output came from is told by what reads most of it.
MORE = {
    "arista_eos": ("show lldp neighbors detail",),
    "brocade_fastiron": ("show lldp neighbors detail",),
    "cisco_ios": ("show lldp neighbors detail", "show arp"),
    "cisco_nxos": ("show lldp neighbors detail", "show ip arp detail", "show ip arp detail vrf all"),
    "cisco_xr": ("show lldp neighbors detail",),
    "hp_comware": ("display lldp neighbor-information verbose",),
    "hp_procurve": ("show lldp info remote-device detail",),
    "huawei_vrp": ("display arp brief",),
    "mikrotik_routeros": ("ip arp print terse without-paging", "ip arp print without-paging"),
}
# MAC tables that no template knows: read line by line. OTHER is for a command line that is in no list.
OTHER = "other"
BY_LINE = ("dell_force10", "dlink_ds", "edgecore", "eltex", "ubiquiti_edgeswitch", OTHER)
# Other names for the same command line.
SAME = {
    "aruba_procurve": "hp_procurve",
    "aruba_osswitch": "hp_procurve",
    "cisco_xe": "cisco_ios",
    "huawei_vrp8": "huawei_vrp",
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
