// What the server tells of past breaches, and the asking. Every answer comes with the SHA-256 of
// its bytes, so that a picture can say which data it shows.

import { sha256Of } from "../exhibit/sha256.ts";

export interface ListLine {
  breach_id: number;
  case_code: string;
  zone_name: string | null;
  kind: string;
  is_confirmed: boolean;
  grade: number;
  entered_at: string;
  left_at: string | null;
  p_inside: number;
  radius_95_m: number | null;
  finding: string | null;
  has_place: boolean;
}

export interface List {
  total: number;
  rows: ListLine[];
  page_of: number;
}

/** lon, lat, fixed at (unix s), radius (m). */
export type FixRow = [number, number, number, number];

export interface Track {
  fixes: FixRow[];
  /** Further apart than that, nobody saw what lies between. */
  gap_s: number;
  is_cut: boolean;
}

export interface PastBreach {
  breach_id: number;
  case_code: string;
  kind: string;
  zone_id: number | null;
  zone_name: string | null;
  zone_version: number | null;
  zone_since: string | null;
  zone_shape: GeoJSON.MultiPolygon | null;
  is_confirmed: boolean;
  grade: string;
  cause: string;
  entered_at: string;
  confirmed_at: string | null;
  left_at: string | null;
  p_inside: number;
  radius_95_m: number | null;
  edge_m: number | null;
  fixes: number;
  crossings: number;
  revision: number;
  found_on_backfill: boolean;
  is_withdrawn: boolean;
  finding: string | null;
  place: [number, number] | null;
  alerts: {
    alert_id: number;
    priority: number;
    state: string;
    finding: string | null;
    history: { at: string; action: string; by: string | null; note: string }[];
  }[];
  track: Track;
}

export interface Answer<Found> {
  found: Found;
  sha256: string;
}

/** Fetches JSON; throws an error whose message can be shown. */
export async function ask<Found>(address: string, signal?: AbortSignal): Promise<Answer<Found>> {
  const answer = await fetch(address, {
    headers: { accept: "application/json" },
    ...(signal ? { signal } : {}),
  });
  const bytes = await answer.arrayBuffer();
  const found = JSON.parse(new TextDecoder().decode(bytes)) as Found & { message?: string };
  if (!answer.ok) throw new Error(found.message ?? `The room answered ${answer.status}.`);
  return { found, sha256: await sha256Of(bytes) };
}
