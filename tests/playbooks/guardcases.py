"""A case in order, and for each rule one thing that is wrong with it."""

from typing import Any

from playbooks.facts import (
    BudgetUse,
    Evidence,
    Holder,
    Location,
    Maintenance,
    NeighbourKind,
    PortFacts,
    Protection,
    Quarantine,
    Refusal,
    Verdict,
)
from playbooks.guard import GuardFacts, GuardLimits, Judgement, Mode, Outcome, judge
from playbooks.plan import Action, Admin, Oper, PortRef, PortState, Verb
from playbooks.request import Origin, Request, Target

NOW_MS = 1_700_000_000_000
MAC = "02:00:00:00:00:01"
PORT = PortRef(switch="sw1", ifindex=4, name="ge1")
SWITCH = "sw1"
Changes = dict[str, Any]


def good_location() -> Changes:
    """A location that nothing speaks against."""
    evidence = (Evidence(source="fdb", switch=SWITCH, says="learned", observed_ms=NOW_MS - 500),)
    return {
        "mac": MAC,
        "port": PORT,
        "verdict": Verdict.PORT,
        "evidence": evidence,
        "located_ms": NOW_MS,
        "port_mac_count": 1,
    }


def good_port() -> Changes:
    """An access port that is up with one MAC on it."""
    state = PortState(port=PORT, admin=Admin.UP, oper=Oper.UP, pvid=10, read_ms=NOW_MS - 100)
    return {"state": state, "macs": (MAC,), "read_ms": NOW_MS - 100}


def good_request() -> Changes:
    """An alert that asks for action."""
    return {
        "request_id": "r", "origin": Origin.ALERT, "requested_by": "detector", "requested_ms": NOW_MS, "playbook": "shut-port",
        "verb": Verb.SHUT, "target": Target(mac=MAC), "reason": "swept", "response": "auto",
    }  # fmt: skip


def judged(
    *, location: Changes | None = None, port: Changes | None = {}, request: Changes | None = None,  # noqa: B006
    action: Changes | None = None, limits: Changes | None = None, **facts: Any,
) -> Judgement:  # fmt: skip
    """Judge a case in order, with some things changed; `port` None = the switch was not read."""
    whole = {
        "location": Location(**{**good_location(), **(location or {})}),
        "port": None if port is None else PortFacts(**{**good_port(), **port}),
        "budget": BudgetUse(switch_count=0, site_count=0, window_s=3600),
        "protection": Protection(),
        "mode": Mode.AUTO,
        "now_ms": NOW_MS,
    }
    doing = Action(**{"verb": Verb.SHUT, "port": PORT, **(action or {})})
    wanted = Request(**{**good_request(), **(request or {})})
    return judge(wanted, doing, GuardFacts(**{**whole, **facts}), GuardLimits(**(limits or {})))


def down() -> PortState:
    """The port, shut by somebody."""
    return PortState(port=PORT, admin=Admin.DOWN, oper=Oper.DOWN, pvid=10, read_ms=NOW_MS - 100)


def up(**more: Any) -> PortState:
    """The port as it should be, with more read of it."""
    return PortState(port=PORT, admin=Admin.UP, oper=Oper.UP, pvid=10, read_ms=NOW_MS - 100, **more)


