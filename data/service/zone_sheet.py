"""The map of a zone on paper, for the order: one A4 page, the same bytes for the same input.

Drawn in metres of a plane of the zone's own, so that the scale bar is true on the whole page.
Zones are hatched, not coloured: an order is copied in black and white.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from reportlab.lib.colors import Color, black, white
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from shapely.geometry.base import BaseGeometry

from data.geo import LonLat, Plane

_PAGE = landscape(A4)
_MAP = (12 * mm, 14 * mm, 196 * mm, 182 * mm)  # left, bottom, width, height
_SIDE = 214 * mm
_GREY = {
    "water": Color(0.86, 0.89, 0.92),
    "green": Color(0.92, 0.94, 0.91),
    "building": Color(0.88, 0.87, 0.86),
}
_WIDE = ("motorway", "trunk", "primary", "secondary", "tertiary")
_MARGIN = 1.35
_MOST_LINES = 12  # of one heading: the legend has to stand below all of them


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is on the page."""

    title: str  # case code and what the zone is called on screens
    lines: Sequence[tuple[str, str]]  # heading and words, down the side
    area: BaseGeometry  # degrees
    ring: BaseGeometry | None  # the area with its buffer; None: no buffer
    streets: Sequence[tuple[str, str, BaseGeometry]]  # name, class, line
    areas: Sequence[tuple[str, BaseGeometry]]  # kind, shape
    attribution: str
    mark: str  # who took it, and under which number: across the page and in the file


def window_of(area: BaseGeometry, ring: BaseGeometry | None) -> tuple[float, float, float, float]:
    """The degrees the map shows: the zone, its buffer and some streets about it."""
    plane, half_east, half_north = _frame(area, ring)
    east = np.array([-half_east, half_east, -half_east, half_east])
    north = np.array([-half_north, -half_north, half_north, half_north])
    lon, lat = plane.degrees(east, north)
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def draw(sheet: Sheet) -> bytes:
    """The page as PDF."""
    made = io.BytesIO()
    # Invariant: no time of making and no random id in the file, so that it can be compared.
    canvas = Canvas(made, pagesize=_PAGE, invariant=1, pageCompression=1)
    canvas.setTitle(sheet.title)
    canvas.setSubject(sheet.mark)
    canvas.setCreator("Vigil")
    _map(canvas, sheet)
    _side(canvas, sheet)
    canvas.setFont("Helvetica", 7)
    canvas.setFillColor(Color(0.45, 0.45, 0.45))
    canvas.drawString(_MAP[0], 8 * mm, _latin(f"{sheet.mark}   {sheet.attribution}"))
    canvas.save()
    return made.getvalue()


def _frame(area: BaseGeometry, ring: BaseGeometry | None) -> tuple[Plane, float, float]:
    west, south, east, north = (ring or area).bounds
    plane = Plane(LonLat((west + east) / 2, (south + north) / 2))
    flat = _flat(ring or area, plane)
    left, bottom, right, top = flat.bounds
    ratio = _MAP[2] / _MAP[3]
    half_north = max((top - bottom) / 2, (right - left) / 2 / ratio, 100.0) * _MARGIN
    return plane, half_north * ratio, half_north


def _flat(shape: BaseGeometry, plane: Plane) -> BaseGeometry:
    return shapely.transform(shape, lambda at: np.column_stack(plane.metres(*at.T)))


def _map(canvas: Canvas, sheet: Sheet) -> None:
    plane, half_east, half_north = _frame(sheet.area, sheet.ring)
    left, bottom, width, height = _MAP
    scale = width / (2 * half_east)  # points a metre
    frame = shapely.box(-half_east, -half_north, half_east, half_north)

    middle = np.array([left + width / 2, bottom + height / 2])

    def on_page(shape: BaseGeometry) -> BaseGeometry:
        flat = _flat(shape, plane)
        cut = shapely.intersection(flat if flat.is_valid else shapely.make_valid(flat), frame)
        return shapely.transform(cut, lambda at: at * scale + middle)

    canvas.saveState()
    for kind, shape in sheet.areas:
        canvas.setFillColor(_GREY.get(kind, _GREY["building"]))
        _paint(canvas, on_page(shape), stroke=0, fill=1)
    _streets(canvas, sheet, on_page)
    if sheet.ring is not None:
        canvas.setStrokeColor(black)
        canvas.setLineWidth(0.8)
        canvas.setDash(4, 3)
        _paint(canvas, on_page(sheet.ring), stroke=1, fill=0)
        canvas.setDash()
    zone = on_page(sheet.area)
    _hatch(canvas, zone)
    canvas.setStrokeColor(white)
    canvas.setLineWidth(4)
    _paint(canvas, zone, stroke=1, fill=0)
    canvas.setStrokeColor(black)
    canvas.setLineWidth(2)
    _paint(canvas, zone, stroke=1, fill=0)
    canvas.setLineWidth(0.6)
    canvas.rect(left, bottom, width, height)
    _mark(canvas, sheet.mark)
    _north(canvas, left + width - 9 * mm, bottom + height - 18 * mm)
    _scale_bar(canvas, left + 6 * mm, bottom + 6 * mm, scale, half_east)
    canvas.restoreState()


