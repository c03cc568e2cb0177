"""What a new edge means: alone little, more with others like it; servers, administrators and declared hosts are ordinary."""

import numpy as np

from detectors.alert import Response, Severity
from detectors.notice import notice_id
from tests.detectors import flows as f

from .edges import DAY, HOUR, LEARN_MS, MINUTE, learned, notices, observer, said

T = LEARN_MS + HOUR  # learning is over


def everyday(clients: int = 8, server: int = 500) -> list[f.Row]:
    """A domain controller or file server that everybody uses."""
    return [
        row
        for host in range(1, clients + 1)
        for port in (445, 135)
        for row in f.answered(host, host, server, dport=port)
    ]


def test_nothing_is_said_while_learning() -> None:
    """However much is new."""
    to = observer()
    rows = [row for host in range(2, 30) for row in f.answered(host * MINUTE, 1, host)]
    assert [] == notices(to, rows)
    assert 28 == to.counts.learned


def test_one_new_service_is_for_information() -> None:
    """Low-key, the pair named, the technique that of the service, no response."""
    (found,) = notices(learned(), f.answered(T, 1, 2, dport=5985))
    assert (Severity.INFO, Response.NONE, "T1021.006") == (found.severity, found.response, found.finding.technique)
    assert (f.ip_of(1), (f.ip_of(2),), (5985,)) == (
        found.finding.endpoint.src_ip, found.finding.targets, found.finding.ports
    )  # fmt: skip


def test_what_is_below_the_shown_severity_is_counted() -> None:
    """The live service shows `low` and worse."""
    to = learned(show=None)
    assert [] == notices(to, f.answered(T, 1, 2, dport=5985))
    assert 1 == to.counts.below


def test_what_was_learned_is_not_new() -> None:
    """Also after weeks."""
    to = learned(f.answered(DAY, 1, 2, dport=22))
    assert [] == notices(to, f.answered(T, 1, 2, dport=22))


def test_several_services_of_one_machine() -> None:
    """PsExec: SMB and the RPC mapper within seconds is medium; the same alert, raised again."""
    found = notices(learned(), [*f.answered(T, 1, 2), *f.answered(T + 9_000, 1, 2, dport=135)])
    assert [("newpeer", "info"), ("newpeer-services", "medium")] == [pair[:2] for pair in said(found)]
    assert 1 == len({notice_id(n) for n in found})
    assert (2, 2) == (found[1].finding.threshold, found[1].finding.value)


def test_one_use_of_wmi_is_one_service() -> None:
    """The mapper and the dynamic port it names belong together."""
    rows = [*f.answered(T, 1, 2, dport=135), *f.answered(T + 10, 1, 2, dport=49_668)]
    assert ["info"] == [str(n.severity) for n in notices(learned(), rows)]


def test_a_client_of_a_domain_controller_is_ordinary() -> None:
    """SMB and RPC at once to a server that everybody uses."""
    found = notices(learned(everyday()), everyday_client(60, T))
    assert ["info"] == [str(n.severity) for n in found]


def everyday_client(host: int, at_ms: int) -> list[f.Row]:
    """A new member of the domain."""
    return [*f.answered(at_ms, host, 500), *f.answered(at_ms + 500, host, 500, dport=135)]


def test_a_machine_that_was_just_reached_goes_on() -> None:
    """From 1 to 2, and ten minutes later from 2 to 3: medium, and it says by whom."""
    found = notices(learned(), [*f.answered(T, 1, 2, dport=22), *f.answered(T + 10 * MINUTE, 2, 3, dport=3389)])
    assert ("newpeer-chain", "medium", f.ip_of(3)) == said(found)[-1]
    assert f.ip_of(1) == found[-1].words["by"]


def test_an_answer_in_kind_is_no_chain() -> None:
    """The machine that was reached reaches back."""
    found = notices(learned(), [*f.answered(T, 1, 2, dport=22), *f.answered(T + MINUTE, 2, 1, dport=22)])
    assert ["info", "info"] == [str(n.severity) for n in found]


