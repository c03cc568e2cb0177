"""Outbound notification."""
