"""SNMP on the wire: BER, v2c messages and v3 messages with USM, for those who ask (switches) and who answer (emulate)."""
