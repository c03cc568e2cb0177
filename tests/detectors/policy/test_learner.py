"""A proposal holds exactly what was seen, with counts; what it is held against afterwards breaks nothing."""

from detectors.address import INTERNAL, Networks
from detectors.newpeer.plain import PlainEdges
from detectors.policy.days import SERVICES
from detectors.policy.groups import Groups
from detectors.policy.learner import Learner
from detectors.policy.mapping import data_of, matrix_of
from detectors.policy.matrix import Matrix, Seen
from tests.detectors import flows as f

from .sites import PUMP, SERVER, SITE, STRANGER, broken, observer

SEEN = [
    *f.answered(0, PUMP, SERVER, dport=443),
    *f.answered(10, PUMP + 1, SERVER, dport=443),
    *f.answered(20, PUMP, SERVER, dport=443, sport=50_009),  # the same pair again
    *f.answered(30, PUMP, SERVER + 1, dport=443),
    *f.answered(40, STRANGER, SERVER, dport=22),
    *f.answered(50, PUMP, SERVER, dport=135),
    *f.answered(60, PUMP, SERVER, dport=49_700),
    *f.refused(70, PUMP, STRANGER),
]


def learned(learner: Learner, rows: list[f.Row] = SEEN) -> Learner:
    """What it makes of rows, read twice."""
    for _ in range(2):
        learner.note(PlainEdges(SERVICES, Networks(INTERNAL)).take(f.batch_of(rows)))
    return learner


def rules(matrix: Matrix) -> dict[str, Seen | None]:
    """Names and counts."""
    return {rule.name: rule.seen for rule in matrix.rules}


def test_exactly_what_was_seen() -> None:
    """A rule for each two groups and service, with pairs, sources and targets; refusals and repetitions add nothing."""
    found = learned(Learner(matrix_of(SITE).groups)).proposed()
    assert {
        "other to servers 22/tcp": Seen(1, 1, 1),
        "pumps to servers 135/tcp": Seen(1, 1, 1),
        "pumps to servers 443/tcp": Seen(3, 2, 2),
        "pumps to servers 49152-65535/tcp": Seen(1, 1, 1),
    } == rules(found)
    assert matrix_of(SITE).groups == found.groups
    assert not found.default.allows


def test_held_against_its_own_proposal_nothing_is_broken() -> None:
    """And what was not seen is."""
    found = data_of(learned(Learner(matrix_of(SITE).groups)).proposed())
    assert [] == broken(observer(found), SEEN)
    assert ["default"] == broken(observer(found), f.answered(0, PUMP, SERVER, dport=8443))


def test_without_groups_each_network_is_one() -> None:
    """Those that were seen, named by their prefix; it can be read back."""
    found = learned(Learner()).proposed()
    assert ["10.77.0.0/24", "10.77.1.0/24", "10.77.2.0/24"] == [group.name for group in found.groups]
    assert Seen(3, 2, 2) == rules(found)["10.77.0.0/24 to 10.77.1.0/24 443/tcp"]
    assert found == matrix_of(data_of(found))
    assert [] == broken(observer(data_of(found)), SEEN)


def test_groups_by_role() -> None:
    """Declared hosts are learned as what they are."""
    groups = matrix_of(SITE).groups
    roles = {f.packed(f.ip_of(STRANGER)): "admin"}
    assert "admins to servers 22/tcp" in rules(learned(Learner(groups, Groups(groups, roles))).proposed())


def test_what_few_pairs_did_can_be_left_out() -> None:
    """Three pairs stay, one does not; no group without a rule is proposed."""
    found = learned(Learner()).proposed(least_pairs=2)
    assert ["10.77.0.0/24 to 10.77.1.0/24 443/tcp"] == list(rules(found))
    assert 2 == len(found.groups)


def test_no_room_is_counted() -> None:
    """Two pairs are kept, the others are dropped at each reading."""
    learner = learned(Learner(most=2))
    assert (2, 2 * 4) == (learner.counts.pairs, learner.counts.dropped)
