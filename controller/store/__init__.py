"""Alerts, endpoints, requests, containments and the hash-chained audit in SQL."""

from .database import Store, open_store

__all__ = ["Store", "open_store"]
