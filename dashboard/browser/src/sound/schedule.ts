// When the room sounds, and for what. Pure: real milliseconds in, at most one burst out.

import { type AlertRow, isFlapping } from "../live/alerts.ts";

/** Whose ears: a desk that takes alerts, a supervisor who is called, a wall that is the last to speak. */
export type Seat = "desk" | "supervisor" | "wall" | "none";

const REPEAT_MS: Readonly<Record<number, number>> = { 1: 10_000, 2: 30_000 };
const MOST: Readonly<Record<number, number>> = { 1: Infinity, 2: 4, 3: 1 };
const LOUDER_AFTER_MS = 30_000;
const LOUDER_DB = 3;
const FLAPPING_MS = 300_000;
const WALL_WAITS_MS = 30_000;
const PAUSE_MS = 60_000;
const SHARE_MS = 2_000;

export interface Burst {
  priority: number;
  alertIds: number[];
  gainDb: number;
}

interface Voice {
  sinceMs: number;
  nextMs: number;
  times: number;
}

export class SoundPlan {
  private voices = new Map<string, Voice>();
  private pausedUntilMs = 0;
  private paused = new Set<string>();
  private busyUntilMs = 0;
  private busyPriority = 9;
  private isFirstLook = true;

  constructor(private readonly seat: Seat) {}

  /** Silence for what sounds now, for a minute; what comes new breaks it. */
  pause(nowMs: number): void {
    this.pausedUntilMs = nowMs + PAUSE_MS;
    this.paused = new Set(this.voices.keys());
  }

  isPaused(nowMs: number): boolean {
    return nowMs < this.pausedUntilMs;
  }

  /** The burst that is due now; null when the room is to be still. */
  next(open: readonly AlertRow[], nowMs: number, burstMs: (priority: number) => number): Burst | null {
    this.listen(open, nowMs);
    const due = open
      .filter((row) => this.isDue(row, nowMs))
      .sort((here, there) => here.priority - there.priority);
    const first = due[0];
    if (!first) return null;
    // One voice at a time; only what is more urgent cuts in.
    if (nowMs < this.busyUntilMs && first.priority >= this.busyPriority) return null;
    const shared = open.filter(
      (row) => row.priority === first.priority && this.isDue(row, nowMs + SHARE_MS) && this.isDue(row, nowMs),
    );
    let gainDb = 0;
    for (const row of shared) {
      const voice = this.voices.get(keyOf(row))!;
      if (row.priority === 1 && nowMs - voice.sinceMs >= LOUDER_AFTER_MS) gainDb = LOUDER_DB;
      voice.times += 1;
      voice.nextMs = nowMs + repeatMs(row);
    }
    this.busyUntilMs = nowMs + burstMs(first.priority);
    this.busyPriority = first.priority;
    return { priority: first.priority, alertIds: shared.map((row) => row.alert_id), gainDb };
  }

  private listen(open: readonly AlertRow[], nowMs: number): void {
    const heard = new Map<string, Voice>();
    for (const row of open) {
      if (!this.wants(row)) continue;
      const key = keyOf(row);
      const before = this.voices.get(key);
      if (before) {
        heard.set(key, before);
        continue;
      }
      // What stood there before the page was opened is no news, but a P1 nobody has is never quiet.
      const isOld = this.isFirstLook && row.priority > 1;
      const waits = this.seat === "wall" ? WALL_WAITS_MS : 0;
      heard.set(key, { sinceMs: nowMs, nextMs: nowMs + waits, times: isOld ? Infinity : 0 });
    }
    this.voices = heard;
    this.isFirstLook = false;
  }

  private wants(row: AlertRow): boolean {
    if (this.seat === "none" || row.found_on_backfill || row.cleared_at !== null) return false;
    if (this.seat === "supervisor") return row.rung > 0;
    if (row.state !== "new") return false;
    return this.seat === "desk" || row.priority === 1;
  }

  private isDue(row: AlertRow, nowMs: number): boolean {
    const key = keyOf(row);
    const voice = this.voices.get(key);
    if (!voice || voice.times >= (MOST[row.priority] ?? 1) || voice.nextMs > nowMs) return false;
    return !(this.isPaused(nowMs) && this.paused.has(key));
  }
}

// A rise, a return to the room and a call to the supervisor are each news of their own.
function keyOf(row: AlertRow): string {
  return `${row.alert_id}:${row.priority}:${row.waiting_since ?? ""}:${row.rung > 0 ? "called" : ""}`;
}

function repeatMs(row: AlertRow): number {
  // One that flaps at the edge is quieter, unless it nears the victim.
  const isNearing = row.minutes_to_contact !== null;
  if (isFlapping(row) && !isNearing && row.priority > 1) return FLAPPING_MS;
  return REPEAT_MS[row.priority] ?? Infinity;
}
