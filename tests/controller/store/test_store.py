"""The database: schema, audit chain under every kind of tampering, idempotent records, sightings."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from controller.core.errors import ConfigError, NotFound, StoreError
from controller.store import Store, alerts, audit, containments, database, endpoints, open_store
from controller.store.endpoints import Sighting
from controller.store.tables import metadata


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A database on disk."""
    found = open_store(f"sqlite:///{tmp_path / 'cordon.db'}")
    yield found
    found.close()


def append(store: Store, number: int) -> None:
    """One audit entry."""
    with store.transaction() as tx:
        audit.append(tx, at_ms=number, actor="test", what="thing", subject=str(number), body={"n": number})


def verified(store: Store, head: tuple[int, str] | None = None) -> audit.AuditReport:
    """What verifying finds."""
    with store.reading() as connection:
        return audit.verify(connection, head)


def test_the_newest_schema_is_the_last_migration(store: Store) -> None:
    """What `open_store` takes for the newest is what migrating leads to."""
    with store.reading() as connection:
        assert database.NEWEST == MigrationContext.configure(connection).get_current_revision()
    folder = Path(database.__file__).parent / "migrations"
    assert [database.NEWEST] == ScriptDirectory(str(folder)).get_heads()


def test_opening_waits_for_no_writer(store: Store, tmp_path: Path) -> None:
    """A command that only reads is not held up by whoever writes just now."""
    with store.transaction() as tx:
        audit.append(tx, at_ms=1, actor="test", what="thing", subject="1", body={})
        second = open_store(f"sqlite:///{tmp_path / 'cordon.db'}")
        assert verified(second).intact
        second.close()


def test_who_reads_and_who_writes_do_not_wait_for_each_other(store: Store) -> None:
    """Be it in one process or in several: what is read is what was committed last."""
    other = Store(create_engine(store.engine.url, connect_args={"timeout": 0}))
    append(store, 1)
    with store.reading() as reading, other.reading() as elsewhere:
        assert (1, 1) == (audit.count(reading), audit.count(elsewhere))
        with store.transaction() as tx:
            audit.append(tx, at_ms=2, actor="test", what="thing", subject="2", body={})
            assert (1, 1) == (audit.count(reading), audit.count(elsewhere))
        assert (2, 2) == (audit.count(reading), audit.count(elsewhere))
    other.close()


def test_migrations_end_where_the_tables_are(store: Store) -> None:
    """Alembic finds no difference between a migrated database and the tables in the code."""
    with store.reading() as connection:
        assert [] == compare_metadata(MigrationContext.configure(connection), metadata)


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    """A second start migrates nothing and keeps what is there."""
    url = f"sqlite:///{tmp_path / 'cordon.db'}"
    first = open_store(url)
    append(first, 1)
    first.close()
    second = open_store(url)
    assert 1 == verified(second).entries
    second.close()


def test_an_address_that_is_none() -> None:
    """A store address that cannot be is a configuration error."""
    with pytest.raises(ConfigError):
        open_store("nonsense")


TAMPERING = {
    "edited": "UPDATE audit SET body = '{\"n\":99}' WHERE seq = 5",
    "another actor": "UPDATE audit SET actor = 'nobody' WHERE seq = 5",
    "another time": "UPDATE audit SET at_ms = 0 WHERE seq = 5",
    "deleted": "DELETE FROM audit WHERE seq = 5",
    "first deleted": "DELETE FROM audit WHERE seq = 1",
    "cut off at the end": "DELETE FROM audit WHERE seq > 7",
    "everything deleted": "DELETE FROM audit",
    "inserted at the end": "INSERT INTO audit SELECT 11, at_ms, actor, what, subject, body, hash, 'x' FROM audit WHERE seq = 10",
    "head changed": "UPDATE audit_head SET hash = 'x'",
    "hash changed": "UPDATE audit SET hash = 'x' WHERE seq = 10",
}


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_found(store: Store, name: str) -> None:
    """Edited, deleted, cut off: the first entry that is wrong is named."""
    for number in range(10):
        append(store, number)
    assert verified(store).intact
    with store.transaction() as tx:
        tx.exec_driver_sql(TAMPERING[name])
    assert not verified(store).intact
    assert verified(store).broken_at is not None


