// Rows and frames for the tests, each with one thing that matters.

import type { TestContext } from "node:test";
import { beat } from "../src/live/beat.ts";
import type { AlertRow } from "../src/live/alerts.ts";
import { HEADER_BYTES, RECORD_BYTES } from "../src/live/tags.ts";

export const NOW_S = Date.parse("2026-11-20T02:14:07Z") / 1000;

export function anAlert(given: Partial<AlertRow> = {}): AlertRow {
  return {
    alert_id: 1,
    version: 1,
    kind: "breach",
    priority: 1,
    state: "new",
    raised_at: "2026-11-20T02:12:43Z",
    began_at: null,
    case_code: "0142",
    activation_id: 7,
    zone_id: 3,
    zone_name: "Zone A",
    title: "in Zone A",
    channel: "confirmed",
    p_inside: 0.934,
    radius_95_m: 18,
    edge_m: -60,
    repeats: 1,
    minutes_to_contact: null,
    found_on_backfill: false,
    owner: null,
    acknowledged_at: null,
    cleared_at: null,
    device_kind: "tag",
    is_flapping: false,
    turn: 0,
    waiting_since: given.raised_at ?? "2026-11-20T02:12:43Z",
    hold_until: null,
    shelved_until: null,
    shelves: 0,
    escalated_at: null,
    rung: 0,
    is_shelvable: false,
    ...given,
  };
}

export interface TagGiven {
  id: number;
  lon?: number;
  lat?: number;
  fixedAtS?: number;
  heading?: number;
  radius?: number;
  state?: number;
  role?: number;
  battery?: number;
  flags?: number;
}

/** A frame byte by byte, as the server's struct packs it. */
export function aFrame(tags: TagGiven[], kind = 0, nowS = NOW_S): ArrayBuffer {
  const bytes = new ArrayBuffer(HEADER_BYTES + tags.length * RECORD_BYTES);
  const view = new DataView(bytes);
  view.setFloat64(0, nowS, true);
  view.setFloat64(8, nowS - 1, true);
  view.setFloat64(16, nowS - 2, true);
  view.setUint32(32, tags.length, true);
  view.setUint32(36, kind, true);
  tags.forEach((tag, row) => {
    const at = HEADER_BYTES + row * RECORD_BYTES;
    view.setUint32(at, tag.id, true);
    view.setInt32(at + 4, Math.round((tag.lon ?? 0) * 1e7), true);
    view.setInt32(at + 8, Math.round((tag.lat ?? 0) * 1e7), true);
    view.setUint32(at + 12, tag.fixedAtS ?? NOW_S, true);
    view.setUint16(at + 16, tag.heading ?? 65535, true);
    view.setUint16(at + 18, tag.radius ?? 10, true);
    view.setUint8(at + 20, tag.state ?? 0);
    view.setUint8(at + 21, tag.role ?? 0);
    view.setUint8(at + 22, tag.battery ?? 255);
    view.setUint8(at + 23, tag.flags ?? 0);
  });
  return bytes;
}

/** A page's clock that stands until it is told how many milliseconds have passed, and beats then. */
export function aBeatingClock(context: TestContext): (ms: number) => void {
  let nowMs = 0;
  context.mock.method(performance, "now", () => nowMs);
  return (ms) => {
    nowMs += ms;
    beat();
  };
}
