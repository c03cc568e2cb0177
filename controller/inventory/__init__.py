"""Where is it? FDB, ports and neighbours of every switch, joined with flow evidence into a Location."""

from .config import InventoryConfig
from .inventory import Inventory
from .snapshot import Snapshot, TableSource

__all__ = ["Inventory", "InventoryConfig", "Snapshot", "TableSource"]
