// What the list shows, given what is open, the filter and whether somebody is in it. Pure.

import { type AlertFilter, type AlertRow, passes, underFocus } from "../live/alerts.ts";

export interface Shown {
  rows: AlertRow[];
  /** New rows that wait behind the bar until the focus leaves. */
  waiting: AlertRow[];
}

/**
 * Without focus: urgency order. With focus: the rows of `held` in their places, each with its
 * newest values, and everything else waits. A row that is closed meanwhile stays, marked closed,
 * because nothing may move under a finger that is about to press.
 */
export function shownRows(
  open: readonly AlertRow[],
  filter: AlertFilter | null | undefined,
  me: string | null,
  held: readonly AlertRow[] | null,
): Shown {
  const wanted = open.filter((row) => passes(row, filter, me));
  if (!held) return { rows: wanted, waiting: [] };
  const newest = new Map(open.map((row) => [row.alert_id, row]));
  const rows = held.map((row) => newest.get(row.alert_id) ?? { ...row, state: "closed" as const });
  const { waiting } = underFocus(
    held.map((row) => row.alert_id),
    wanted,
  );
  return { rows, waiting };
}

/** "3 new ▲", and how many of them are first alerts. */
export function waitingWords(waiting: readonly AlertRow[]): string {
  const first = waiting.filter((row) => row.priority === 1).length;
  return `${waiting.length} new${first ? `, ${first} of P1` : ""} ▲`;
}

/** Rows to draw out of many: those in the box and some to either side. */
export function windowOf(total: number, top: number, height: number, rowPx: number, spare = 4) {
  const first = Math.max(0, Math.min(total, Math.floor(top / rowPx) - spare));
  const last = Math.min(total, Math.ceil((top + height) / rowPx) + spare);
  return { first, last: Math.max(first, last) };
}
