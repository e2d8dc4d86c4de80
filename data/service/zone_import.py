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
from data.rules.zone_drawing import MOST_VERTICES, parts_of_area

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


def read_zone_file(content: object) -> dict[str, Any]:
    """What is in a file that came as base64.

    Raises:
        BadInput: it is too large, of no format we take, or cannot be read; says what instead.
    """
    raw = _decoded(content)
    kind = format_of(raw)
    found = _read(raw, kind)
    if not found["features"]:
        raise BadInput("content", "a file with at least one shape")
    system, words = _system(found["crs"])
    features = [_feature(each, system) for each in found["features"]]
    return {"format": kind, "crs": words, "features": features}


def format_of(raw: bytes) -> str:
    """The format these bytes are of, by themselves.

    Raises:
        BadInput: none that we take.
    """
    if raw.startswith(b"SQLite format 3\0"):
        if raw[68:72] not in (b"GPKG", b"GP10", b"GP11"):
            raise BadInput("content", "a GeoPackage; this is another kind of database")
        return "gpkg"
    if raw[:4] == b"PK\3\4" or raw[:2] == b"\x1f\x8b":
        raise BadInput("content", "an unpacked file; unpack a zip or KMZ first")
    if b"\0" in raw:
        raise BadInput("content", "a text in UTF-8, or a GeoPackage")
    text = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        _need_geojson(text)
        return "geojson"
    if text.startswith(b"<"):
        # Entities are how a small XML file becomes a large one, or reads another.
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise BadInput("content", "XML without a document type or entities")
        body = re.sub(rb"<\?.*?\?>|<!--.*?-->", b"", text[:20_000], flags=re.DOTALL)
        root = _ROOT.search(body)
        if root is not None and root[1] in (b"kml", b"gpx"):
            return root[1].decode()
    raise BadInput("content", "a GeoJSON, KML, GPX or GeoPackage file")


def _decoded(content: object) -> bytes:
    if not isinstance(content, str):
        raise BadInput("content", "a file as base64")
    try:
        raw = base64.b64decode(content[: MOST_BYTES * 4 // 3 + 4], validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput("content", "base64") from error
    if len(raw) > MOST_BYTES:
        raise BadInput("content", f"a file of at most {MOST_BYTES // 1_000_000} MB")
    return raw


def _need_geojson(text: bytes) -> None:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadInput("content", f"JSON ({error.msg} in line {error.lineno})") from error
    if document.get("type") not in _GEOJSON:
        raise BadInput("content", "a GeoJSON FeatureCollection")


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
        raise BadInput("content", "a file that can be read in a few seconds") from error
    except orjson.JSONDecodeError as error:
        raise BadInput("content", "a file that can be read; reading this one broke off") from error
    if "fault" in found:
        raise BadInput("content", f"a readable file: {found['fault']}")
    return dict(found)


def _system(given: str) -> tuple[pyproj.Transformer | None, str]:
    if not given:
        raise BadInput("content", "a file that names its coordinate system")
    try:
        system = pyproj.CRS.from_user_input(given)
    except CRSError as error:
        raise BadInput("content", "a coordinate system that is known") from error
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
        if shapely.get_num_coordinates(area) > MOST_VERTICES:
            made, error_m = simpler(area, MOST_VERTICES)
            count = int(shapely.get_num_coordinates(made))
            simplified = {"parts": parts_of_area(made), "vertices": count,
                          "error_m": round(error_m, 2)}  # fmt: skip
    return {
        "name": given["name"],
        "parts": parts,
        "vertices": int(shapely.get_num_coordinates(shape)),
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
