"""Real boundary files in, hostile ones refused; nothing is trusted but the bytes."""

from __future__ import annotations

import base64
import gzip
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest
import shapely

from data.errors import BadInput
from data.rules.zone_drawing import area_of
from data.service.zone_import import MOST_BYTES, format_of, read_zone_file

GEO = Path(__file__).parents[4] / "shared" / "geo"
SQUARE = [
    [[11.9, 57.6], [12.0, 57.6], [12.0, 57.7], [11.9, 57.7], [11.9, 57.6]],
    [[11.94, 57.64], [11.96, 57.64], [11.96, 57.66], [11.94, 57.66], [11.94, 57.64]],
]


def read(raw: bytes) -> dict[str, Any]:
    """What is made of these bytes."""
    return read_zone_file(base64.b64encode(raw).decode())


def geojson(*geometries: dict[str, Any], **more: Any) -> bytes:
    """A FeatureCollection."""
    features = [{"type": "Feature", "properties": {"name": f"Zone {i}"}, "geometry": each}
                for i, each in enumerate(geometries)]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


KML = b"""<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>Court</name><Polygon>
<outerBoundaryIs><LinearRing><coordinates>11.9,57.6,0 12,57.6,0 12,57.7,0 11.9,57.7,0 11.9,57.6,0
</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>"""
GPX = b"""<?xml version="1.0"?><gpx version="1.1" creator="t"
xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="57.6" lon="11.9"><name>School</name></wpt>
<trk><name>Walk</name><trkseg><trkpt lat="57.6" lon="11.9"/><trkpt lat="57.61" lon="11.91"/>
</trkseg></trk></gpx>"""


def test_polygons_keep_their_holes_and_lines_become_corridors() -> None:
    """GeoJSON: a hole stays a hole, a line asks for its width, a point for its radius."""
    found = read(
        geojson(
            {"type": "Polygon", "coordinates": SQUARE},
            {"type": "LineString", "coordinates": SQUARE[0][:3]},
            {"type": "Point", "coordinates": [11.9, 57.6]},
        )
    )
    square, line, point = found["features"]
    assert (square["holes"], square["faults"], square["name"]) == (1, [], "Zone 0")
    assert shapely.get_num_interior_rings(area_of(square["parts"])) == 1
    assert (line["parts"][0]["how"], point["parts"][0]["how"]) == ("corridor", "circle")
    assert all(area_of(each["parts"]) is not None for each in found["features"])


@pytest.mark.parametrize(("raw", "hows"), [(KML, ["polygon"]), (GPX, ["circle", "corridor"])])
def test_kml_and_gpx(raw: bytes, hows: list[str]) -> None:
    """Waypoints are circles and tracks corridors; both formats are WGS 84."""
    found = read(raw)
    assert [part["how"] for each in found["features"] for part in each["parts"]] == hows
    assert "WGS 84" in found["crs"]


def test_a_geopackage_in_another_system_is_converted(tmp_path: Path) -> None:
    """The British grid: said, and within metres of where it belongs."""
    geopandas = pytest.importorskip("geopandas")
    path = tmp_path / "zones.gpkg"
    frame = geopandas.GeoDataFrame(
        {"name": ["Square"]}, geometry=[shapely.box(530000, 180000, 530500, 180500)], crs=27700
    )
    frame.to_file(path, driver="GPKG")
    found = read(path.read_bytes())
    assert "British National Grid" in found["crs"]
    assert "converted" in found["crs"]
    (square,) = found["features"]
    middle = area_of(square["parts"]).centroid
    assert (middle.x, middle.y) == pytest.approx((-0.1258, 51.5058), abs=2e-3)


def test_an_invalid_ring_is_repaired_and_said() -> None:
    """A bow tie comes in as two triangles, with words."""
    tie = [[[11.9, 57.6], [12.0, 57.7], [12.0, 57.6], [11.9, 57.7], [11.9, 57.6]]]
    (found,) = read(geojson({"type": "Polygon", "coordinates": tie}))["features"]
    assert "repaired" in found["faults"][0]
    assert area_of(found["parts"]).is_valid


def _geopackage_that_is_none() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t (x)")
    return connection.serialize()


def _zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../doc.kml", b"0" * 10_000_000)
    return packed.getvalue()


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>&b;</name></Placemark></kml>"""
VRT = b"""<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource>
</OGRVRTLayer></OGRVRTDataSource>"""

HOSTILE = {
    "zip bomb": (_zip_bomb, "unpack"),
    "gzip": (lambda: gzip.compress(KML), "unpack"),
    "entities": (lambda: LAUGHS, "entities"),
    "entities in UTF-16": (lambda: LAUGHS.decode().encode("utf-16"), "UTF-8"),
    "VRT": (lambda: VRT, "no GeoJSON, KML, GPX or GeoPackage"),
    "VRT behind a comment": (lambda: b"<!-- <kml > -->" + VRT, "GeoJSON, KML"),
    "not a GeoPackage": (_geopackage_that_is_none, "another kind of database"),
    "a torn GeoPackage": (
        lambda: b"SQLite format 3\0" + bytes(52) + b"GPKG" + bytes(900),
        "cannot be read",
    ),
    "TopoJSON": (lambda: b'{"type":"Topology","objects":{}}', "convert it to GeoJSON"),
    "torn JSON": (lambda: b'{"type":"FeatureCollection","features":[', "JSON"),
    "deep JSON": (lambda: b'{"type":' + b"[" * 200_000, "JSON"),
    "a program": (lambda: b"\x7fELF" + bytes(100), "UTF-8"),
    "nothing": (lambda: b"", "empty"),
    "no shape": (lambda: geojson(), "no shape"),
    "too many shapes": (
        lambda: geojson(*[{"type": "Point", "coordinates": [11, 57]}] * 501),
        "more than 500",
    ),
    "too large": (lambda: b"{" + b" " * MOST_BYTES, "5 MB"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_uploads_are_refused_with_a_clear_error(name: str) -> None:
    """Each with words about the content, and never with a place of this machine."""
    make, words = HOSTILE[name]
    with pytest.raises(BadInput, match=words) as error:
        read(make())
    assert error.value.field == "content"
    assert str(error.value).endswith(".")
    assert "/tmp" not in str(error.value)


def test_the_first_bytes_say_what_it_is() -> None:
    """A byte-order mark, comments and white space before the root do not hide it."""
    assert format_of(b"\xef\xbb\xbf  " + geojson()) == "geojson"
    assert format_of(KML.replace(b"<kml", b"<!-- a --><kml")) == "kml"
    assert format_of(GPX) == "gpx"


@pytest.mark.skipif(not GEO.exists(), reason="the shared map data is not here")
def test_a_river_with_invalid_rings_and_thousands_of_corners() -> None:
    """The tidal Thames: every part comes in valid, and a simpler outline says its error."""
    raw = (GEO / "london" / "river_thames_simp.json").read_bytes()
    found = read(raw)
    assert len(found["features"]) > 50
    for each in found["features"]:
        assert not each["parts"] or area_of(each["parts"]).is_valid
        if each["simplified"]:
            assert each["simplified"]["vertices"] <= 500
            assert each["simplified"]["error_m"] > 0
