"""Requests from other systems: the signed webhook of a situational-awareness platform."""
