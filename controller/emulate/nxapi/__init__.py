"""Cisco's NX-API in front of an emulated switch: JSON-RPC 2.0 after the NX-OS programmability guide, "NX-API CLI"."""

from .server import NxapiServer

__all__ = ["NxapiServer"]
