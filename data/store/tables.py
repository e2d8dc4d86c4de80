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
    Date,
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
    func,
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
    Column("order_reference", Text, nullable=False, server_default=""),
    _ref("signed_by", "user.user_id", nullable=True),
    # Put into force by one person in an emergency: it ends then, and what it replaced is back.
    _moment("expires_at", nullable=True),
    _ref("replaced_version_id", "zone_version.zone_version_id", nullable=True),
    # What its author was told before it was sent, and how it did on the past.
    Column("checks", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("rehearsal", JSONB, nullable=True),
    UniqueConstraint("zone_id", "number"),
    CheckConstraint("buffer_m >= 0", name="buffer"),
    CheckConstraint("valid_to is null or valid_from < valid_to", name="validity"),
    # The last word on every shape, whoever writes it.
    CheckConstraint("st_isvalid(shape) and not st_isempty(shape)", name="shape"),
)
Index(
    "ix_zone_version_expires_at",
    zone_version.c.expires_at,
    postgresql_where=zone_version.c.expires_at.is_not(None) & zone_version.c.valid_to.is_(None),
)

# A zone that is being drawn. Nothing of it is judged by before it is signed.
zone_draft = Table(
    "zone_draft",
    metadata,
    _key("zone_draft_id"),
    _ref("case_id", "case.case_id"),
    _ref("zone_id", "zone.zone_id", nullable=True),  # None: of no zone yet
    # The version in force when it was begun; another one by now is a clash.
    _ref("base_version_id", "zone_version.zone_version_id", nullable=True),
    Column("content", JSONB, nullable=False),  # data.rules.zone_drawing
    Column("shape", Geometry("MULTIPOLYGON", 4326, spatial_index=False), nullable=True),
    Column("history", JSONB, nullable=False, server_default=text("'{}'::jsonb")),  # to undo with
    # Counts the saves; who saves names the one they saw.
    Column("revision", Integer, nullable=False, server_default=text("1")),
    Column("state", Text, nullable=False, server_default="editing"),
    _moment("made_at"),
    _ref("made_by", "user.user_id"),
    _moment("saved_at"),
    _ref("saved_by", "user.user_id"),
    _ref("approval_id", "approval.approval_id", nullable=True),
    CheckConstraint("state in ('editing', 'waiting', 'due', 'signed', 'dropped')", name="state"),
    CheckConstraint("shape is null or (st_isvalid(shape) and not st_isempty(shape))", name="shape"),
)
Index("ix_zone_draft_case_id", zone_draft.c.case_id)
# One draft a zone at a time: two people who draw it meet in it.
Index(
    "uq_zone_draft_open",
    zone_draft.c.zone_id,
    unique=True,
    postgresql_where=zone_draft.c.state.in_(["editing", "waiting", "due"]),
)

# A draft tried on the past: a job with its progress, and then its result.
rehearsal = Table(
    "rehearsal",
    metadata,
    _key("rehearsal_id"),
    _ref("zone_draft_id", "zone_draft.zone_draft_id"),
    _ref("asked_by", "user.user_id"),
    _moment("asked_at"),
    _moment("from_at"),
    _moment("to_at"),
    Column("fingerprint", Text, nullable=False),  # of the shape, buffer and hours that are tried
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("done", REAL, nullable=False, server_default=text("0")),  # 0 to 1
    _moment("began_at", nullable=True),
    _moment("beat_at", nullable=True),  # older than a minute: whoever ran it is gone
    _moment("ended_at", nullable=True),
    Column("result", JSONB, nullable=True),
    CheckConstraint("state in ('waiting', 'running', 'done', 'cancelled', 'failed')", name="state"),
)
Index("ix_rehearsal_zone_draft_id", rehearsal.c.zone_draft_id)
Index(
    "ix_rehearsal_open",
    rehearsal.c.rehearsal_id,
    postgresql_where=rehearsal.c.state.in_(["waiting", "running"]),
)

