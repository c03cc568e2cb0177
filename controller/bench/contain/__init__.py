"""How long an attack goes on: `cordon bench contain`, in the lab, measured inside the victims."""

from .figures import WHAT, measure

__all__ = ["WHAT", "measure"]
