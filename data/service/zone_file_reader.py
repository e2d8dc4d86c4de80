"""Reads an uploaded file's geometries; a program of its own, started by `data.service.zone_import`.

A stranger's file is opened by a large C library: here it can take no more memory and time than
it is given, reach no other file or host, and bring nothing down but itself. Only the four
formats can be opened at all. Bytes come by standard input, JSON goes to standard output.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

FORMATS = {"geojson": "GeoJSON", "kml": "KML", "gpx": "GPX", "gpkg": "GPKG"}
"""Format to the one driver that may open it."""

MOST_FEATURES = 500
MOST_VERTICES = 200_000

_MEMORY_BYTES = 3_000_000_000  # of address space: the libraries alone map more than one
_SECONDS = 10
# Everything of GDAL that is not one of the four. What a later GDAL adds is refused all the same:
# the driver that opened the file is compared.
_SKIPPED = (
    "PCIDSK,PDS4,VICAR,PDF,MBTiles,EEDA,OGCAPI,GDALG,ESRI Shapefile,MapInfo File,LVBAG,S57,DGN,"
    "OGR_VRT,VRT,CSV,GML,GMLAS,LIBKML,GeoJSONSeq,ESRIJSON,TopoJSON,OGR_GMT,SQLite,WAsP,"
    "OpenFileGDB,DXF,FlatGeobuf,GeoRSS,VFK,PGDUMP,PostgreSQL,MySQL,ODBC,OSM,GPSBabel,OGR_PDS,WFS,"
    "OAPIF,EDIGEO,Idrisi,ODS,XLSX,XLS,Elasticsearch,Carto,AmigoCloud,SXF,Selafin,JML,PLSCENES,CSW,"
    "VDV,MVT,NGW,MapML,GTFS,PMTiles,JSONFG,MiraMonVector,ADBC,AVCBin,AVCE00,AIVector,HTTP"
)


def main() -> None:
    """Reads, and says what was found or why not."""
    for limit, most in (
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    os.environ["GDAL_SKIP"] = os.environ["OGR_SKIP"] = _SKIPPED
    os.environ["CPL_VSIL_CURL_ALLOWED_EXTENSIONS"] = ".none"
    os.environ["GDAL_DISABLE_READDIR_ON_OPEN"] = "EMPTY_DIR"
    try:
        answer = _read(sys.stdin.buffer.read(), FORMATS[sys.argv[1]])
    except _Fault as fault:
        answer = {"fault": str(fault)}
    except Exception as error:  # noqa: BLE001, RUF100 - whatever the file did, the answer is a word
        answer = {"fault": f"It cannot be read ({type(error).__name__}): it may be damaged."}
    sys.stdout.write(json.dumps(answer))


class _Fault(Exception):
    """What is wrong with the file, in words."""


def _read(content: bytes, driver: str) -> dict[str, Any]:
    import pyogrio
    import shapely

    features: list[dict[str, Any]] = []
    systems: set[str] = set()
    vertices = 0
    for layer, (called, kind) in enumerate(pyogrio.list_layers(content)):
        # A GPX file's single points are the same tracks and routes once more.
        if kind is None or called in ("route_points", "track_points"):
            continue
        info = pyogrio.read_info(content, layer=layer)
        if info["driver"] != driver:
            raise _Fault(f"There is another format inside ({info['driver']}).")
        meta, _, shapes, columns = pyogrio.raw.read(content, layer=layer)
        if not len(shapes):
            continue
        systems.add(meta["crs"] or "")
        names = dict(zip(meta["fields"], columns, strict=True))
        titles = next((names[each] for each in ("name", "Name", "label") if each in names), None)
        for row, wkb in enumerate(shapes):
            if wkb is None:
                continue
            vertices += int(shapely.get_num_coordinates(shapely.from_wkb(wkb)))
            if len(features) >= MOST_FEATURES:
                raise _Fault(f"It has more than {MOST_FEATURES} shapes. Save those you need.")
            if vertices > MOST_VERTICES:
                raise _Fault(f"It has more than {MOST_VERTICES:,} corners. Simplify it first.")
            name = "" if titles is None or titles[row] is None else str(titles[row])[:100]
            features.append({"name": name, "wkb": wkb.hex()})
    if len(systems) > 1:
        raise _Fault("Its layers are in different coordinate systems.")
    return {"crs": next(iter(systems), ""), "features": features}


if __name__ == "__main__":
    main()
