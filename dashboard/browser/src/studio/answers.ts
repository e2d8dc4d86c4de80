// The shapes of what the server answers the studio.
// Ids are numbers, moments ISO UTC, places lon before lat.

import type { MultiPolygon } from "geojson";
import type { Position } from "./geometry.ts";
import type { Part } from "./shape.ts";
import type { Schedule } from "./week.ts";

export type Kind = "exclusion" | "inclusion" | "neutral";

export interface Check {
  check: string;
  level: "ok" | "warning" | "error";
  words: string;
  at?: Position | null;
}

export interface Permission {
  from: string;
  to: string;
  reason: string;
}

export interface Version {
  zone_version_id: number;
  number: number;
  shape: MultiPolygon;
  kind: Kind;
  buffer_m: number;
  schedule: Schedule | null;
  valid_from: string;
  valid_to: string | null;
  reason: string;
  order_ref: string | null;
  drawn_by: string | null;
  signed_by: string | null;
  is_emergency?: boolean;
  expires_at?: string | null;
  rehearsal?: Rehearsal | null;
}

export interface May {
  edit?: boolean;
  send?: boolean;
  activate?: boolean;
  sign?: boolean;
  export?: boolean;
  retire?: boolean;
  recall?: boolean;
  draw?: boolean;
}

export interface Draft {
  draft_id: number;
  zone_id: number | null;
  case_id: number;
  case_code: string;
  label: string;
  name?: string | null;
  kind: Kind;
  template: string | null;
  buffer_m: number;
  parts: Part[];
  schedule: Schedule | null;
  permissions: Permission[];
  /** From when on it shall hold; null: with the second signature. */
  valid_from: string | null;
  reason: string;
  order_ref: string;
  revision: number;
  state: "editing" | "waiting" | "due" | "signed" | "dropped";
  author: string;
  saved_at: string;
  history: unknown;
  shape: MultiPolygon | null;
  /** The outer edge of its buffer. */
  ring: MultiPolygon | null;
  measures: {
    area_m2: number | null;
    perimeter_m: number | null;
    vertices: number | null;
    door_m?: number | null;
  } | null;
  checks: Check[];
  base: Version | null;
  /** False where another version came into force since the draft was begun. */
  is_base_current?: boolean;
  /** What the second person wrote who did not sign. */
  remark?: string;
  waits_until?: string | null;
  rehearsal?: { rehearsal_id: number; is_current: boolean } | null;
  /** The rehearsal that waits or runs just now, whoever began it. */
  rehearsing?: number | null;
  /** Other cases of the same man. */
  also_affects?: { cases: string[]; hidden: number };
  may: May;
}

/** A draft in a list. */
export interface DraftLine {
  draft_id: number;
  revision: number;
  author: string;
  saved_at: string;
  state: Draft["state"];
  order_ref: string;
  /** Tried on the past as it is now. */
  is_tried: boolean;
}

export interface ZoneLine {
  zone_id: number;
  case_code: string;
  label: string;
  kind: Kind;
  state: string;
  version: number | null;
  versions: number;
  since: string | null;
  draft: DraftLine | null;
}

export interface Template {
  template: string;
  words: string;
  kind: Kind;
  buffer_m: number;
  radius_m: number;
  schedule: Schedule | null;
}

export interface ZoneList {
  zones: ZoneLine[];
  /** Of zones that are not there yet. */
  drafts: (DraftLine & { case_code: string; label: string; kind: Kind })[];
  cases: { case_id: number; case_code: string; order_ref: string }[];
  templates: Template[];
  may: May;
}

export interface ZonePage {
  zone: ZoneLine;
  versions: Version[];
  draft: Draft | null;
  may?: May;
}

export interface Compare {
  added: MultiPolygon | null;
  removed: MultiPolygon | null;
  added_m2: number;
  removed_m2: number;
  now: MultiPolygon | null;
  before: MultiPolygon | null;
}

export interface Hit {
  hit_id?: number | string;
  at: string;
  until: string | null;
  cause: string;
  lon: number;
  lat: number;
  minutes: number | null;
  p_inside: number | null;
  warning_min: number | null;
}

export interface Result {
  buffer_m: number;
  alerts: number;
  alerts_a_day: number;
  by_hour: number[];
  by_cause: Record<string, number>;
  /** Shares of the alerts; null where there was none. */
  one_fix: number | null;
  drift: number | null;
  warning_p50_min: number | null;
  warning_p90_min: number | null;
  minutes_inside: number;
  hits: Hit[];
}

/** What another buffer would have done, from distances measured once. */
export interface Estimate {
  buffer_m: number;
  alerts: number;
  alerts_a_day: number;
  warnings: number;
  warning_p50_min: number | null;
  warning_p90_min: number | null;
}

export interface Rehearsal {
  rehearsal_id: number;
  /** Whether it tried the draft as it is now. */
  is_current: boolean;
  days: number;
  from: string;
  to: string;
  /** On how many of these days there is any; "a day" is one of them. */
  days_seen?: number;
  /** How many positions of his it was tried on. */
  fixes: number;
  draft: Result;
  in_force: Result | null;
  buffers: Estimate[];
}

export interface Job {
  job_id?: number;
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  done: number;
  left_s: number | null;
  words: string;
}

export interface Imported {
  crs: string;
  features: {
    name: string;
    parts: Part[];
    vertices: number;
    simplified: { parts: Part[]; vertices: number; error_m: number } | null;
    faults: string[];
  }[];
}

export interface Night {
  date: string;
  words: string;
  windows: { from_local: string; to_local: string; from_utc: string; to_utc: string; minutes: number }[];
}

/** Where she lives, for who may see it just now. */
export interface Door {
  is_known: boolean;
  place: Position | null;
  why_not: string;
}

export type { Street } from "../keys/choices.ts";
