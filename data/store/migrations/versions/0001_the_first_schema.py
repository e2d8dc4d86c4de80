"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "coverage",
        sa.Column("activation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("zone_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("to_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.SmallInteger(), nullable=False),
        sa.Column("cause", sa.SmallInteger(), nullable=False),
        sa.Column("reachable_on_foot", sa.Boolean(), nullable=False),
        sa.Column("reachable_by_car", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(
            "activation_id", "zone_id", "from_at", "edition", name=op.f("pk_coverage")
        ),
        schema="vigil",
    )
    op.create_table(
        "audit_entry",
        sa.Column("audit_entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("record_kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.Column("peer", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "detail",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("previous_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("hash", postgresql.BYTEA(), nullable=False),
        sa.PrimaryKeyConstraint("audit_entry_id", name=op.f("pk_audit_entry")),
        schema="vigil",
    )
    op.create_table(
        "audit_head",
        sa.Column("is_head", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", postgresql.BYTEA(), nullable=False),
        sa.CheckConstraint("is_head", name=op.f("ck_audit_head_only_one")),
        sa.PrimaryKeyConstraint("is_head", name=op.f("pk_audit_head")),
        schema="vigil",
    )
    op.create_geospatial_table(
        "basemap_source",
        sa.Column("basemap_source_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("attribution", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "bounds",
            Geometry(
                geometry_type="POLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("basemap_source_id", name=op.f("pk_basemap_source")),
        sa.UniqueConstraint("name", name=op.f("uq_basemap_source_name")),
        schema="vigil",
    )
    op.create_table(
        "device",
        sa.Column("device_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), server_default="", nullable=False),
        sa.Column("firmware", sa.Text(), server_default="", nullable=False),
        sa.Column("key_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('tag', 'handset')", name=op.f("ck_device_kind")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_device")),
        sa.UniqueConstraint("serial", name=op.f("uq_device_serial")),
        schema="vigil",
    )
    op.create_geospatial_table(
        "fix",
        sa.Column("activation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reading_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "position",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("radius_95_m", sa.REAL(), nullable=True),
        sa.Column("speed_mps", sa.REAL(), nullable=True),
        sa.Column("heading_deg", sa.REAL(), nullable=True),
        sa.Column("altitude_m", sa.REAL(), nullable=True),
        sa.Column("hdop", sa.REAL(), nullable=True),
        sa.Column("battery_pct", sa.REAL(), nullable=True),
        sa.Column("satellites", sa.SmallInteger(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("mechanism", sa.SmallInteger(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("activation_id", "fixed_at", "fingerprint", name=op.f("pk_fix")),
        schema="vigil",
        postgresql_partition_by="RANGE (fixed_at)",
    )
    op.create_table(
        "fix_verdict",
        sa.Column("activation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("zone_version_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("p_inside", sa.REAL(), nullable=False),
        sa.Column("p_filtered", sa.REAL(), nullable=False),
        sa.Column("edge_m", sa.REAL(), nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "activation_id",
            "fixed_at",
            "fingerprint",
            "zone_version_id",
            name=op.f("pk_fix_verdict"),
        ),
        schema="vigil",
        postgresql_partition_by="RANGE (fixed_at)",
    )
    op.create_table(
        "heartbeat",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("newest_fixed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_heartbeat")),
        schema="vigil",
    )
    op.create_table(
        "judge_snapshot",
        sa.Column("activation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("boundary", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("activation_id", "boundary", name=op.f("pk_judge_snapshot")),
        schema="vigil",
    )
    op.create_table(
        "judge_state",
        sa.Column("activation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("activation_id", name=op.f("pk_judge_state")),
        schema="vigil",
    )
    op.create_table(
        "live_fix",
        sa.Column("activation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("radius_95_m", sa.REAL(), nullable=False),
        sa.Column("speed_mps", sa.REAL(), nullable=True),
        sa.Column("heading_deg", sa.REAL(), nullable=True),
        sa.Column("battery_pct", sa.REAL(), nullable=True),
        sa.Column("mechanism", sa.SmallInteger(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("activation_id", name=op.f("pk_live_fix")),
        schema="vigil",
    )
    op.create_index(
        "ix_live_fix_judged_at", "live_fix", ["judged_at"], unique=False, schema="vigil"
    )
    op.create_table(
        "outbox",
        sa.Column("outbox_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_outbox")),
        schema="vigil",
    )
    op.create_table(
        "pair_snapshot",
        sa.Column("pair_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("offender_activation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("victim_activation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("boundary", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "pair_id",
            "offender_activation_id",
            "victim_activation_id",
            "boundary",
            name=op.f("pk_pair_snapshot"),
        ),
        schema="vigil",
    )
    op.create_table(
        "pair_state",
        sa.Column("pair_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("offender_activation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("victim_activation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "pair_id", "offender_activation_id", "victim_activation_id", name=op.f("pk_pair_state")
        ),
        schema="vigil",
    )
    op.create_table(
        "pending",
        sa.Column("reading_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activation_id", sa.BigInteger(), nullable=False),
        sa.Column("slice", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("reading_id", name=op.f("pk_pending")),
        schema="vigil",
    )
    op.create_index(
        "ix_pending_slice_reading_id",
        "pending",
        ["slice", "reading_id"],
        unique=False,
        schema="vigil",
    )
    op.create_table(
        "person",
        sa.Column("person_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role in ('offender', 'victim')", name=op.f("ck_person_role")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person")),
        schema="vigil",
    )
    op.create_table(
        "quarantine",
        sa.Column("quarantine_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=True),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), server_default="", nullable=False),
        sa.Column("field", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("repeat_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("quarantine_id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint("repeat_key", name=op.f("uq_quarantine_repeat_key")),
        schema="vigil",
    )
    op.create_index(
        "ix_quarantine_device_id", "quarantine", ["device_id"], unique=False, schema="vigil"
    )
    op.create_table(
        "reading",
        sa.Column("reading_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=False),
        sa.Column("activation_id", sa.BigInteger(), nullable=True),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), server_default="", nullable=False),
        sa.Column("content_type", sa.Text(), server_default="", nullable=False),
        sa.Column("target", sa.Text(), server_default="", nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("fix_count", sa.Integer(), nullable=False),
        sa.Column("fixes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("reading_id", "received_at", name=op.f("pk_reading")),
        schema="vigil",
        postgresql_partition_by="RANGE (received_at)",
    )
    op.create_table(
        "user",
        sa.Column("user_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), server_default="", nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user")),
        sa.UniqueConstraint("login", name=op.f("uq_user_login")),
        schema="vigil",
    )
    op.create_table(
        "activation",
        sa.Column("activation_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report_every_s", sa.Integer(), server_default=sa.text("60"), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["vigil.device.device_id"], name=op.f("fk_activation_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["vigil.person.person_id"], name=op.f("fk_activation_person_id")
        ),
        sa.PrimaryKeyConstraint("activation_id", name=op.f("pk_activation")),
        schema="vigil",
    )
    op.create_index(
        "ix_activation_person_id", "activation", ["person_id"], unique=False, schema="vigil"
    )
    op.create_index(
        "uq_activation_open_device",
        "activation",
        ["device_id"],
        unique=True,
        schema="vigil",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_geospatial_table(
        "basemap_area",
        sa.Column("basemap_area_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("basemap_source_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "shape",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["basemap_source_id"],
            ["vigil.basemap_source.basemap_source_id"],
            name=op.f("fk_basemap_area_basemap_source_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("basemap_area_id", name=op.f("pk_basemap_area")),
        schema="vigil",
    )
    op.create_geospatial_index(
        "idx_basemap_area_shape",
        "basemap_area",
        ["shape"],
        unique=False,
        schema="vigil",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "ix_basemap_area_basemap_source_id",
        "basemap_area",
        ["basemap_source_id"],
        unique=False,
        schema="vigil",
    )
    op.create_geospatial_table(
        "basemap_street",
        sa.Column("basemap_street_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("basemap_source_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("oneway", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("maxspeed_kmh", sa.SmallInteger(), nullable=True),
        sa.Column(
            "line",
            Geometry(
                geometry_type="LINESTRING",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["basemap_source_id"],
            ["vigil.basemap_source.basemap_source_id"],
            name=op.f("fk_basemap_street_basemap_source_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("basemap_street_id", name=op.f("pk_basemap_street")),
        schema="vigil",
    )
    op.create_geospatial_index(
        "idx_basemap_street_line",
        "basemap_street",
        ["line"],
        unique=False,
        schema="vigil",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "ix_basemap_street_basemap_source_id",
        "basemap_street",
        ["basemap_source_id"],
        unique=False,
        schema="vigil",
    )
    op.create_table(
        "case",
        sa.Column("case_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("offender_id", sa.BigInteger(), nullable=False),
        sa.Column("area", sa.Text(), server_default="", nullable=False),
        sa.Column("order_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("order_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["offender_id"], ["vigil.person.person_id"], name=op.f("fk_case_offender_id")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case")),
        sa.UniqueConstraint("code", name=op.f("uq_case_code")),
        schema="vigil",
    )
    op.create_table(
        "policy",
        sa.Column("policy_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("thresholds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["vigil.user.user_id"], name=op.f("fk_policy_recorded_by")
        ),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_policy")),
        schema="vigil",
    )
    op.create_table(
        "session",
        sa.Column("session_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("peer", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["vigil.user.user_id"], name=op.f("fk_session_user_id")
        ),
        sa.PrimaryKeyConstraint("session_hash", name=op.f("pk_session")),
        schema="vigil",
    )
    op.create_index("ix_session_user_id", "session", ["user_id"], unique=False, schema="vigil")
    op.create_table(
        "pair",
        sa.Column("pair_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("offender_id", sa.BigInteger(), nullable=False),
        sa.Column("victim_id", sa.BigInteger(), nullable=False),
        sa.Column("warn_m", sa.Double(), nullable=False),
        sa.Column("alarm_m", sa.Double(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("0 < alarm_m and alarm_m <= warn_m", name=op.f("ck_pair_distances")),
        sa.ForeignKeyConstraint(["case_id"], ["vigil.case.case_id"], name=op.f("fk_pair_case_id")),
        sa.ForeignKeyConstraint(
            ["offender_id"], ["vigil.person.person_id"], name=op.f("fk_pair_offender_id")
        ),
        sa.ForeignKeyConstraint(
            ["victim_id"], ["vigil.person.person_id"], name=op.f("fk_pair_victim_id")
        ),
        sa.PrimaryKeyConstraint("pair_id", name=op.f("pk_pair")),
        schema="vigil",
    )
    op.create_table(
        "zone",
        sa.Column("zone_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("victim_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind in ('exclusion', 'inclusion', 'neutral')", name=op.f("ck_zone_kind")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["vigil.case.case_id"], name=op.f("fk_zone_case_id")),
        sa.ForeignKeyConstraint(
            ["victim_id"], ["vigil.person.person_id"], name=op.f("fk_zone_victim_id")
        ),
        sa.PrimaryKeyConstraint("zone_id", name=op.f("pk_zone")),
        schema="vigil",
    )
    op.create_index("ix_zone_case_id", "zone", ["case_id"], unique=False, schema="vigil")
    op.create_table(
        "breach",
        sa.Column("breach_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("activation_id", sa.BigInteger(), nullable=False),
        sa.Column("zone_id", sa.BigInteger(), nullable=True),
        sa.Column("pair_id", sa.BigInteger(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_on_backfill", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(zone_id is null) <> (pair_id is null)", name=op.f("ck_breach_zone_or_pair")
        ),
        sa.ForeignKeyConstraint(
            ["activation_id"],
            ["vigil.activation.activation_id"],
            name=op.f("fk_breach_activation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["vigil.case.case_id"], name=op.f("fk_breach_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["vigil.pair.pair_id"], name=op.f("fk_breach_pair_id")
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["vigil.zone.zone_id"], name=op.f("fk_breach_zone_id")
        ),
        sa.PrimaryKeyConstraint("breach_id", name=op.f("pk_breach")),
        schema="vigil",
    )
    op.create_index(
        "ix_breach_activation_id_entered_at",
        "breach",
        ["activation_id", "entered_at"],
        unique=False,
        schema="vigil",
    )
    op.create_index(
        "ix_breach_case_id_entered_at",
        "breach",
        ["case_id", "entered_at"],
        unique=False,
        schema="vigil",
    )
    op.create_geospatial_table(
        "zone_version",
        sa.Column("zone_version_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("zone_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "shape",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "drawn_as",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("buffer_m", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("schedule", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("buffer_m >= 0", name=op.f("ck_zone_version_buffer")),
        sa.CheckConstraint(
            "valid_to is null or valid_from < valid_to", name=op.f("ck_zone_version_validity")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["vigil.user.user_id"], name=op.f("fk_zone_version_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["vigil.zone.zone_id"], name=op.f("fk_zone_version_zone_id")
        ),
        sa.PrimaryKeyConstraint("zone_version_id", name=op.f("pk_zone_version")),
        sa.UniqueConstraint("zone_id", "number", name=op.f("uq_zone_version_zone_id_number")),
        schema="vigil",
    )
    op.create_geospatial_index(
        "idx_zone_version_shape",
        "zone_version",
        ["shape"],
        unique=False,
        schema="vigil",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "alert",
        sa.Column("alert_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("condition_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("activation_id", sa.BigInteger(), nullable=True),
        sa.Column("zone_id", sa.BigInteger(), nullable=True),
        sa.Column("breach_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "found_on_backfill", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column("repeats", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("minutes_to_contact", sa.REAL(), nullable=True),
        sa.Column(
            "facts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.CheckConstraint("priority between 1 and 3", name=op.f("ck_alert_priority")),
        sa.ForeignKeyConstraint(
            ["activation_id"],
            ["vigil.activation.activation_id"],
            name=op.f("fk_alert_activation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["breach_id"], ["vigil.breach.breach_id"], name=op.f("fk_alert_breach_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["vigil.case.case_id"], name=op.f("fk_alert_case_id")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["vigil.user.user_id"], name=op.f("fk_alert_owner_id")
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["vigil.zone.zone_id"], name=op.f("fk_alert_zone_id")),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alert")),
        sa.UniqueConstraint("condition_key", name=op.f("uq_alert_condition_key")),
        schema="vigil",
    )
    op.create_index("ix_alert_breach_id", "alert", ["breach_id"], unique=False, schema="vigil")
    op.create_index("ix_alert_case_id", "alert", ["case_id"], unique=False, schema="vigil")
    op.create_index(
        "ix_alert_open",
        "alert",
        ["priority"],
        unique=False,
        schema="vigil",
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "breach_revision",
        sa.Column("breach_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone_version_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.SmallInteger(), nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("p_inside_max", sa.Double(), nullable=False),
        sa.Column("radius_95_m", sa.Double(), nullable=True),
        sa.Column("edge_m", sa.Double(), nullable=True),
        sa.Column("fixes", sa.Integer(), nullable=False),
        sa.Column("crossings", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "proof",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["breach_id"], ["vigil.breach.breach_id"], name=op.f("fk_breach_revision_breach_id")
        ),
        sa.PrimaryKeyConstraint("breach_id", "revision", name=op.f("pk_breach_revision")),
        schema="vigil",
    )
    op.create_table(
        "alert_entry",
        sa.Column("alert_entry_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "detail",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["vigil.alert.alert_id"], name=op.f("fk_alert_entry_alert_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["vigil.user.user_id"], name=op.f("fk_alert_entry_user_id")
        ),
        sa.PrimaryKeyConstraint("alert_entry_id", name=op.f("pk_alert_entry")),
        schema="vigil",
    )
    op.create_index(
        "ix_alert_entry_alert_id", "alert_entry", ["alert_id"], unique=False, schema="vigil"
    )
    op.create_index(
        "ix_fix_wrong_clock",
        "fix",
        ["activation_id", "received_at"],
        schema="vigil",
        postgresql_where=sa.text("(flags & 6) <> 0"),
    )
    # Days long past share one partition, so that a device with a mad clock cannot make thousands.
    for table in ("reading", "fix", "fix_verdict"):
        op.execute(f"create table vigil.{table}_other partition of vigil.{table} default")
    # The chain starts from one row that every audit entry locks.
    op.execute(
        "insert into vigil.audit_head (is_head, last_id, last_hash) "
        "values (true, 0, decode(repeat('00', 32), 'hex'))"
    )


def downgrade() -> None:
    # Forward only: evidence must not depend on undoing a schema.
    raise NotImplementedError
