// The last six minutes of the selected tag: fetched once, then grown by the frames. A line is
// drawn only where fixes follow each other closely; over a gap nothing is claimed.

import type { Feature, FeatureCollection, Position } from "geojson";
import type { LayerSpecification } from "maplibre-gl";
import type { Tokens } from "./tokens.ts";

export const TRAIL_MINUTES = 6;

/** lon, lat, fixed at (unix s), radius (m). */
export type TrailRow = [number, number, number, number];

export function trailLayers(tokens: Tokens, factor: number): LayerSpecification[] {
  return [
    {
      id: "vigil-trail-line",
      type: "line",
      source: "trail",
      filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": tokens.text, "line-width": 2 * factor, "line-opacity": 0.85 },
    },
    {
      id: "vigil-trail-fixes",
      type: "circle",
      source: "trail",
      filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-radius": 2.5 * factor,
        "circle-color": tokens.mapField,
        "circle-stroke-color": tokens.text,
        "circle-stroke-width": 1.25 * factor,
      },
    },
  ];
}

/** A newer fix at the end; the same array when it is none. */
export function grown(rows: readonly TrailRow[], row: TrailRow): readonly TrailRow[] {
  const last = rows.at(-1);
  return last && last[2] >= row[2] ? rows : [...rows, row];
}

/** Fixes of the last six minutes before `nowS`, oldest first. */
export function recent(rows: readonly TrailRow[], nowS: number): readonly TrailRow[] {
  const from = nowS - TRAIL_MINUTES * 60;
  return rows.filter((row) => row[2] >= from);
}

export function trailFeatures(rows: readonly TrailRow[], gapS: number): FeatureCollection {
  const features: Feature[] = [];
  let line: Position[] = [];
  const end = () => {
    if (line.length > 1) {
      features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } });
    }
    line = [];
  };
  rows.forEach((row, index) => {
    const before = rows[index - 1];
    // Longer than the limit, not as long: a fix every 120 s is a track.
    if (before && row[2] - before[2] > gapS) end();
    line.push([row[0], row[1]]);
    features.push({
      type: "Feature",
      properties: {},
      geometry: { type: "Point", coordinates: [row[0], row[1]] },
    });
  });
  end();
  return { type: "FeatureCollection", features };
}
