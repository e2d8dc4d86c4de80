"""Every table of Vigil, in the schema `vigil`.

Names are singular, keys `<table>_id`, 64 bits wide. Moments are `timestamptz`; places are
EPSG:4326, longitude first. The migrations are the truth for a database that stands; a test
holds the two together.
"""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

SCHEMA = "vigil"

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    },
)


def _key(name: str) -> Column:
    return Column(name, BigInteger, Identity(), primary_key=True)


def _ref(name: str, target: str, *, nullable: bool = False) -> Column:
    return Column(name, BigInteger, ForeignKey(f"{SCHEMA}.{target}"), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> Column:
    return Column(name, DateTime(timezone=True), nullable=nullable)


# ---- people and cases

person = Table(
    "person",
    metadata,
    _key("person_id"),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    _moment("added_at"),
    CheckConstraint("role in ('offender', 'victim')", name="role"),
)

case = Table(
    "case",
    metadata,
    _key("case_id"),
    Column("code", Text, nullable=False, unique=True),
    _ref("offender_id", "person.person_id"),
    Column("area", Text, nullable=False, server_default=""),
    Column("order_reference", Text, nullable=False, server_default=""),
    _moment("order_from"),
    _moment("order_until", nullable=True),
)

pair = Table(
    "pair",
    metadata,
    _key("pair_id"),
    _ref("case_id", "case.case_id"),
    _ref("offender_id", "person.person_id"),
    _ref("victim_id", "person.person_id"),
    Column("warn_m", Double, nullable=False),
    Column("alarm_m", Double, nullable=False),
    _moment("valid_from"),
    _moment("valid_to", nullable=True),
    CheckConstraint("0 < alarm_m and alarm_m <= warn_m", name="distances"),
)

# ---- hardware

device = Table(
    "device",
    metadata,
    _key("device_id"),
    Column("serial", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("model", Text, nullable=False, server_default=""),
    Column("firmware", Text, nullable=False, server_default=""),
    # SHA-256 of a random 160-bit key: nothing to guess, so nothing to slow down.
    Column("key_hash", BYTEA, nullable=False),
    _moment("added_at"),
    _moment("retired_at", nullable=True),
    CheckConstraint("kind in ('tag', 'handset')", name="kind"),
)

activation = Table(
    "activation",
    metadata,
    _key("activation_id"),
    _ref("device_id", "device.device_id"),
    _ref("person_id", "person.person_id"),
    _moment("started_at"),
    _moment("ended_at", nullable=True),
    # The reporting plan: how often the device should speak.
    Column("report_every_s", Integer, nullable=False, server_default=text("60")),
)
# One device is on one person at a time.
Index(
    "uq_activation_open_device",
    activation.c.device_id,
    unique=True,
    postgresql_where=activation.c.ended_at.is_(None),
)
Index("ix_activation_person_id", activation.c.person_id)

# ---- zones

zone = Table(
    "zone",
    metadata,
    _key("zone_id"),
    _ref("case_id", "case.case_id"),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    _ref("victim_id", "person.person_id", nullable=True),
    CheckConstraint("kind in ('exclusion', 'inclusion', 'neutral')", name="kind"),
)
Index("ix_zone_case_id", zone.c.case_id)

zone_version = Table(
    "zone_version",
    metadata,
    _key("zone_version_id"),
    _ref("zone_id", "zone.zone_id"),
    Column("number", Integer, nullable=False),
    Column("shape", Geometry("MULTIPOLYGON", 4326, spatial_index=True), nullable=False),
    # How it was drawn, so that a circle stays a circle: {"circle": {"lon":, "lat":, "radius_m":}}.
    Column("drawn_as", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("buffer_m", Double, nullable=False, server_default=text("0")),
    Column("schedule", JSONB, nullable=True),  # None: always in force
    # Half-open validity [valid_from, valid_to): two versions never hold at one moment.
    _moment("valid_from"),
    _moment("valid_to", nullable=True),
    _moment("recorded_at"),
    _ref("recorded_by", "user.user_id", nullable=True),
    Column("reason", Text, nullable=False, server_default=""),
    UniqueConstraint("zone_id", "number"),
    CheckConstraint("buffer_m >= 0", name="buffer"),
    CheckConstraint("valid_to is null or valid_from < valid_to", name="validity"),
)

policy = Table(
    "policy",
    metadata,
    _key("policy_id"),
    _moment("valid_from"),
    _moment("recorded_at"),
    _ref("recorded_by", "user.user_id", nullable=True),
    Column("thresholds", JSONB, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
)

# ---- what came in

reading = Table(
    "reading",
    metadata,
    Column("reading_id", BigInteger, Identity(), nullable=False, primary_key=True),
    Column("received_at", DateTime(timezone=True), nullable=False, primary_key=True),
    Column("device_id", BigInteger, nullable=False),
    Column("activation_id", BigInteger, nullable=True),  # None: the device is on nobody
    Column("protocol", Text, nullable=False),
    Column("peer", Text, nullable=False, server_default=""),
    Column("content_type", Text, nullable=False, server_default=""),
    # Request target with the key's value taken out: a secret must not become evidence.
    Column("target", Text, nullable=False, server_default=""),
    Column("raw", LargeBinary, nullable=False),
    Column("fix_count", Integer, nullable=False),
    # The decoder's records (data.model.fix.FIX_DTYPE), so that judging reads arrays.
    Column("fixes", LargeBinary, nullable=False),
    postgresql_partition_by="RANGE (received_at)",
)

# The queue of the judge. A row leaves it in the transaction that keeps the fixes.
pending = Table(
    "pending",
    metadata,
    Column("reading_id", BigInteger, primary_key=True, autoincrement=False),
    _moment("received_at"),
    Column("activation_id", BigInteger, nullable=False),
    Column("slice", SmallInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
)
Index("ix_pending_slice_reading_id", pending.c.slice, pending.c.reading_id)

quarantine = Table(
    "quarantine",
    metadata,
    _key("quarantine_id"),
    _moment("received_at"),
    _moment("last_at"),
    Column("times", BigInteger, nullable=False, server_default=text("1")),
    Column("device_id", BigInteger, nullable=True),  # None: nobody we know
    Column("protocol", Text, nullable=False),
    Column("peer", Text, nullable=False, server_default=""),
    Column("field", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False, server_default=text("0")),
    Column("raw", LargeBinary, nullable=False),  # at most the first 64 KiB
    # What counts as "the same again" for callers we do not know; None keeps every row apart.
    Column("repeat_key", Text, nullable=True, unique=True),
)
Index("ix_quarantine_device_id", quarantine.c.device_id)

# ---- what was judged

fix = Table(
    "fix",
    metadata,
    Column("activation_id", BigInteger, primary_key=True, autoincrement=False),
    Column("fixed_at", DateTime(timezone=True), primary_key=True),
    Column("fingerprint", BigInteger, primary_key=True, autoincrement=False),
    _moment("received_at"),
    _moment("judged_at"),
    Column("reading_id", BigInteger, nullable=False),
    Column("position", Geometry("POINT", 4326, spatial_index=False), nullable=True),
    Column("radius_95_m", REAL, nullable=True),
    Column("speed_mps", REAL, nullable=True),
    Column("heading_deg", REAL, nullable=True),
    Column("altitude_m", REAL, nullable=True),
    Column("hdop", REAL, nullable=True),
    Column("battery_pct", REAL, nullable=True),
    Column("satellites", SmallInteger, nullable=True),
    Column("sequence", BigInteger, nullable=True),
    Column("mechanism", SmallInteger, nullable=False),
    Column("events", Integer, nullable=False),
    Column("flags", Integer, nullable=False),
    postgresql_partition_by="RANGE (fixed_at)",
)

# Fixes whose clock was wrong count when they were received; without this they would be looked
# for in every partition. 6 is FixFlag.FUTURE | FixFlag.STALE_CLOCK.
Index(
    "ix_fix_wrong_clock",
    fix.c.activation_id,
    fix.c.received_at,
    postgresql_where=text("(flags & 6) <> 0"),
)

# One row for a fix and a zone where the fix counts: near, inside, or part of a visit.
fix_verdict = Table(
    "fix_verdict",
    metadata,
    Column("activation_id", BigInteger, primary_key=True, autoincrement=False),
    Column("fixed_at", DateTime(timezone=True), primary_key=True),
    Column("fingerprint", BigInteger, primary_key=True, autoincrement=False),
    Column("zone_version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("p_inside", REAL, nullable=False),
    Column("p_filtered", REAL, nullable=False),
    Column("edge_m", REAL, nullable=False),  # distance to the edge, negative inside
    Column("grade", SmallInteger, nullable=False),
    postgresql_partition_by="RANGE (fixed_at)",
)

# The newest believable fix of each activation, for the live map.
live_fix = Table(
    "live_fix",
    metadata,
    Column("activation_id", BigInteger, primary_key=True, autoincrement=False),
    _moment("fixed_at"),
    _moment("received_at"),
    _moment("judged_at"),
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("radius_95_m", REAL, nullable=False),
    Column("speed_mps", REAL, nullable=True),
    Column("heading_deg", REAL, nullable=True),
    Column("battery_pct", REAL, nullable=True),
    Column("mechanism", SmallInteger, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("state", SmallInteger, nullable=False),  # data.model.live.TagState
)
Index("ix_live_fix_judged_at", live_fix.c.judged_at)

# Where judging stands for one activation, as the rules pack it.
judge_state = Table(
    "judge_state",
    metadata,
    Column("activation_id", BigInteger, primary_key=True, autoincrement=False),
    _moment("as_of"),
    Column("state", LargeBinary, nullable=False),
)

# The same as it stood at a quarter of an hour, so that late fixes can be judged from there.
judge_snapshot = Table(
    "judge_snapshot",
    metadata,
    Column("activation_id", BigInteger, primary_key=True, autoincrement=False),
    Column("boundary", DateTime(timezone=True), primary_key=True),
    Column("as_of", DateTime(timezone=True), nullable=False),
    Column("state", LargeBinary, nullable=False),
)

# Where judging stands for two tracks of a pair.
pair_state = Table(
    "pair_state",
    metadata,
    Column("pair_id", BigInteger, primary_key=True, autoincrement=False),
    Column("offender_activation_id", BigInteger, primary_key=True, autoincrement=False),
    Column("victim_activation_id", BigInteger, primary_key=True, autoincrement=False),
    _moment("as_of"),
    Column("state", LargeBinary, nullable=False),
)

pair_snapshot = Table(
    "pair_snapshot",
    metadata,
    Column("pair_id", BigInteger, primary_key=True, autoincrement=False),
    Column("offender_activation_id", BigInteger, primary_key=True, autoincrement=False),
    Column("victim_activation_id", BigInteger, primary_key=True, autoincrement=False),
    Column("boundary", DateTime(timezone=True), primary_key=True),
    Column("as_of", DateTime(timezone=True), nullable=False),
    Column("state", LargeBinary, nullable=False),
)

# The coverage ledger: half-open stretches that together leave no moment out.
coverage = Table(
    "coverage",
    metadata,
    Column("activation_id", BigInteger, primary_key=True, autoincrement=False),
    Column("zone_id", BigInteger, primary_key=True, autoincrement=False),
    Column("from_at", DateTime(timezone=True), primary_key=True),
    # A re-judging adds its stretches under the next edition; the highest edition of a moment holds.
    Column("edition", Integer, primary_key=True, autoincrement=False),
    _moment("to_at"),
    Column("seen", SmallInteger, nullable=False),  # data.model.judging.Seen
    Column("cause", SmallInteger, nullable=False),  # data.model.judging.Unseen
    Column("reachable_on_foot", Boolean, nullable=False),
    Column("reachable_by_car", Boolean, nullable=False),
)

# ---- breaches and alerts

breach = Table(
    "breach",
    metadata,
    _key("breach_id"),
    Column("kind", Text, nullable=False),
    _ref("case_id", "case.case_id"),
    _ref("activation_id", "activation.activation_id"),
    _ref("zone_id", "zone.zone_id", nullable=True),
    _ref("pair_id", "pair.pair_id", nullable=True),
    _moment("entered_at"),
    Column("found_on_backfill", Boolean, nullable=False),
    _moment("recorded_at"),
    CheckConstraint("(zone_id is null) <> (pair_id is null)", name="zone_or_pair"),
)
Index("ix_breach_activation_id_entered_at", breach.c.activation_id, breach.c.entered_at)
Index("ix_breach_case_id_entered_at", breach.c.case_id, breach.c.entered_at)

# What is known of a breach, by addition: the highest revision holds, no row is ever changed.
breach_revision = Table(
    "breach_revision",
    metadata,
    Column(
        "breach_id",
        BigInteger,
        ForeignKey(f"{SCHEMA}.breach.breach_id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    _moment("recorded_at"),
    Column("zone_version_id", BigInteger, nullable=True),
    Column("channel", SmallInteger, nullable=False),
    Column("grade", SmallInteger, nullable=False),
    Column("cause", Text, nullable=False),
    _moment("entered_at"),
    _moment("confirmed_at", nullable=True),
    _moment("left_at", nullable=True),
    Column("p_inside_max", Double, nullable=False),
    Column("radius_95_m", Double, nullable=True),  # of the fix with p_inside_max
    Column("edge_m", Double, nullable=True),  # deepest; negative inside
    Column("fixes", Integer, nullable=False),
    Column("crossings", Integer, nullable=False, server_default=text("1")),
    Column("withdrawn", Boolean, nullable=False, server_default=text("false")),
    Column("policy_id", BigInteger, nullable=True),
    Column("proof", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
)

alert = Table(
    "alert",
    metadata,
    _key("alert_id"),
    # "breach:17", "silent:4:2026-11-20T03:00": one condition, one alert, however often it is found.
    Column("condition_key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    _moment("raised_at"),
    _moment("began_at"),  # when the condition began, by the device's clock
    _ref("case_id", "case.case_id", nullable=True),
    _ref("activation_id", "activation.activation_id", nullable=True),
    _ref("zone_id", "zone.zone_id", nullable=True),
    _ref("breach_id", "breach.breach_id", nullable=True),
    Column("found_on_backfill", Boolean, nullable=False, server_default=text("false")),
    Column("repeats", Integer, nullable=False, server_default=text("0")),
    Column("minutes_to_contact", REAL, nullable=True),
    # Numbers the queue shows; no name and no place.
    Column("facts", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    _ref("owner_id", "user.user_id", nullable=True),
    _moment("acknowledged_at", nullable=True),
    _moment("cleared_at", nullable=True),
    _moment("closed_at", nullable=True),
    Column("finding", Text, nullable=True),
    CheckConstraint("priority between 1 and 3", name="priority"),
)
Index("ix_alert_open", alert.c.priority, postgresql_where=alert.c.closed_at.is_(None))
Index("ix_alert_case_id", alert.c.case_id)
Index("ix_alert_breach_id", alert.c.breach_id)

alert_entry = Table(
    "alert_entry",
    metadata,
    _key("alert_entry_id"),
    _ref("alert_id", "alert.alert_id"),
    _moment("at"),
    _ref("user_id", "user.user_id", nullable=True),
    Column("action", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
)
Index("ix_alert_entry_alert_id", alert_entry.c.alert_id)

# Numbered in commit order (data.store.outbox), so "all after 4711" skips nothing.
outbox = Table(
    "outbox",
    metadata,
    Column("outbox_id", BigInteger, Identity(), primary_key=True),
    _moment("at"),
    Column("topic", Text, nullable=False),
    Column("record_id", BigInteger, nullable=False),
)

# ---- who may come in, and what they did

user = Table(
    "user",
    metadata,
    _key("user_id"),
    Column("login", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("area", Text, nullable=False, server_default=""),
    _moment("added_at"),
    _moment("disabled_at", nullable=True),
)

session = Table(
    "session",
    metadata,
    # SHA-256 of the cookie: who reads this table cannot sign in with it.
    Column("session_hash", BYTEA, primary_key=True),
    _ref("user_id", "user.user_id"),
    _moment("started_at"),
    _moment("seen_at"),
    _moment("ends_at"),
    _moment("ended_at", nullable=True),
    Column("peer", Text, nullable=False, server_default=""),
)
Index("ix_session_user_id", session.c.user_id)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("audit_entry_id", BigInteger, primary_key=True, autoincrement=False),
    _moment("at"),
    Column("user_id", BigInteger, nullable=True),
    Column("action", Text, nullable=False),
    Column("record_kind", Text, nullable=False),
    Column("record_id", BigInteger, nullable=True),
    Column("peer", Text, nullable=False, server_default=""),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("previous_hash", BYTEA, nullable=False),
    Column("hash", BYTEA, nullable=False),
)

# One row. Locking it puts audit entries into one line, so that the chain cannot fork.
audit_head = Table(
    "audit_head",
    metadata,
    Column("is_head", Boolean, primary_key=True, server_default=text("true")),
    Column("last_id", BigInteger, nullable=False),
    Column("last_hash", BYTEA, nullable=False),
    CheckConstraint("is_head", name="only_one"),
)

# One row a process: when it last did its round. A judge that stops is seen by this alone.
heartbeat = Table(
    "heartbeat",
    metadata,
    Column("process", Text, primary_key=True),
    _moment("beat_at"),
    _moment("newest_fixed_at", nullable=True),
)

# ---- the base map

basemap_source = Table(
    "basemap_source",
    metadata,
    _key("basemap_source_id"),
    Column("name", Text, nullable=False, unique=True),
    Column("attribution", Text, nullable=False),
    Column("checksum", Text, nullable=False),
    _moment("imported_at"),
    Column("bounds", Geometry("POLYGON", 4326, spatial_index=False), nullable=True),
)

basemap_street = Table(
    "basemap_street",
    metadata,
    _key("basemap_street_id"),
    Column(
        "basemap_source_id",
        BigInteger,
        ForeignKey(f"{SCHEMA}.basemap_source.basemap_source_id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("name", Text, nullable=False, server_default=""),
    Column("class", Text, nullable=False),
    Column("oneway", SmallInteger, nullable=False, server_default=text("0")),
    Column("maxspeed_kmh", SmallInteger, nullable=True),
    Column("line", Geometry("LINESTRING", 4326, spatial_index=True), nullable=False),
)
Index("ix_basemap_street_basemap_source_id", basemap_street.c.basemap_source_id)

basemap_area = Table(
    "basemap_area",
    metadata,
    _key("basemap_area_id"),
    Column(
        "basemap_source_id",
        BigInteger,
        ForeignKey(f"{SCHEMA}.basemap_source.basemap_source_id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("name", Text, nullable=False, server_default=""),
    Column("kind", Text, nullable=False),  # water, green, building
    Column("shape", Geometry("MULTIPOLYGON", 4326, spatial_index=True), nullable=False),
)
Index("ix_basemap_area_basemap_source_id", basemap_area.c.basemap_source_id)
