"""The guard's rules: small pure functions `(request, action, facts, limits) -> rulings`, each with its own sentence."""

from .authority import (
    alert_asks,
    by_hand_only,
    maintenance,
    observe_verb,
    playbook_mode,
    protection,
    sampling,
    site_mode,
)
from .budget import bulk_stop, mac_block_budget, site_budget, switch_budget
from .location import evidence_age, located, site_is_edge, verdict
from .port import (
    aggregate,
    already_down,
    already_up,
    facts_age,
    mac_is_there,
    neighbour,
    occupancy,
    phone,
    quarantine_isolated,
    trunk,
    uplink,
    verb_offered,
    vlan_known,
)

RULES = (
    verdict,
    located,
    evidence_age,
    site_is_edge,
    facts_age,
    uplink,
    trunk,
    aggregate,
    neighbour,
    phone,
    mac_is_there,
    occupancy,
    already_down,
    already_up,
    verb_offered,
    vlan_known,
    quarantine_isolated,
    mac_block_budget,
    by_hand_only,
    protection,
    sampling,
    observe_verb,
    alert_asks,
    site_mode,
    playbook_mode,
    maintenance,
    switch_budget,
    site_budget,
    bulk_stop,
)

__all__ = ["RULES"]