def test_two_entries_swapped_are_found(store: Store) -> None:
    """The order is part of the chain."""
    for number in range(6):
        append(store, number)
    with store.transaction() as tx:
        for statement in ("seq = 100 WHERE seq = 3", "seq = 3 WHERE seq = 4", "seq = 4 WHERE seq = 100"):
            tx.exec_driver_sql(f"UPDATE audit SET {statement}")
    assert not verified(store).intact


def test_a_chain_computed_anew_is_found_by_a_head_kept_elsewhere(store: Store, tmp_path: Path) -> None:
    """Somebody with write access can forge a whole chain; not one that ends in the head that was kept elsewhere."""
    for number in range(5):
        append(store, number)
    head = verified(store)
    other = open_store(f"sqlite:///{tmp_path / 'other.db'}")
    for number in range(6):
        append(other, number + 100)
    assert verified(other).intact
    assert not verified(other, (head.entries, head.head)).intact
    assert verified(store, (head.entries, head.head)).intact
    other.close()


def test_many_threads_keep_the_chain_whole(store: Store) -> None:
    """Writers queue up; no entry is lost and the chain has no fork."""
    threads = [threading.Thread(target=lambda: [append(store, n) for n in range(20)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (120, True) == (verified(store).entries, verified(store).intact)


def test_threads_hand_over_to_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits by SQLite's sleeping: with no patience at all for a busy database, every thread's writes get in."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 0)
    store, failed = open_store(f"sqlite:///{tmp_path / 'cordon.db'}"), list[StoreError]()

    def write() -> None:
        for number in range(30):
            try:
                append(store, number)
            except StoreError as error:
                failed.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        assert ([], 120) == (failed, audit.count(connection))
    store.close()


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    """All or nothing, the audit entry included."""
    with pytest.raises(RuntimeError), store.transaction() as tx:  # noqa: PT012
        audit.append(tx, at_ms=1, actor="test", what="thing", subject="1")
        raise RuntimeError
    assert 0 == verified(store).entries


def alert(**changes: Any) -> dict[str, Any]:
    """An alert as detectors give it."""
    found = {
        "alert_id": "a1", "detector": "sweep", "technique": "T1046", "severity": "medium", "response": "recommend",
        "src_ip": "10.0.0.1", "src_mac": None, "exporter": None, "in_if": None, "first_flow_at": 1, "alerted_at": 2,
    }  # fmt: skip
    return {**found, **changes}


def test_alerts_are_recorded_once(store: Store) -> None:
    """The same id again is no second alert; one that asks for more brings the first up to date, audited."""
    with store.transaction() as tx:
        assert alerts.record(tx, alert(), site=None, now_ms=10)
        assert not alerts.record(tx, alert(), site=None, now_ms=11)
        stronger = alert(response="auto", severity="high", exporter="192.0.2.1", in_if=4)
        assert not alerts.record(tx, stronger, site=None, now_ms=12)
        assert not alerts.record(tx, alert(), site=None, now_ms=13)
    with store.reading() as connection:
        (found,) = alerts.newest(connection)
        whats = [entry["what"] for entry in reversed(audit.entries(connection))]
    assert ("auto", 4) == (found["response"], found["in_if"])
    assert ["alert", "alert.stronger"] == whats


def test_findings_join_an_alert(store: Store) -> None:
    """Another detector's finding is added, audited; a worker that began anew and knows less of it takes nothing away."""
    sweep, scan = ({"detector": name, "found_ms": 5} for name in ("sweep", "portscan"))
    with store.transaction() as tx:
        alerts.record(tx, alert(findings=[sweep]), site=None, now_ms=10)
        alerts.record(tx, alert(findings=[sweep, scan], severity="high", risk={"score": 75}), site=None, now_ms=11)
        alerts.record(tx, alert(findings=[scan]), site=None, now_ms=12)
    with store.reading() as connection:
        found = alerts.find(connection, "a1")
        whats = [entry["what"] for entry in reversed(audit.entries(connection))]
    assert found is not None
    assert ["sweep", "portscan"] == [finding["detector"] for finding in found["findings"]]
    assert ("high", {"score": 75}) == (found["severity"], found["risk"])
    assert ["alert", "alert.joined"] == whats


def test_an_earlier_infector_corrects_the_chain(store: Store) -> None:
    """Same id, same finding, another patient zero: audited with both. A worker that knows less of it changes nothing."""

    def spread(*links: tuple[str, str, int]) -> dict[str, Any]:
        steps = [{"from": attacker, "to": victim, "at_ms": at_ms} for attacker, victim, at_ms in links]
        chain = [links[0][0], *(victim for _, victim, _ in links)]
        finding = {"detector": "spread", "found_ms": 5, "links": steps}
        return alert(findings=[finding], chain=chain, patient_zero=chain[0])

    told, earlier = spread(("b", "c", 50)), spread(("a", "b", 20), ("b", "c", 50))
    with store.transaction() as tx:
        for now_ms, said in enumerate((told, earlier, told, spread(("d", "c", 60)))):
            alerts.record(tx, said, site=None, now_ms=now_ms)
    with store.reading() as connection:
        found = alerts.find(connection, "a1")
        entries = list(reversed(audit.entries(connection)))
    assert found is not None
    assert (["a", "b", "c"], "a", earlier["findings"]) == (found["chain"], found["patient_zero"], found["findings"])
    assert ["alert", "alert.corrected"] == [entry["what"] for entry in entries]
    assert ["b", "a"] == entries[-1]["body"]["patient_zero"]


def test_sightings(store: Store) -> None:
    """A move is noted with both places; late news and unknown fields change nothing."""
    mac = "02:00:00:00:00:01"
    with store.transaction() as tx:
        assert endpoints.see(tx, Sighting(mac, 100, ip="10.0.0.1", switch="sw1", port="ge1"))
        assert not endpoints.see(tx, Sighting(mac, 200, switch="sw1", port="ge1"))
        assert endpoints.see(tx, Sighting(mac, 300, switch="sw2", port="ge9"))
        assert not endpoints.see(tx, Sighting(mac, 150, switch="sw1", port="ge1"))
    with store.reading() as connection:
        (found,) = endpoints.find(connection, "10.0.0.1")
        places = [(s["switch"], s["from_ms"], s["to_ms"]) for s in endpoints.history(connection, mac)]
    assert ("sw2", "ge9", 100, 300) == (found["switch"], found["port"], found["first_seen_ms"], found["last_seen_ms"])
    assert [("sw2", 300, 300), ("sw1", 100, 200)] == places


def test_a_machine_that_was_off(store: Store) -> None:
    """After a pause it has a new row, even at the same place: each is a time online."""
    mac = "02:00:00:00:00:01"
    back_ms = 100 + endpoints.OFFLINE_MS + 1
    with store.transaction() as tx:
        assert endpoints.see(tx, Sighting(mac, 100, switch="sw1", port="ge1"))
        assert endpoints.see(tx, Sighting(mac, back_ms, switch="sw1", port="ge1"))
    with store.reading() as connection:
        assert [(back_ms, back_ms), (100, 100)] == [
            (row["from_ms"], row["to_ms"]) for row in endpoints.history(connection, mac)
        ]


def test_a_containment_that_is_not_there(store: Store) -> None:
    """NotFound, with what to do."""
    with store.reading() as connection, pytest.raises(NotFound, match="action ls"):
        containments.find(connection, "con_none")
