"""Shapes out of an uploaded GeoJSON, KML, GPX or GeoPackage file, ready to be drawn on.

    {"format", "crs": words, "features": [{"name", "parts", "vertices", "holes",
     "simplified": {"parts", "vertices", "error_m"}|null, "faults": [words]}]}

Nothing is kept. The file's own name is not looked at: what it is, its first bytes say.
"""

from __future__ import annotations

import base64
import binascii
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pyproj
import shapely
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from data.errors import BadInput
from data.rules.outline import simpler
from data.rules.shapes import checked
from data.rules.zone_drawing import MOST_VERTICES, drawn_vertices, parts_of_area

MOST_BYTES = 5_000_000
_WAIT_S = 20
_READER = Path(__file__).with_name("zone_file_reader.py")
_CORRIDOR_M = 40.0
_CIRCLE_M = 200.0
_ROOT = re.compile(rb"<(?:\w+:)?([A-Za-z]+)[\s>/]")
_GEOJSON = frozenset(
    {"FeatureCollection", "Feature", "Polygon", "MultiPolygon", "LineString", "MultiLineString",
     "Point", "MultiPoint", "GeometryCollection"}
)  # fmt: skip
_WGS_84 = pyproj.CRS.from_epsg(4326)


class FileRefused(BadInput):
    """The file is not taken; the message tells whoever chose it why, in a sentence."""

    def __init__(self, words: str) -> None:
        super().__init__("content", "a zone file")
        self.args = (words,)


def read_zone_file(content: object) -> dict[str, Any]:
    """What is in a file that came as base64.

    Raises:
        FileRefused: it is too large, of no format we take, or cannot be read.
    """
    raw = _decoded(content)
    kind = format_of(raw)
    found = _read(raw, kind)
    if not found["features"]:
        raise FileRefused("There is no shape in this file.")
    system, words = _system(found["crs"])
    features = [_feature(each, system) for each in found["features"]]
    return {"format": kind, "crs": words, "features": features}


def format_of(raw: bytes) -> str:
    """The format these bytes are of, by themselves.

    Raises:
        FileRefused: none that we take.
    """
    if not raw.strip():
        raise FileRefused("This file is empty.")
    if raw.startswith(b"SQLite format 3\0"):
        if raw[68:72] not in (b"GPKG", b"GP10", b"GP11"):
            raise FileRefused("This is another kind of database, no GeoPackage.")
        return "gpkg"
    if raw[:4] == b"PK\3\4" or raw[:2] == b"\x1f\x8b":
        raise FileRefused("A packed file (zip, KMZ, gzip) is not opened: unpack it first.")
    if b"\0" in raw:
        raise FileRefused(
            "This is neither text in UTF-8 nor a GeoPackage. Save a Shapefile or another binary "
            "format as one of the two."
        )
    text = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        _need_geojson(text)
        return "geojson"
    if text.startswith(b"<"):
        # Entities are how a small XML file becomes a large one, or reads another.
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise FileRefused(
                "XML with a document type or entities is not opened: they can hide what a file "
                "holds. Save it without them."
            )
        body = re.sub(rb"<\?.*?\?>|<!--.*?-->", b"", text[:20_000], flags=re.DOTALL)
        root = _ROOT.search(body)
        if root is not None and root[1] in (b"kml", b"gpx"):
            return root[1].decode()
    raise FileRefused("This is no GeoJSON, KML, GPX or GeoPackage, whatever its name says.")


def _decoded(content: object) -> bytes:
    if not isinstance(content, str):
        raise BadInput("content", "a file as base64")
    try:
        raw = base64.b64decode(content[: MOST_BYTES * 4 // 3 + 4], validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput("content", "base64") from error
    if len(raw) > MOST_BYTES:
        raise FileRefused(f"At most {MOST_BYTES // 1_000_000} MB are taken.")
    return raw


def _need_geojson(text: bytes) -> None:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise FileRefused(f"Its JSON is broken: {error.msg} in line {error.lineno}.") from error
    if document.get("type") == "Topology":
        raise FileRefused("This is TopoJSON: convert it to GeoJSON first.")
    if document.get("type") not in _GEOJSON:
        raise FileRefused("This is JSON, but no GeoJSON FeatureCollection.")


def _read(raw: bytes, kind: str) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_READER), kind],
            input=raw,
            capture_output=True,
            timeout=_WAIT_S,
            check=False,
            env={"PATH": "", "LC_ALL": "C.UTF-8"},
        )
        found = orjson.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise FileRefused("Reading it took too long, and was stopped.") from error
    except orjson.JSONDecodeError as error:
        raise FileRefused("Reading it broke off: it asks for too much, or is damaged.") from error
    if "fault" in found:
        raise FileRefused(found["fault"])
    return dict(found)


