"""The guard's rules: small pure functions `(request, action, facts, limits) -> rulings`, each with its own sentence."""

from .authority import mode, platform_or_alert, protection, sampling
from .budget import bulk_stop, site_budget, switch_budget
from .location import evidence_age, located, site_is_edge, verdict
from .port import facts_age, infrastructure, mac_is_there, neighbour, occupancy, something_to_do, vlan_known

RULES = (
    verdict,
    located,
    evidence_age,
    site_is_edge,
    facts_age,
    infrastructure,
    neighbour,
    mac_is_there,
    occupancy,
    something_to_do,
    vlan_known,
    protection,
    sampling,
    platform_or_alert,
    mode,
    switch_budget,
    site_budget,
    bulk_stop,
)

__all__ = ["RULES"]