# Where a victim's door is, for the checks of a zone. Nobody is shown it without a reveal.
door = Table(
    "door",
    metadata,
    _key("door_id"),
    _ref("person_id", "person.person_id"),
    Column("place", Geometry("POINT", 4326, spatial_index=False), nullable=False),
    _moment("valid_from"),
    _moment("valid_to", nullable=True),
    _ref("set_by", "user.user_id", nullable=True),
)
Index("uq_door_open", door.c.person_id, unique=True, postgresql_where=door.c.valid_to.is_(None))

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
    # From a file and not from a device: judged between the rounds of what is of now.
    Column("is_history", Boolean, nullable=False, server_default=text("false")),
)
Index(
    "ix_pending_is_history_slice_reading_id",
    pending.c.is_history,
    pending.c.slice,
    pending.c.reading_id,
)

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

# What holds of each breach now, one row each, so that maps and lists of a million need no join.
# Derived: `data.store.past_breaches` makes it from the tables above, and could make it anew.
breach_now = Table(
    "breach_now",
    metadata,
    # First what tiles are cut by, of fixed width and never null: a row is read no further.
    Column(
        "breach_id",
        BigInteger,
        ForeignKey(f"{SCHEMA}.breach.breach_id"),
        primary_key=True,
        autoincrement=False,
    ),
    # Where he was surest inside, in web Mercator, the world being 2^30 wide (3.7 cm); -1: no fix
    # of the visit has a place.
    Column("web_x", Integer, nullable=False),
    Column("web_y", Integer, nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("grade", SmallInteger, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    _moment("entered_at"),
    Column("case_id", BigInteger, nullable=False),
    Column("activation_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("finding", Text, nullable=True),  # None: nobody has decided
    Column("zone_id", BigInteger, nullable=True),
    Column("pair_id", BigInteger, nullable=True),
    Column("zone_version_id", BigInteger, nullable=True),
    _moment("confirmed_at", nullable=True),
    _moment("left_at", nullable=True),
    Column("p_inside_max", REAL, nullable=False),
    Column("radius_95_m", REAL, nullable=True),
    Column("position", Geometry("POINT", 4326, spatial_index=True), nullable=True),
)
Index("ix_breach_now_case_id_entered_at", breach_now.c.case_id, breach_now.c.entered_at)
Index("ix_breach_now_entered_at", breach_now.c.entered_at)
# With all that a tile counts and a filter asks, so that no row is read for one: of a million
# breaches the fullest tile of a city costs half as much, an empty one nothing.
Index(
    "ix_breach_now_web_x_web_y",
    breach_now.c.web_x,
    breach_now.c.web_y,
    postgresql_include=[
        "breach_id",
        "channel",
        "withdrawn",
        "grade",
        "kind",
        "finding",
        "case_id",
        "zone_id",
        "entered_at",
    ],
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
    # Counts what changes whose work it is; who acts names the turn they saw.
    Column("turn", Integer, nullable=False, server_default=text("0")),
    # Since when nobody has had it, the last time nobody had it.
    _moment("waiting_since"),
    _moment("hold_until", nullable=True),
    _moment("shelved_until", nullable=True),
    Column("shelves", Integer, nullable=False, server_default=text("0")),
    _moment("escalated_at", nullable=True),
    Column("rung", SmallInteger, nullable=False, server_default=text("0")),
    _moment("reminded_at", nullable=True),
    CheckConstraint("priority between 1 and 3", name="priority"),
    CheckConstraint("state <> 'shelved' or priority > 1", name="no_shelf_for_p1"),
)
Index("ix_alert_open", alert.c.priority, postgresql_where=alert.c.closed_at.is_(None))
Index("ix_alert_case_id", alert.c.case_id)
Index("ix_alert_breach_id", alert.c.breach_id)
Index("ix_alert_raised_at", alert.c.raised_at)
Index("ix_alert_closed_at", alert.c.closed_at)

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

# A message to somebody outside the room and how far it has come. Its words are made from the
# recipient alone: no name, no place. The key makes a repeated order one message.
notice = Table(
    "notice",
    metadata,
    _key("notice_id"),
    Column("idempotency_key", Text, nullable=False, unique=True),
    _ref("alert_id", "alert.alert_id"),
    Column("recipient", Text, nullable=False),
    _moment("asked_at"),
    _ref("asked_by", "user.user_id", nullable=True),  # None: Vigil itself
    _moment("sent_at", nullable=True),
    _moment("delivered_at", nullable=True),
    _moment("read_at", nullable=True),
    _moment("failed_at", nullable=True),
    Column("failure", Text, nullable=False, server_default=""),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    _moment("try_after", nullable=True),  # None: at once
)
Index("ix_notice_alert_id", notice.c.alert_id)
Index("ix_notice_waiting", notice.c.asked_at, postgresql_where=notice.c.sent_at.is_(None))

# How the desk works, versioned and never changed in place; the newest holds.
desk_policy = Table(
    "desk_policy",
    metadata,
    _key("desk_policy_id"),
    _moment("recorded_at"),
    _ref("recorded_by", "user.user_id", nullable=True),
    Column("figures", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
)

# What a person chose for themselves, and nothing of any case: panes by screen size, keys.
user_choice = Table(
    "user_choice",
    metadata,
    Column(
        "user_id",
        BigInteger,
        ForeignKey(f"{SCHEMA}.user.user_id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("name", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
    _moment("changed_at"),
)

# Each burst of sound and each screen that fell silent: who could have heard an alert.
sound_entry = Table(
    "sound_entry",
    metadata,
    _key("sound_entry_id"),
    _moment("at"),
    Column("login", Text, nullable=False),  # of a person, or a wall's name
    Column("kind", Text, nullable=False),  # armed, off, none, burst
    Column("priority", SmallInteger, nullable=True),
    Column("alert_ids", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
)

# A shift's end: what stood open, and who gave it to whom. Never changed but for the second name.
hand_over = Table(
    "hand_over",
    metadata,
    _key("hand_over_id"),
    _moment("made_at"),
    _ref("given_by", "user.user_id"),
    _moment("taken_at", nullable=True),
    _ref("taken_by", "user.user_id", nullable=True),
    Column("sheet", JSONB, nullable=False),  # the numbers and alerts as both saw them
    Column("words", Text, nullable=False, server_default=""),  # "tell next shift"
    CheckConstraint("taken_by is null or taken_by <> given_by", name="two_people"),
)

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
    # Sealed with a key that is not in the database (data.service.second_factor).
    Column("totp_secret", BYTEA, nullable=True),
    Column("totp_offered", BYTEA, nullable=True),  # shown, and not yet taken into an app
    # The newest step whose code was used: neither that nor an older one counts again.
    Column("totp_counter", BigInteger, nullable=False, server_default=text("0")),
)

session = Table(
    "session",
    metadata,
    # SHA-256 of the cookie: who reads this table cannot sign in with it. The cookie changes when
    # its holder steps up; `session_id` stays.
    Column("session_hash", BYTEA, primary_key=True),
    Column("session_id", BigInteger, Identity(), nullable=False, unique=True),
    _ref("user_id", "user.user_id"),
    _moment("started_at"),
    _moment("seen_at"),
    _moment("ends_at"),
    _moment("ended_at", nullable=True),
    Column("peer", Text, nullable=False, server_default=""),
    _moment("stepped_up_at", nullable=True),  # when its holder last proved who they are
    # The password was right and the second factor is still to come: opens nothing else.
    Column("is_half", Boolean, nullable=False, server_default=text("false")),
    # What a security key has to sign next; taken away by the first that tries.
    Column("challenge", BYTEA, nullable=True),
    _moment("challenge_at", nullable=True),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    _key("recovery_code_id"),
    _ref("user_id", "user.user_id"),
    Column("code_hash", BYTEA, nullable=False),
    _moment("made_at"),
    _moment("used_at", nullable=True),
)
Index("ix_recovery_code_user_id", recovery_code.c.user_id)

# The public half and nothing else: the private one never leaves the key.
security_key = Table(
    "security_key",
    metadata,
    _key("security_key_id"),
    _ref("user_id", "user.user_id"),
    Column("credential_id", BYTEA, nullable=False),
    Column("public_key", BYTEA, nullable=False),  # COSE
    Column("sign_count", BigInteger, nullable=False),
    _moment("made_at"),
    _moment("used_at", nullable=True),
    _moment("removed_at", nullable=True),
)
Index("ix_security_key_user_id", security_key.c.user_id)
Index(
    "uq_security_key_credential_id",
    security_key.c.credential_id,
    unique=True,
    postgresql_where=security_key.c.removed_at.is_(None),
)

Index("ix_session_user_id", session.c.user_id)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    _key("sign_in_failure_id"),
    Column("login_mark", BYTEA, nullable=False),  # no login can be read from it
    Column("peer", Text, nullable=False),  # "" where a login is counted wherever it asks from
    _moment("at"),
)
Index("ix_sign_in_failure_peer", sign_in_failure.c.peer, sign_in_failure.c.at)
Index("ix_sign_in_failure_at", sign_in_failure.c.at)

# ---- who has business with which case

# A case is given to a case officer or an investigator for a time; half-open like a zone version.
assignment = Table(
    "assignment",
    metadata,
    _key("assignment_id"),
    _ref("case_id", "case.case_id"),
    _ref("user_id", "user.user_id"),
    _moment("valid_from"),
    _moment("valid_to", nullable=True),
    _ref("given_by", "user.user_id", nullable=True),
    _ref("ended_by", "user.user_id", nullable=True),
)
# Nobody holds a case twice at one moment.
Index(
    "uq_assignment_open",
    assignment.c.case_id,
    assignment.c.user_id,
    unique=True,
    postgresql_where=assignment.c.valid_to.is_(None),
)
Index("ix_assignment_user_id", assignment.c.user_id)

# Where a victim lives, how she is reached, when she is where. Read through a reveal only.
victim_detail = Table(
    "victim_detail",
    metadata,
    _key("victim_detail_id"),
    _ref("person_id", "person.person_id"),
    Column("kind", Text, nullable=False),
    Column("words", Text, nullable=False),
    _moment("valid_from"),
    _moment("valid_to", nullable=True),
    CheckConstraint("kind in ('address', 'telephone', 'routine')", name="kind"),
)
Index("ix_victim_detail_person_id", victim_detail.c.person_id)

# A place where a victim usually is. What is said of it has versions; two people may have all of
# it forgotten for good.
routine_location = Table(
    "routine_location",
    metadata,
    _key("routine_location_id"),
    _ref("person_id", "person.person_id"),
    Column("number", Integer, nullable=False),  # among hers: all that a masked screen says
    UniqueConstraint("person_id", "number"),
)

routine_version = Table(
    "routine_version",
    metadata,
    _key("routine_version_id"),
    _ref("routine_location_id", "routine_location.routine_location_id"),
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("place", Geometry("POINT", 4326, spatial_index=False), nullable=False),
    Column("radius_m", Double, nullable=False),
    Column("hours", JSONB, nullable=False),  # data.model.schedule
    Column("source", Text, nullable=False),
    Column("confidence", Text, nullable=False),
    Column("review_on", Date, nullable=False),
    Column("is_confirmed", Boolean, nullable=False),
    # Half-open, and in the past where somebody says since when she has gone there.
    _moment("valid_from"),
    _moment("valid_to", nullable=True),
    _moment("recorded_at"),
    _ref("recorded_by", "user.user_id", nullable=True),
    Column("reason", Text, nullable=False, server_default=""),
    UniqueConstraint("routine_location_id", "number"),
    CheckConstraint("source in ('entered', 'imported', 'proposed')", name="source"),
    CheckConstraint("confidence in ('high', 'medium', 'low')", name="confidence"),
    CheckConstraint("valid_to is null or valid_from <= valid_to", name="validity"),
)

# A victim lets her own handset's track be read to find her routine; she can take that back.
handset_consent = Table(
    "handset_consent",
    metadata,
    _key("handset_consent_id"),
    _ref("person_id", "person.person_id"),
    _moment("given_at"),
    _moment("withdrawn_at", nullable=True),
    _ref("recorded_by", "user.user_id", nullable=True),
    _ref("withdrawn_by", "user.user_id", nullable=True),
    Column("words", Text, nullable=False),  # how she said so
    CheckConstraint("withdrawn_at is null or given_at <= withdrawn_at", name="withdrawn"),
)
Index(
    "uq_handset_consent_open",
    handset_consent.c.person_id,
    unique=True,
    postgresql_where=handset_consent.c.withdrawn_at.is_(None),
)

# Somebody without the case opened it for a quarter of an hour; a supervisor signs for it later.
glass = Table(
    "glass",
    metadata,
    _key("glass_id"),
    _ref("case_id", "case.case_id"),
    _ref("user_id", "user.user_id"),
    _moment("broken_at"),
    _moment("until"),
    Column("code", Text, nullable=False),
    Column("words", Text, nullable=False),
    _ref("reviewed_by", "user.user_id", nullable=True),
    _moment("reviewed_at", nullable=True),
    Column("is_justified", Boolean, nullable=True),
    Column("remark", Text, nullable=False, server_default=""),
)
Index("ix_glass_user_id_until", glass.c.user_id, glass.c.until)

# Each look at a victim's details, with why.
reveal = Table(
    "reveal",
    metadata,
    _key("reveal_id"),
    _ref("case_id", "case.case_id"),
    _ref("user_id", "user.user_id"),
    _ref("glass_id", "glass.glass_id", nullable=True),  # None: the case was given to them
    _moment("at"),
    _moment("until"),
    Column("code", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("person_ids", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
)
Index("ix_reveal_case_id", reveal.c.case_id)
Index("ix_reveal_user_id_at", reveal.c.user_id, reveal.c.at)

# What takes two people: one asks, another signs.
approval = Table(
    "approval",
    metadata,
    _key("approval_id"),
    Column("what", Text, nullable=False),
    _ref("case_id", "case.case_id"),
    Column("record_id", BigInteger, nullable=False),
    Column("payload", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("reason", Text, nullable=False),
    _ref("asked_by", "user.user_id"),
    _moment("asked_at"),
    _moment("expires_at"),
    _ref("decided_by", "user.user_id", nullable=True),
    _moment("decided_at", nullable=True),
    Column("is_approved", Boolean, nullable=True),
    Column("remark", Text, nullable=False, server_default=""),
    _moment("withdrawn_at", nullable=True),  # by whoever asked, before anybody signed
    CheckConstraint("decided_by <> asked_by", name="two_people"),
)
Index("ix_approval_waiting", approval.c.asked_at, postgresql_where=approval.c.decided_at.is_(None))

# A screen on a wall: no person signs in there. Both secrets are kept as SHA-256.
wall = Table(
    "wall",
    metadata,
    _key("wall_id"),
    Column("name", Text, nullable=False, unique=True),
    Column("area", Text, nullable=False, server_default=""),
    Column("link_hash", BYTEA, nullable=True, unique=True),  # None: used up
    _moment("link_until", nullable=True),
    Column("token_hash", BYTEA, nullable=True, unique=True),  # None: nobody came in yet
    _moment("added_at"),
    _moment("entered_at", nullable=True),
    _moment("seen_at", nullable=True),
    _moment("revoked_at", nullable=True),
)

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
    Column("session_id", BigInteger, nullable=True),
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

# The numbers and hashes of what was signed and sent away (data.service.checkpoints), so that lines
# missing there are missed here.
audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    _moment("at"),
    Column("line_hash", BYTEA, nullable=False),
)

# One row a process: when it last did its round. A judge that stops is seen by this alone.
heartbeat = Table(
    "heartbeat",
    metadata,
    Column("process", Text, primary_key=True),
    _moment("beat_at"),
    _moment("newest_fixed_at", nullable=True),
)

# ---- replay

# An instant of a track that somebody kept, with words. `address` is the view: ids and moments.
bookmark = Table(
    "bookmark",
    metadata,
    _key("bookmark_id"),
    _ref("activation_id", "activation.activation_id"),
    _moment("at"),
    Column("words", Text, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    _moment("made_at"),
    _ref("made_by", "user.user_id"),
)
Index("ix_bookmark_activation_id", bookmark.c.activation_id)

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
Index(
    "ix_basemap_street_words",
    func.to_tsvector(text("'simple'"), basemap_street.c.name),
    postgresql_using="gin",
    postgresql_where=text("name <> ''"),
)

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
