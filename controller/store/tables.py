"""The tables, with types that SQLite and PostgreSQL both have. Times are epoch ms; `body` columns hold JSON text.

A change here needs a migration in `migrations/versions`; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

sites = Table(
    "sites",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("mode", String(20), nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("role", String(20), nullable=False),  # viewer | operator | approver | admin
    Column("created_ms", BigInteger, nullable=False),
)

endpoints = Table(
    "endpoints",
    metadata,
    Column("mac", String(17), primary_key=True),
    Column("ip", String(45)),
    Column("site", String(100)),
    Column("switch", String(100)),
    Column("ifindex", BigInteger),
    Column("port", String(255)),
    Column("vlan", Integer),
    Column("first_seen_ms", BigInteger, nullable=False),
    Column("last_seen_ms", BigInteger, nullable=False),
    Index(None, "ip"),
)

sightings = Table(
    "sightings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mac", String(17), ForeignKey("endpoints.mac"), nullable=False, index=True),
    Column("ip", String(45)),
    Column("switch", String(100)),
    Column("ifindex", BigInteger),
    Column("port", String(255)),
    Column("vlan", Integer),
    Column("from_ms", BigInteger, nullable=False),
    Column("to_ms", BigInteger, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", String(64), primary_key=True),
    Column("site", String(100)),
    Column("detector", String(50), nullable=False),
    Column("technique", String(20), nullable=False),
    Column("severity", String(10), nullable=False),
    Column("response", String(10), nullable=False),
    Column("src_ip", String(45), nullable=False),
    Column("src_mac", String(17)),
    Column("exporter", String(45)),
    Column("in_if", BigInteger),
    Column("first_flow_ms", BigInteger, nullable=False),
    Column("alerted_ms", BigInteger, nullable=False),
    Column("recorded_ms", BigInteger, nullable=False),
    Column("status", String(20), nullable=False),  # new | acknowledged | closed
    Column("body", Text, nullable=False),
    Index(None, "recorded_ms"),
)

requests = Table(
    "requests",
    metadata,
    Column("request_id", String(64), primary_key=True),
    Column("source", String(100), nullable=False),
    Column("key", String(200)),
    Column("body_hash", String(64)),
    Column("origin", String(20), nullable=False),
    Column("requested_by", String(200), nullable=False),
    Column("requested_ms", BigInteger, nullable=False),
    Column("site", String(100)),
    Column("alert_id", String(64)),
    Column("body", Text, nullable=False),
    UniqueConstraint("source", "key"),
    Index(None, "requested_ms"),
)

containments = Table(
    "containments",
    metadata,
    Column("containment_id", String(64), primary_key=True),
    Column("request_id", String(64), ForeignKey("requests.request_id"), nullable=False, unique=True),
    Column("state", String(20), nullable=False, index=True),
    Column("origin", String(20), nullable=False),
    Column("site", String(100)),
    Column("mode", String(20)),
    Column("verb", String(20), nullable=False),
    Column("via", String(20)),
    Column("switch", String(100)),
    Column("ifindex", BigInteger),
    Column("port", String(255)),
    Column("mac", String(17)),
    Column("ip", String(45)),
    Column("location", Text),
    Column("judgement", Text),
    Column("plan", Text),
    Column("why", Text),
    Column("approvals_needed", Integer, nullable=False),
    Column("renewals", Integer, nullable=False),
    Column("unsettled", Boolean, nullable=False),  # failed, and what the switch does now is not known
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Column("applied_ms", BigInteger),
    Column("contained_ms", BigInteger),
    Column("until_ms", BigInteger),
    Column("retry_ms", BigInteger),
    Column("claimed_by", String(64)),
    Column("claimed_until_ms", BigInteger),
    Column("lane", String(100)),  # the switch it is about as far as the request tells: work queues up behind that one
    Column("vlan", Integer),  # that a quarantine moves the port to
    Column("problem", String(40)),  # code of the error for which nothing was sent
    Column("proposal", Text),  # what a person is asked about it while it holds
    Index(None, "switch", "ifindex"),
)

steps = Table(
    "steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("containment_id", String(64), ForeignKey("containments.containment_id"), nullable=False, index=True),
    Column("direction", String(10), nullable=False),  # apply | undo
    Column("step", Integer, nullable=False),
    Column("state", String(10), nullable=False),  # intent | sent | verified | failed
    Column("exchanges", Text, nullable=False),
    Column("detail", Text),
    Column("intent_ms", BigInteger, nullable=False),
    Column("sent_ms", BigInteger),
    Column("settled_ms", BigInteger),
)

transitions = Table(
    "transitions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("containment_id", String(64), ForeignKey("containments.containment_id"), nullable=False, index=True),
    Column("before", String(20)),
    Column("after", String(20), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("why", Text),
)

approvals = Table(
    "approvals",
    metadata,
    Column("containment_id", String(64), ForeignKey("containments.containment_id"), primary_key=True),
    Column("by", String(200), primary_key=True),
    Column("decision", String(10), nullable=False),  # approve | reject | withdrawn
    Column("reason", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

# Stops of all automatic action, of a site or of every one (scope "*"); open until a person clears them.
stops = Table(
    "stops",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scope", String(100), nullable=False, index=True),
    Column("stopped_by", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Column("stopped_ms", BigInteger, nullable=False),
    Column("cleared_by", String(200)),
    Column("cleared_why", Text),
    Column("cleared_ms", BigInteger),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("what", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# One row: what the last link is, so that cutting off the tail shows.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)
