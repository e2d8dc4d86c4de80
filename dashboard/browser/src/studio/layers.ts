// What the studio draws over the map, on one source: pattern and width tell things apart, no hue,
// but for a fault (an alert's) and a victim's door (a victim's).

import type { Feature, Geometry } from "geojson";
import type { LayerSpecification } from "maplibre-gl";
import type { Tokens } from "../map/tokens.ts";

export const SOURCE = "studio";
export const HATCH_ADDED = "studio-hatch-added";
export const DOOR = "studio-door";

export type RoleName =
  | "draft"
  | "label"
  | "corridor"
  | "buffer"
  | "ghost"
  | "own"
  | "added"
  | "removed"
  | "halo"
  | "fault"
  | "length"
  | "chosen"
  | "snap"
  | "hit"
  | "hit-chosen"
  | "found"
  | "preview"
  | "theirs"
  | "door";

export function feature(role: RoleName, geometry: Geometry, properties: Record<string, unknown> = {}): Feature {
  return { type: "Feature", geometry, properties: { role, ...properties } };
}

/** How many pixels wide so many metres are at zoom 0; twice that with each zoom. */
export function pixelsAtZero(metres: number, lat: number): number {
  return (metres * 512) / (40_075_016.7 * Math.cos((lat * Math.PI) / 180));
}

const GROUND_WIDTH = [
  "interpolate",
  ["exponential", 2],
  ["zoom"],
  0,
  ["get", "px0"],
  24,
  ["*", ["get", "px0"], 2 ** 24],
] as never;

export function studioLayers(tokens: Tokens): LayerSpecification[] {
  const is = (...roles: RoleName[]) => ["in", ["get", "role"], ["literal", roles]] as never;
  const line = (role: RoleName, paint: object, cap: "butt" | "round" = "butt"): LayerSpecification =>
    ({
      id: `studio-${role}`,
      type: "line",
      source: SOURCE,
      filter: is(role),
      layout: { "line-join": "round", "line-cap": cap },
      paint: { "line-color": tokens.zoneLine, ...paint },
    }) as LayerSpecification;
  const words = (role: RoleName, size: number, layout: object = {}): LayerSpecification =>
    ({
      id: `studio-${role}-words`,
      type: "symbol",
      source: SOURCE,
      filter: is(role),
      layout: { "text-field": ["get", "words"], "text-font": ["Inter"], "text-size": size, "text-allow-overlap": true, ...layout },
      paint: { "text-color": tokens.text, "text-halo-color": tokens.mapField, "text-halo-width": 2 },
    }) as LayerSpecification;
  const dot = (role: RoleName, paint: object): LayerSpecification =>
    ({ id: `studio-${role}`, type: "circle", source: SOURCE, filter: is(role), paint }) as LayerSpecification;
  return [
    line("halo", { "line-color": tokens.text3, "line-opacity": 0.16, "line-width": GROUND_WIDTH }, "round"),
    { id: "studio-removed", type: "fill", source: SOURCE, filter: is("removed"), paint: { "fill-pattern": HATCH_ADDED } },
    { id: "studio-added", type: "fill", source: SOURCE, filter: is("added"), paint: { "fill-color": tokens.text, "fill-opacity": 0.3 } },
    { id: "studio-draft-fill", type: "fill", source: SOURCE, filter: is("draft"), paint: { "fill-color": tokens.zoneLine, "fill-opacity": 0.14 } },
    line("corridor", { "line-opacity": 0.18, "line-width": GROUND_WIDTH }, "round"),
    line("ghost", { "line-width": 2, "line-opacity": 0.75, "line-dasharray": [1, 2] }),
    line("own", { "line-color": tokens.text, "line-width": 4 }),
    line("buffer", { "line-width": 1.25, "line-opacity": 0.8, "line-dasharray": [4.8, 3.2] }),
    line("draft", { "line-color": tokens.text, "line-width": 2.5, "line-dasharray": [4.8, 1.6] }),
    line("preview", { "line-color": tokens.text, "line-width": 2 }),
    line("theirs", { "line-color": tokens.text, "line-width": 2 }),
    line("fault", { "line-color": tokens.p1, "line-width": 5 }, "round"),
    dot("found", { "circle-radius": 7, "circle-color": "transparent", "circle-stroke-color": tokens.text, "circle-stroke-width": 2.5 }),
    // Full and small: a corner to be pulled is hollow.
    dot("hit", { "circle-radius": 4, "circle-color": tokens.text3, "circle-stroke-color": tokens.mapField, "circle-stroke-width": 1.5 }),
    dot("hit-chosen", { "circle-radius": 9, "circle-color": tokens.text, "circle-stroke-color": tokens.mapField, "circle-stroke-width": 3 }),
    dot("chosen", { "circle-radius": 10, "circle-color": "transparent", "circle-stroke-color": tokens.text, "circle-stroke-width": 2.5 }),
    dot("snap", { "circle-radius": 6, "circle-color": tokens.text, "circle-stroke-color": tokens.mapField, "circle-stroke-width": 2 }),
    {
      id: "studio-door",
      type: "symbol",
      source: SOURCE,
      filter: is("door"),
      layout: { "icon-image": DOOR, "icon-allow-overlap": true, "text-field": "victim’s door", "text-font": ["Inter"], "text-size": 12, "text-anchor": "left", "text-offset": [1.2, 0], "text-allow-overlap": true },
      paint: { "text-color": tokens.text, "text-halo-color": tokens.mapField, "text-halo-width": 2 },
    } as LayerSpecification,
    words("length", 13),
    words("added", 13, { "symbol-placement": "point" }),
    words("removed", 13, { "symbol-placement": "point" }),
    // One word above the highest corner: a label on the area itself comes once for each tile.
    words("label", 13, { "text-anchor": "bottom", "text-offset": [0, -0.8] }),
    words("found", 13, { "text-anchor": "left", "text-offset": [1, 0] }),
  ];
}

/** A shield with a door in it: the one thing here with a hue. */
export function doorImage(colour: string): ImageData {
  const size = 44;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const pen = canvas.getContext("2d")!;
  pen.fillStyle = colour;
  pen.fill(new Path2D("M22 3 L39 9 V22 C39 32 31 38 22 42 C13 38 5 32 5 22 V9 Z"));
  pen.fillStyle = "#ffffff";
  pen.fillRect(17, 16, 10, 16);
  return pen.getImageData(0, 0, size, size);
}
