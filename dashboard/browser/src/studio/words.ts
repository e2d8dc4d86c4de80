// Figures as the studio writes them, and what holds of the versions it is given.

import type { MultiPolygon } from "geojson";
import type { Rehearsal, Result, Version } from "./answers.ts";
import type { Position } from "./geometry.ts";
import { wallAt } from "./week.ts";

/** A version ends when another begins or the zone is retired: one without an end holds. */
export function isInForce(version: Version): boolean {
  return version.valid_to === null;
}

/** What a rehearsal came to, in one line. */
export function triedWords({ days, days_seen = days, fixes, draft, in_force: before }: Rehearsal): string {
  if (!fixes) return `Tried on ${days} days without a position of his: that says nothing.`;
  const alerts = ({ alerts, alerts_a_day }: Result) => `${alerts} alerts (${alerts_a_day.toFixed(2)} a day)`;
  const warned = draft.warning_p50_min === null ? "" : `; warning p50 ${draft.warning_p50_min.toFixed(1)} min`;
  return `Tried on ${days_seen === 1 ? "1 day" : `${days_seen} days`}: ${before ? `${alerts(before)} as it was, ` : ""}${alerts(draft)}${before ? " as drawn" : ""}${warned}.`;
}

/** "2026-11-30 14:02" in this time zone: versions are kept for years. */
export function momentWords(moment: string, timeZone = "UTC"): string {
  return wallAt(moment, timeZone).replace("T", " ");
}

/** "Mon 30 Nov 14:02", of what lies within the last weeks. */
export function recentWords(moment: string, timeZone: string): string {
  const form = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
  return form.format(new Date(moment)).replaceAll(",", "");
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
