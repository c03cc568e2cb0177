"""The agent that gives a lab switch its BRIDGE-MIB and Q-BRIDGE-MIB: net-snmp has neither, and asks this by pass_persist."""