def _system(given: str) -> tuple[pyproj.Transformer | None, str]:
    if not given:
        raise FileRefused("It does not say which coordinate system it is in. Save it with one.")
    try:
        system = pyproj.CRS.from_user_input(given)
    except CRSError as error:
        raise FileRefused("Its coordinate system is not known here.") from error
    name = f"{system.name} ({given})" if given.startswith("EPSG:") else system.name
    if system.equals(_WGS_84, ignore_axis_order=True):
        return None, f"{name}: taken as it is."
    to_degrees = pyproj.Transformer.from_crs(system, _WGS_84, always_xy=True)
    metres = to_degrees.accuracy
    how_good = f" to {metres:g} m" if metres and metres > 0 else ""
    return to_degrees, f"{name}: converted to WGS 84{how_good}."


def _feature(given: dict[str, Any], system: pyproj.Transformer | None) -> dict[str, Any]:
    shape = shapely.force_2d(shapely.from_wkb(bytes.fromhex(given["wkb"])))
    if system is not None:
        shape = shapely.transform(shape, system.transform, interleaved=False)
    parts: list[dict[str, Any]] = []
    faults: list[str] = []
    simplified = None
    for piece in _pieces(shape):
        if piece.geom_type == "Point":
            part = {"how": "circle", "centre": list(piece.coords[0]), "radius_m": _CIRCLE_M}
            parts.append(part)
            faults.append(f"A point: drawn as a circle of {_CIRCLE_M:g} m. Set its radius.")
        elif piece.geom_type == "LineString":
            line = [list(each) for each in piece.coords]
            parts.append({"how": "corridor", "line": line, "width_m": _CORRIDOR_M})
            faults.append(f"A line: drawn as a corridor {_CORRIDOR_M:g} m wide. Set its width.")
    area, fault = _area(shapely.MultiPolygon(
        [each for each in _pieces(shape) if each.geom_type == "Polygon"]))  # fmt: skip
    if fault:
        faults.append(fault)
    if area is not None:
        parts += parts_of_area(area)
        if drawn_vertices(parts) > MOST_VERTICES:
            made, error_m = simpler(area, MOST_VERTICES)
            simpler_parts = parts_of_area(made)
            simplified = {"parts": simpler_parts, "vertices": drawn_vertices(simpler_parts),
                          "error_m": round(error_m, 2)}  # fmt: skip
    return {
        "name": given["name"],
        "parts": parts,
        "vertices": drawn_vertices(parts),
        "holes": int(sum(shapely.get_num_interior_rings(_pieces(shape)))),
        "simplified": simplified,
        "faults": list(dict.fromkeys(faults)),
    }


def _pieces(shape: BaseGeometry) -> list[BaseGeometry]:
    if shape.is_empty:
        return []
    if shape.geom_type in ("Point", "LineString", "Polygon"):
        return [shape]
    return [piece for part in shapely.get_parts(shape) for piece in _pieces(part)]


def _area(given: BaseGeometry) -> tuple[BaseGeometry | None, str]:
    if given.is_empty:
        return None, ""
    try:
        return checked(given, "shape"), ""
    except BadInput as error:
        west, south, east, north = given.bounds
        if not (-360 <= west <= east <= 360 and -85 <= south <= north <= 85):
            return None, "Not on the ground that Vigil knows: its coordinate system may be wrong."
        made = shapely.make_valid(given, method="structure", keep_collapsed=False)
        if made.geom_type not in ("Polygon", "MultiPolygon") or made.is_empty:
            return None, "Its rings enclose nothing."
        kept = f"Its outline was not valid (expected {error.expected}) and has been repaired."
        return checked(made), kept