def _streets(canvas: Canvas, sheet: Sheet, on_page: Any) -> None:
    lengths: dict[str, list[BaseGeometry]] = {}
    for name, street_class, line in sheet.streets:
        is_wide = street_class.startswith(_WIDE)
        canvas.setStrokeColor(Color(0.62, 0.62, 0.62) if is_wide else Color(0.75, 0.75, 0.75))
        canvas.setLineWidth(1.6 if is_wide else 0.7)
        for part in shapely.get_parts(on_page(line)):
            if part.geom_type == "LineString" and not part.is_empty:
                path = canvas.beginPath()
                corners = shapely.get_coordinates(part)
                path.moveTo(*corners[0])
                for corner in corners[1:]:
                    path.lineTo(*corner)
                canvas.drawPath(path)
                lengths.setdefault(name, []).append(part)
    # A street comes in many lengths; its name is written once, on the longest that joins up.
    labels = []
    for name, parts in lengths.items():
        joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts)))
        longest = joined[shapely.length(joined).argmax()]
        if name and longest.length > 3.2 * len(name):
            labels.append((name, longest))
    labels.sort(key=lambda each: -each[1].length)
    canvas.setFillColor(Color(0.25, 0.25, 0.25))
    canvas.setFont("Helvetica", 6)
    taken: list[BaseGeometry] = []
    for name, part in labels:
        spot = part.interpolate(0.5, normalized=True)
        room = spot.buffer(2.2 * len(name))
        if any(room.intersects(other) for other in taken):
            continue
        taken.append(room)
        before, after = (part.interpolate(share, normalized=True) for share in (0.45, 0.55))
        angle = math.degrees(math.atan2(after.y - before.y, after.x - before.x))
        angle = angle - 180 if angle > 90 else angle + 180 if angle < -90 else angle
        canvas.saveState()
        canvas.translate(spot.x, spot.y)
        canvas.rotate(angle)
        canvas.drawCentredString(0, 1.5, _latin(name))
        canvas.restoreState()


def _paint(canvas: Canvas, shape: BaseGeometry, *, stroke: int, fill: int) -> None:
    path = canvas.beginPath()
    for part in shapely.get_parts(shape):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        for ring in (part.exterior, *part.interiors):
            corners = shapely.get_coordinates(ring)
            path.moveTo(*corners[0])
            for corner in corners[1:]:
                path.lineTo(*corner)
            path.close()
    canvas.drawPath(path, stroke=stroke, fill=fill, fillMode=0)  # even-odd: holes stay open


def _hatch(canvas: Canvas, zone: BaseGeometry) -> None:
    if zone.is_empty:
        return
    west, south, east, north = zone.bounds
    high = north - south
    starts = np.arange(west - high, east, 7.0)
    lines = shapely.linestrings(
        [[(start, south), (start + high, north)] for start in starts.tolist()]
    )
    canvas.setStrokeColor(Color(0.2, 0.2, 0.2, alpha=0.5))
    canvas.setLineWidth(0.5)
    for piece in shapely.get_parts(shapely.intersection(zone, shapely.union_all(lines))):
        if piece.geom_type == "LineString":
            (x1, y1), (x2, y2) = piece.coords[0], piece.coords[-1]
            canvas.line(x1, y1, x2, y2)


def _mark(canvas: Canvas, words: str) -> None:
    # Faint and large: a photograph of the page still says who took it.
    canvas.saveState()
    frame = canvas.beginPath()
    frame.rect(*_MAP)
    canvas.clipPath(frame, stroke=0, fill=0)
    canvas.setFillColor(Color(0, 0, 0, alpha=0.10))
    canvas.setFont("Helvetica-Bold", 20)
    canvas.translate(_MAP[0] + _MAP[2] / 2, _MAP[1] + _MAP[3] / 2)
    canvas.rotate(30)
    for line in (-1, 0, 1):
        canvas.drawCentredString(0, line * 50 * mm, _latin(words))
    canvas.restoreState()


