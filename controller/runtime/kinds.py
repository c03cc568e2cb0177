"""What kind of machine an address is, as the inventory's MACs let one guess; a snapshot that the policy asks."""

from __future__ import annotations

from controller.inventory.inventory import Inventory
from controller.inventory.maker import kind_guess, maker_of
from detectors.address import packed


class InventoryKinds:
    """Kinds by address, taken anew by `refresh`. IPv4 only: the inventory knows whose MAC an IPv4 address is."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._kinds: dict[bytes, str] = {}

    def __call__(self, address: bytes) -> str | None:
        """`printer`, `medical device`, ...; None if nothing can be told."""
        return self._kinds.get(address)

    def refresh(self) -> None:
        """Look again at who has which address."""
        guessed = {ip: kind_guess(maker_of(mac)) for mac, ip in self._inventory.addresses().items()}
        self._kinds = {packed(ip): kind for ip, kind in guessed.items() if kind is not None}
