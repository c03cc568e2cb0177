"""Arista's eAPI in front of an emulated switch, after "Arista EOS Command API" and the EOS manual's configuration sessions."""

from .server import EapiServer

__all__ = ["EapiServer"]
