// Tracks of visits as lines. Over a gap no line is drawn: both ends are marked, and the first says
// for how long nobody saw anything.

import type { Feature, FeatureCollection, Position } from "geojson";
import type { FixRow, Track } from "./answers.ts";

/** Lines, and where wanted each fix and each end of a gap. */
export function trackFeatures(track: Track, withFixes: boolean): Feature[] {
  const features: Feature[] = [];
  let line: Position[] = [];
  const end = () => {
    if (line.length > 1) features.push(feature("line", { type: "LineString", coordinates: line }));
    line = [];
  };
  track.fixes.forEach((fix, index) => {
    const before = track.fixes[index - 1];
    // Longer than the limit, not "as long": what reports every two minutes is a track.
    if (before && fix[2] - before[2] > track.gap_s) {
      end();
      if (withFixes) {
        features.push(feature("gap", pointOf(before), { words: gapWords(fix[2] - before[2]) }));
        features.push(feature("gap", pointOf(fix), { words: "" }));
      }
    }
    line.push([fix[0], fix[1]]);
    if (withFixes) features.push(feature("fix", pointOf(fix), { at: fix[2], radius_m: fix[3] }));
  });
  end();
  return features;
}

export function collection(features: Feature[]): FeatureCollection {
  return { type: "FeatureCollection", features };
}

export function gapWords(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `no fix for ${minutes} min` : `no fix for ${Math.floor(minutes / 60)} h ${minutes % 60}`;
}

function pointOf(fix: FixRow): GeoJSON.Point {
  return { type: "Point", coordinates: [fix[0], fix[1]] };
}

function feature(role: string, geometry: GeoJSON.Geometry, more: object = {}): Feature {
  return { type: "Feature", properties: { role, ...more }, geometry };
}
