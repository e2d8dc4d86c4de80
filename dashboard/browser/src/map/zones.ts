// Zones: told apart by pattern, never by hue. A breached one takes the colour of a first alert.

import type { FeatureCollection } from "geojson";
import type { LayerSpecification } from "maplibre-gl";
import type { AlertRow } from "../live/alerts.ts";
import type { Tokens } from "./tokens.ts";

export const HATCH = "hatch";
export const MARKED = "marked-zones";

/** The layers for a server that gives none of its own. */
export function zoneLayers(tokens: Tokens): LayerSpecification[] {
  const line = tokens.zoneLine;
  const is = (kind: string) => ["==", ["get", "kind"], kind] as never;
  const isZone = ["!=", ["get", "role"], "buffer"] as never;
  const inForce = ["!=", ["get", "in_force"], false] as never;
  return [
    {
      id: "zones-exclusion-fill",
      type: "fill",
      source: "zones",
      filter: ["all", is("exclusion"), isZone, inForce],
      paint: { "fill-pattern": HATCH },
    },
    {
      id: "zones-exclusion-line",
      type: "line",
      source: "zones",
      filter: ["all", is("exclusion"), isZone, inForce],
      paint: { "line-color": line, "line-width": 2.5 },
    },
    {
      id: "buffers-line",
      type: "line",
      source: "zones",
      filter: ["all", ["==", ["get", "role"], "buffer"], inForce],
      // Dashes count in line widths: 6 and 4 pixels.
      paint: { "line-color": line, "line-width": 1.25, "line-dasharray": [4.8, 3.2] },
    },
    {
      id: "zones-inclusion-line",
      type: "line",
      source: "zones",
      filter: ["all", is("inclusion"), isZone, inForce],
      layout: { "line-cap": "round" },
      paint: { "line-color": line, "line-width": 2, "line-dasharray": [0, 2.5] },
    },
    {
      id: "zones-idle-line",
      type: "line",
      source: "zones",
      filter: ["all", isZone, ["==", ["get", "in_force"], false]],
      paint: { "line-color": line, "line-width": 1, "line-opacity": 0.4 },
    },
  ];
}

/** What stands out: on a source of their own, or every other zone would be drawn three times more. */
export function markedLayers(tokens: Tokens, factor: number): LayerSpecification[] {
  const is = (mark: string) => ["==", ["get", mark], true] as never;
  return [
    {
      id: "vigil-breached-fill",
      type: "fill",
      source: MARKED,
      filter: is("breached"),
      paint: { "fill-color": tokens.p1, "fill-opacity": 0.18 },
    },
    {
      id: "vigil-breached-line",
      type: "line",
      source: MARKED,
      filter: is("breached"),
      layout: { "line-join": "round" },
      paint: { "line-color": tokens.p1, "line-width": 4 * factor },
    },
    {
      id: "vigil-selected-zone",
      type: "line",
      source: MARKED,
      filter: is("selected"),
      layout: { "line-join": "round" },
      paint: { "line-color": tokens.text, "line-width": 2 * factor, "line-gap-width": 6 * factor },
    },
  ];
}

/** The zones that are breached or selected, and which of both; never their buffers. */
export function markedZones(
  zones: FeatureCollection,
  breached: ReadonlySet<number>,
  selected: number | null,
): FeatureCollection {
  const features = zones.features.flatMap((feature) => {
    const id = feature.properties?.["zone_id"] as number | undefined;
    if (id === undefined || ["buffer", "name"].includes(feature.properties?.["role"])) return [];
    const marks = { breached: breached.has(id), selected: id === selected };
    return marks.breached || marks.selected ? [{ ...feature, properties: marks }] : [];
  });
  return { type: "FeatureCollection", features };
}

/** Zones with an open first alert whose condition still holds. */
export function breachedZones(open: readonly AlertRow[]): Set<number> {
  const zones = new Set<number>();
  for (const row of open) {
    if (row.priority === 1 && row.zone_id !== null && row.cleared_at === null) zones.add(row.zone_id);
  }
  return zones;
}

/** Lines at 45 degrees, drawn for any theme; joins without a seam. */
export function hatchImage(colour: readonly [number, number, number], ratio: number) {
  const size = 10 * ratio;
  const data = new Uint8Array(size * size * 4);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const along = (row + column) % size;
      const at = (row * size + column) * 4;
      data[at] = colour[0] * 255;
      data[at + 1] = colour[1] * 255;
      data[at + 2] = colour[2] * 255;
      data[at + 3] = along < ratio ? 110 : 0;
    }
  }
  return { width: size, height: size, data };
}
