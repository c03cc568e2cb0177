"""`cordon bench detect`: what detection costs, in CPU and in memory."""

from __future__ import annotations

from .figures import measure

__all__ = ["measure"]
