"""What the switch file says, in the words the containment engine asks in."""

from __future__ import annotations

from controller.core.sites import SwitchFile
from playbooks.judgement import Mode


class FileRulebook:
    """Sites, kinds, modes and quarantine VLANs from the switch file. What it does not name is only observed."""

    def __init__(self, file: SwitchFile) -> None:
        self._file = file

    def site_of(self, switch: str) -> str | None:
        """The site of a switch."""
        entry = self._file.switch(switch)
        return entry.site if entry else None

    def site_of_agent(self, agent: str) -> str | None:
        """The site whose switch has this sFlow agent address."""
        return next((s.site for s in self._file.switches if s.agent_address == agent), None)

    def kind_of(self, switch: str) -> str:
        """edge, distribution or core."""
        entry = self._file.switch(switch)
        return entry.kind if entry else "unknown"

    def mode_of(self, site: str | None) -> Mode:
        """The mode of a site."""
        return Mode(self._file.mode_of(site)) if site else Mode.OBSERVE

    def quarantine_vlan(self, switch: str) -> int | None:
        """The quarantine VLAN of a switch."""
        entry = self._file.switch(switch)
        return entry.quarantine_vlan if entry else None