# what is changed, the outcome, and a piece of the sentence
CASES: dict[str, tuple[Changes, Outcome, str]] = {
    "unproven verdict": ({"location": {"verdict": Verdict.AMBIGUOUS}}, Outcome.REFUSE, "ambiguous"),
    "no port": ({"location": {"port": None, "verdict": Verdict.UNRESOLVED}}, Outcome.REFUSE, "no port"),
    "spoofed": ({"location": {"refuse": (Refusal.SPOOFED,)}}, Outcome.REFUSE, "spoofed"),
    "another port": ({"action": {"port": PORT.model_copy(update={"ifindex": 5})}}, Outcome.REFUSE, "not on"),
    "contained already": ({"holder": Holder(containment_id="con_1", port=PORT)}, Outcome.REFUSE, "by con_1 on sw1 ge1"),
    "no evidence": ({"location": {"evidence": ()}}, Outcome.REFUSE, "no evidence"),
    "old evidence": ({"now_ms": NOW_MS + 61_000}, Outcome.REFUSE, "the limit is 60.0 s"),
    "a core switch": ({"site_kind": "core"}, Outcome.REFUSE, "core switch"),
    "not read": ({"port": None}, Outcome.REFUSE, "not read"),
    "old facts": ({"port": {"read_ms": NOW_MS - 6_000}}, Outcome.REFUSE, "read 6.0 s ago"),
    "uplink": ({"port": {"uplink": True}}, Outcome.REFUSE, "an uplink"),
    "trunk": ({"port": {"trunk": True}}, Outcome.REFUSE, "a trunk"),
    "aggregate": ({"port": {"lag": True}}, Outcome.REFUSE, "an aggregate"),
    "switch behind": ({"port": {"neighbours": (NeighbourKind.SWITCH,)}}, Outcome.REFUSE, ": switch"),
    "router behind": ({"port": {"neighbours": (NeighbourKind.ROUTER,)}}, Outcome.REFUSE, ": router"),
    "access point behind": ({"port": {"neighbours": (NeighbourKind.AP,)}}, Outcome.REFUSE, ": access point"),
    "phone behind": ({"port": {"neighbours": (NeighbourKind.PHONE,)}}, Outcome.REFUSE, "phone"),
    "the phone itself": (
        {"action": {"verb": Verb.MAC_BLOCK, "mac": MAC}, "port": {"phones": (MAC,)}},
        Outcome.APPROVE,
        "is the phone on",
    ),
    "nobody there": ({"location": {"mac": None}, "port": {"macs": ()}}, Outcome.REFUSE, "no machine is learned"),
    "MAC gone": ({"port": {"macs": ("02:00:00:00:00:09",)}}, Outcome.REFUSE, "not learned"),
    "learned without a link": (
        {"port": {"state": up().model_copy(update={"oper": Oper.DOWN})}},
        Outcome.REFUSE,
        "which has no link",
    ),
    "two MACs": ({"port": {"macs": (MAC, "02:00:00:00:00:09")}}, Outcome.REFUSE, "2 MACs"),
    "already down": ({"port": {"state": down()}}, Outcome.REFUSE, "already down"),
    "quarantined by somebody": (
        {"action": {"verb": Verb.QUARANTINE_VLAN, "vlan": 10}, "quarantine": Quarantine(vlan=10, isolated=True)},
        Outcome.REFUSE,
        "is in VLAN 10 already",
    ),
    "blocked by somebody": (
        {"action": {"verb": Verb.MAC_BLOCK, "mac": MAC}, "port": {"state": up(blocked_macs=(MAC,))}},
        Outcome.REFUSE,
        "blocked on sw1 already",
    ),
    "held by the switch": ({"port": {"state": up(held="err-disabled")}}, Outcome.REFUSE, "down (err-disabled)"),
    "MAC in another VLAN": (
        {"action": {"verb": Verb.MAC_BLOCK, "mac": MAC}, "location": {"vlan": 20}},
        Outcome.REFUSE,
        "learned in VLAN 20",
    ),
    "another port was approved": (
        {"approved": Action(verb=Verb.SHUT, port=PORT.model_copy(update={"ifindex": 9})), "approvals": ("ann",)},
        Outcome.APPROVE,
        "approved again",
    ),
    "no quarantine VLAN": ({"action": {"verb": Verb.QUARANTINE_VLAN}}, Outcome.REFUSE, "quarantine VLAN"),
    "protected": ({"protection": Protection(hits=("MAC x (pump)",))}, Outcome.REFUSE, "pump"),
    "protected, a person": (
        {
            "protection": Protection(hits=("MAC x (pump)",)),
            "request": {"origin": Origin.PERSON},
            "approvals_needed": 2,
        },
        Outcome.APPROVE,
        "2 other people, has 0",
    ),
    "unknown sampling": ({"request": {"sampling_known": False}}, Outcome.APPROVE, "sampling"),
    "alert recommends": ({"request": {"response": "recommend"}}, Outcome.OBSERVE, "recommend"),
    "alert asks for approval": ({"request": {"response": "approve"}}, Outcome.APPROVE, "approval"),
    "observe asked for": ({"request": {"verb": Verb.OBSERVE}}, Outcome.OBSERVE, "observe only"),
    "site observes": ({"mode": Mode.OBSERVE}, Outcome.OBSERVE, "observe mode"),
    "site approves": ({"mode": Mode.APPROVE}, Outcome.APPROVE, "approve mode"),
    "switch budget": ({"budget": BudgetUse(switch_count=3, site_count=3, window_s=60)}, Outcome.APPROVE, "3 automatic"),
    "playbook observes": ({"playbook_mode": Mode.OBSERVE}, Outcome.OBSERVE, "playbook shut-port is in observe"),
    "playbook approves": ({"playbook_mode": Mode.APPROVE}, Outcome.APPROVE, "playbook shut-port is in approve"),
    "maintenance": ({"maintenance": (Maintenance(name="core swap"),)}, Outcome.REFUSE, "core swap"),
    "maintenance asks": ({"maintenance": (Maintenance(name="night", asks=True),)}, Outcome.APPROVE, "night"),
    "ends by itself": ({"action": {"verb": Verb.DISCONNECT, "mac": MAC}}, Outcome.REFUSE, "keeps nobody off"),
    "verb missing": ({"verbs": frozenset({Verb.MAC_BLOCK})}, Outcome.REFUSE, "it offers mac-block"),
    "a member of an aggregate": ({"location": {"lag": True}}, Outcome.REFUSE, "an aggregate"),
    "shared quarantine": (
        {"action": {"verb": Verb.QUARANTINE_VLAN, "vlan": 666}, "quarantine": Quarantine(vlan=666)},
        Outcome.REFUSE,
        "not declared isolated",
    ),
    "quarantine full": (
        {"action": {"verb": Verb.QUARANTINE_VLAN}, "quarantine": Quarantine(exhausted=True)},
        Outcome.REFUSE,
        "is taken",
    ),
    "MAC blocks": ({"action": {"verb": Verb.MAC_BLOCK, "mac": MAC}, "mac_blocks": 32}, Outcome.REFUSE, "32 MACs"),
    "MAC not known": (
        {"action": {"verb": Verb.MAC_BLOCK}, "location": {"mac": None}},
        Outcome.REFUSE,
        "needs the MAC",
    ),
    "opened by a machine": ({"action": {"verb": Verb.UNSHUT}}, Outcome.REFUSE, "people only"),
    "nothing to open": ({"action": {"verb": Verb.UNSHUT}}, Outcome.REFUSE, "is up already"),
    "site budget": ({"budget": BudgetUse(switch_count=0, site_count=10, window_s=60)}, Outcome.APPROVE, "10 automatic"),
    "bulk": (
        {"budget": BudgetUse(switch_count=0, site_count=0, window_s=60, bulk_stopped=True)},
        Outcome.APPROVE,
        "bulk",
    ),
}
