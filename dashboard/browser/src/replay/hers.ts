// Her side of the replay (layers/replay_hers.py): places and encounters, for the minute of a reveal
// only. What is here when the minute ends is forgotten; nothing of it is in the address or stored.

import type { FeatureCollection } from "geojson";
import { EMPTY } from "../map/style.ts";
import type { ReplayModel } from "./model.ts";
import { minuteIn } from "./times.ts";
import { type FixFacts, metresBetween } from "./track.ts";

export interface HerPlace {
  number: number;
  name: string;
  lon: number;
  lat: number;
  radius_m: number;
  /** Half-open stretches in which she was due there, unix seconds. */
  due: [number, number][];
}

export interface HerCase {
  case_code: string;
  /** Why nothing of her is shown; empty: it is shown. */
  masked: string;
  left_s?: number;
  places?: HerPlace[];
  drawn?: { routines: FeatureCollection; encounters: FeatureCollection };
}

export const HER_LAYERS = ["routines", "encounters"] as const;

/** What the map draws of her in a minute of reveal; empty otherwise. */
export function drawnOf(cases: readonly HerCase[], layer: (typeof HER_LAYERS)[number]): FeatureCollection {
  const features = cases.flatMap((each) => each.drawn?.[layer].features ?? []);
  return features.length ? { type: "FeatureCollection", features } : EMPTY;
}

/** How long the shortest reveal still runs, seconds; null: nothing is revealed. */
export function leftS(cases: readonly HerCase[]): number | null {
  const left = cases.flatMap((each) => (each.left_s === undefined ? [] : [each.left_s]));
  return left.length ? Math.min(...left) : null;
}

/** The place where she is due at an instant and he is nearest to; where she is due nowhere, the nearest of all. */
export function nearestPlace(
  places: readonly HerPlace[],
  atS: number,
  lon: number,
  lat: number,
): { place: HerPlace; until: number | null; metres: number } | null {
  const all = places.map((place) => ({
    place,
    until: place.due.find(([from, to]) => from <= atS && atS < to)?.[1] ?? null,
    metres: metresBetween(lon, lat, place.lon, place.lat),
  }));
  const due = all.filter((each) => each.until !== null);
  return (due.length ? due : all).sort((here, there) => here.metres - there.metres)[0] ?? null;
}

/** "Her week: due at 3 Choir until 20:30", "To her place: 112 m"; masked, only that it is. */
export function herWords(model: ReplayModel, fix: FixFacts): [string, string][] {
  return model.hers.flatMap((each): [string, string][] => {
    const who = model.hers.length > 1 ? ` ${each.case_code}` : "";
    if (each.masked) return [[`To her place${who}`, each.masked]];
    const found = nearestPlace(each.places ?? [], model.nowS(), fix.lon, fix.lat);
    if (!found) return [[`Her week${who}`, "nothing of it is on record"]];
    const name = `${found.place.number} ${found.place.name}`;
    const due = found.until === null ? "due nowhere now" : `due at ${name} until ${minuteIn(model.timeZone, found.until)}`;
    const far = found.metres >= 1000 ? `${(found.metres / 1000).toFixed(1)} km` : `${Math.round(found.metres)} m`;
    const error = Math.round(Math.hypot(fix.radiusM, found.place.radius_m));
    return [
      [`Her week${who}`, due],
      [`To her place${who}`, `${far} ±${error} m${found.until === null ? `, to ${name}` : ""}`],
    ];
  });
}
