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

/** The server did not answer, or could not: worth asking again. */
export class Unanswered extends Error {}

/** Fetches JSON; throws an error whose message can be shown. */
export async function ask<Found>(address: string, signal?: AbortSignal): Promise<Answer<Found>> {
  const [answer, bytes] = await fetched(address, signal);
  const read = readJson<Found & { message?: string }>(bytes);
  if (answer.ok && read) return { found: read.found, sha256: await sha256Of(bytes) };
  const words = read?.found?.message ?? `The room answered ${answer.status}.`;
  throw answer.status >= 500 ? new Unanswered(words) : new Error(words);
}

async function fetched(address: string, signal?: AbortSignal): Promise<[Response, ArrayBuffer]> {
  try {
    const answer = await fetch(address, {
      headers: { accept: "application/json" },
      ...(signal ? { signal } : {}),
    });
    return [answer, await answer.arrayBuffer()];
  } catch {
    throw new Unanswered("The server does not answer. It is asked again every few seconds.");
  }
}

/** Null for what is no JSON, such as a proxy's own page. */
function readJson<Found>(bytes: ArrayBuffer): { found: Found } | null {
  try {
    return { found: JSON.parse(new TextDecoder().decode(bytes)) as Found };
  } catch {
    return null;
  }
}
