"""A version on its way out: the same shape in each format, on record, and without a name."""

from __future__ import annotations

import base64
import json
from zoneinfo import ZoneInfo

import pytest
import shapely
from sqlalchemy import Engine, text, update

from data.clock import FixedClock
from data.errors import NotFound
from data.model.user import Role
from data.service.approvals import Approvals
from data.service.reach import Reaches
from data.service.zone_checks import ZoneChecks
from data.service.zone_drafts import ZoneDrafts
from data.service.zone_export import ZoneExports, hours_on_paper
from data.service.zone_import import read_zone_file
from data.service.zone_past import Pasts
from data.store import tables
from tests.stage import ADDRESS, a_stage, a_viewer, give_case

pytestmark = pytest.mark.db
ROOM = ZoneInfo("Europe/Stockholm")


def test_a_version_leaves_as_geojson_kml_and_paper(engine: Engine, clock: FixedClock) -> None:
    """What is read back is the zone; the page has its order and both times; nothing names her."""
    with engine.begin() as connection:
        stage = a_stage(connection)
        connection.execute(update(tables.zone).values(name=ADDRESS))
        connection.execute(update(tables.case).values(area="north"))
    officer = a_viewer(engine, clock, "officer", Role.CASE_OFFICER)
    give_case(engine, stage.case_id, "officer")
    reaches = Reaches(engine, clock)
    checks = ZoneChecks(engine, clock, Pasts(ROOM))
    drafts = ZoneDrafts(engine, clock, reaches, Approvals(engine, clock, ROOM), checks, ROOM)
    exports = ZoneExports(engine, clock, drafts)
    made = {
        form: exports.export(officer, stage.zone_version_id, form)
        for form in ("geojson", "kml", "pdf")
    }
    square = shapely.box(11.95, 57.70, 11.96, 57.71)
    feature = json.loads(made["geojson"].body)["features"][0]
    assert shapely.geometry.shape(feature["geometry"]).equals(square)
    (back,) = read_zone_file(base64.b64encode(made["kml"].body).decode())["features"]
    assert shapely.Polygon(back["parts"][0]["rings"][0]).equals(square)
    page = made["pdf"].body
    assert page.startswith(b"%PDF-")
    assert b"Export" in page  # in the file's own description, whatever is cut off the page
    for each in made.values():
        assert ADDRESS.encode() not in each.body
        assert ADDRESS.split()[0].encode() not in each.name.encode()
    with engine.connect() as connection:
        query = text("select detail from vigil.audit_entry where action = 'zone_exported'")
        found = [row["format"] for row in connection.scalars(query)]
    assert found == ["geojson", "kml", "pdf"]
    stranger = a_viewer(engine, clock, "stranger", Role.CASE_OFFICER)
    with pytest.raises(NotFound):
        exports.export(stranger, stage.zone_version_id, "pdf")


def test_the_paper_states_every_day_and_exception() -> None:
    """Days of equal hours stand together; a day without hours and each date are written out."""
    stored = {
        "time_zone": "Europe/Stockholm",
        "weekly": [
            {"days": ["mon"], "from": "07:00", "to": "09:00"},
            {"days": ["mon"], "from": "09:15", "to": "19:00"},
            {"days": ["tue", "wed", "thu", "fri"], "from": "07:00", "to": "19:00"},
        ],
        "grace_s": 300,
        "exceptions": [
            {"date": "2026-12-03", "windows": [{"from": "07:00", "to": "08:00"}]},
            {"date": "2026-12-24", "windows": []},
        ],
    }
    assert hours_on_paper(None) == "always"
    assert hours_on_paper(stored).split("\n") == [
        "in Europe/Stockholm:",
        "Mon 07:00-09:00, 09:15-19:00",
        "Tue-Fri 07:00-19:00",
        "Sat-Sun does not hold",
        "Grace 5 min at opening and closing",
        "2026-12-03: 07:00-08:00",
        "2026-12-24: does not hold",
    ]
