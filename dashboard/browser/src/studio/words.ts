// Figures as the studio writes them, and what holds of the versions it is given.

import type { MultiPolygon } from "geojson";
import type { Version } from "./answers.ts";
import type { Position } from "./geometry.ts";

/** A version ends when another begins or the zone is retired: one without an end holds. */
export function isInForce(version: Version): boolean {
  return version.valid_to === null;
}

export function squareMetres(m2: number): string {
  return m2 >= 100_000 ? `${(m2 / 1e6).toFixed(3)} km²` : `${Math.round(m2).toLocaleString("en-GB")} m²`;
}

export function metres(m: number): string {
  return m >= 1000 ? `${(m / 1000).toFixed(2)} km` : `${Math.round(m)} m`;
}

export function positionsOf(shape: MultiPolygon): Position[] {
  return shape.coordinates.flat(2) as Position[];
}