def _north(canvas: Canvas, x: float, y: float) -> None:
    canvas.setFillColor(white)
    canvas.circle(x, y + 4 * mm, 7 * mm, stroke=0, fill=1)
    canvas.setFillColor(black)
    path = canvas.beginPath()
    path.moveTo(x, y + 8 * mm)
    path.lineTo(x - 2.5 * mm, y)
    path.lineTo(x, y + 2 * mm)
    path.lineTo(x + 2.5 * mm, y)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.setFont("Helvetica-Bold", 9)
    canvas.drawCentredString(x, y - 3.2 * mm, "N")


def _scale_bar(canvas: Canvas, x: float, y: float, scale: float, half_east: float) -> None:
    longest = half_east / 2
    power = 10 ** math.floor(math.log10(longest))
    metres = max(step * power for step in (1, 2, 5) if step * power <= longest)
    length = metres * scale
    canvas.setFillColor(white)
    canvas.rect(x - 2 * mm, y - 2 * mm, length + 22 * mm, 9 * mm, stroke=0, fill=1)
    canvas.setFillColor(black)
    canvas.setStrokeColor(black)
    canvas.setLineWidth(0.6)
    canvas.rect(x, y, length / 2, 1.6 * mm, fill=1)
    canvas.rect(x + length / 2, y, length / 2, 1.6 * mm, fill=0)
    canvas.setFont("Helvetica", 8)
    words = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    canvas.drawString(x, y + 2.6 * mm, "0")
    canvas.drawString(x + length, y + 2.6 * mm, words)


def _side(canvas: Canvas, sheet: Sheet) -> None:
    y = _PAGE[1] - 20 * mm
    canvas.setFillColor(black)
    canvas.setFont("Helvetica-Bold", 13)
    for line in _wrapped(sheet.title, 30):
        canvas.drawString(_SIDE, y, _latin(line))
        y -= 6 * mm
    y -= 2 * mm
    for heading, words in sheet.lines:
        canvas.setFont("Helvetica", 7)
        canvas.setFillColor(Color(0.4, 0.4, 0.4))
        canvas.drawString(_SIDE, y, _latin(heading))
        y -= 4 * mm
        canvas.setFont("Helvetica", 9)
        canvas.setFillColor(black)
        lines = [line for each in words.split("\n") for line in _wrapped(each, 42)]
        if len(lines) > _MOST_LINES:
            lines = [*lines[: _MOST_LINES - 1], f"and {len(lines) - _MOST_LINES + 1} lines more"]
        for line in lines:
            canvas.drawString(_SIDE, y, _latin(line))
            y -= 4.2 * mm
        y -= 2 * mm
    _legend(canvas, y - 2 * mm, sheet)


def _legend(canvas: Canvas, y: float, sheet: Sheet) -> None:
    canvas.setFont("Helvetica-Bold", 9)
    canvas.drawString(_SIDE, y, "Legend")
    y -= 9 * mm
    swatch = shapely.box(_SIDE, y, _SIDE + 12 * mm, y + 6 * mm)
    _hatch(canvas, swatch)
    canvas.setStrokeColor(black)
    canvas.setLineWidth(2)
    _paint(canvas, swatch, stroke=1, fill=0)
    canvas.setFont("Helvetica", 9)
    canvas.drawString(_SIDE + 15 * mm, y + 2 * mm, "the zone")
    if sheet.ring is not None:
        y -= 9 * mm
        canvas.setLineWidth(0.8)
        canvas.setDash(4, 3)
        canvas.rect(_SIDE, y, 12 * mm, 6 * mm)
        canvas.setDash()
        canvas.drawString(_SIDE + 15 * mm, y + 2 * mm, "its buffer: a warning")
    y -= 7 * mm
    canvas.setLineWidth(1.6)
    canvas.setStrokeColor(Color(0.62, 0.62, 0.62))
    canvas.line(_SIDE, y + 1.2 * mm, _SIDE + 12 * mm, y + 1.2 * mm)
    canvas.drawString(_SIDE + 15 * mm, y, "streets")


def _wrapped(words: str, most: int) -> list[str]:
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word[:most]}".strip()
    return lines[:8]


def _latin(words: str) -> str:
    # The page's own fonts hold Latin-1; what they lack becomes a question mark, not a fault.
    return words.encode("latin-1", "replace").decode("latin-1")