def test_many_new_machines_at_once() -> None:
    """Four within fifteen minutes is one notice of the source, and the single ones stop."""
    rows = [row for n in range(12) for row in f.answered(T + n * MINUTE, 1, 2 + n)]
    found = said(notices(learned(), rows))
    assert 1 == sum(text == "newpeer-fanout" for text, _, _ in found)
    assert len(found) <= 5


def test_many_new_sources_at_one_machine() -> None:
    """Four within fifteen minutes: the one that makes it four is shown."""
    rows = [row for n in range(6) for row in f.answered(T + n * MINUTE, 1 + n, 50, dport=3389)]
    assert ["newpeer-fanin"] == [text for text, _, _ in said(notices(learned(), rows)) if text != "newpeer"]


def test_an_administrators_machine() -> None:
    """New machines are its daily work: one with two services is for information, a burst needs twice as many."""
    daily = [row for n in range(20) for row in f.answered(n * HOUR, 1, 100 + n, dport=3389)]
    rows = [*f.answered(T, 1, 300, dport=3389), *f.answered(T + 1_000, 1, 300, dport=5985)]
    rows += [row for n in range(5) for row in f.answered(T + HOUR + n, 1, 310 + n, dport=3389)]
    assert {"info"} == {severity for _, severity, _ in said(notices(learned(daily), rows))}


def test_declared_hosts_are_left_alone() -> None:
    """A scanner that logs in everywhere."""
    to = learned(host_roles={f.packed(f.ip_of(1)): "scanner"})
    assert [] == notices(to, [row for n in range(9) for row in f.answered(T + n, 1, 2 + n, dport=22)])
    assert 9 == to.counts.excepted


def test_backup_that_fetches_from_known_servers() -> None:
    """The nightly run goes where it went."""
    nightly = [row for n in range(9) for row in f.answered(n * MINUTE, 400, 500 + n)]
    assert [] == notices(learned(nightly), [r | {"received_ms": r["received_ms"] + T} for r in nightly])


def test_a_recording_without_a_baseline() -> None:
    """Everything first seen is said, at most as low, and that nothing was learned."""
    found = notices(observer(learn_ms=0, report_unlearned=True), everyday_client(1, 0))
    assert [("newpeer", "info"), ("newpeer-services", "low")] == [pair[:2] for pair in said(found)]
    assert {0.0} == {n.words["days"] for n in found}


def test_what_was_learned_survives_a_restart() -> None:
    """Edges, when learning began, who is a server and who is an administrator."""
    daily = [row for n in range(20) for row in f.answered(n * HOUR, 1, 100 + n, dport=3389)]
    before, after = learned([*everyday(), *daily]), observer()
    after.learn(before.state())
    rows = [*everyday_client(60, T), *f.answered(T, 1, 300, dport=3389), *f.answered(T + 1_000, 1, 300, dport=5985)]
    assert said(notices(before, rows)) == said(notices(after, rows))
    assert len(said(notices(after, f.answered(T + DAY, 70, 71)))) == 1


def test_same_ids_whatever_the_batches_and_a_little_out_of_order() -> None:
    """Twice, in batches of 7, and with one row in a hundred late."""
    rng = np.random.default_rng(3)
    rows = []
    for n in range(400):
        src, dst = rng.integers(1, 40, 2)
        rows += f.answered(
            T + n * 20_000, int(src), int(dst), dport=int(rng.choice([22, 445, 135, 3389])), sport=50_000 + n
        )
    expected = ids(rows, 500)
    assert expected == ids(rows, 500)
    assert expected == ids(rows, 7)
    late = [row | {"order": row["received_ms"] + (500 if rng.random() < 0.01 else 0)} for row in rows]
    shuffled = [{k: v for k, v in row.items() if k != "order"} for row in sorted(late, key=lambda row: row["order"])]
    assert expected == ids(shuffled, 50)


def ids(rows: list[f.Row], batch: int) -> set[tuple[str, str]]:
    """Ids and what was said, in the order given."""
    to, found = learned(), []
    for start in range(0, len(rows), batch):
        found += list(to.take(f.batch_of(rows[start : start + batch])))
    return {(notice_id(n), n.text) for n in found}
