"""One driver protocol; SNMP and SSH ways in; vendors are YAML data."""
