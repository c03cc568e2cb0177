"""Alerts, endpoints, requests, containments and the hash-chained audit in SQL."""
