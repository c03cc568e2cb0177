"""`cordon bench locate`: what finding every machine of 500 switches costs, beside net-snmp's snmpbulkwalk on the same agents."""

from .figures import measure

__all__ = ["measure"]
