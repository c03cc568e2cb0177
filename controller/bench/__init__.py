"""Measured figures."""
