// A flood: as many new alerts as the desk's policy says. P3 becomes one line, P2 one line a cause; P1 is never
// touched, what somebody has stays a row of its own, and every line says how many it stands for. Pure.

import { type AlertRow, isTaken } from "../live/alerts.ts";

/** Fewer of one cause are no relief to fold. */
const LEAST_IN_GROUP = 3;

export interface Group {
  key: string;
  words: string;
  priority: number;
  rows: AlertRow[];
  isOpen: boolean;
}

export type Item = { id: string; row: AlertRow; group?: undefined } | { id: string; row?: undefined; group: Group };

/** How many alerts are new in so many seconds of the room's clock. */
export function newLately(open: readonly AlertRow[], nowS: number, withinS: number): number {
  const sinceS = nowS - withinS;
  return open.filter((row) => Date.parse(row.raised_at) / 1000 > sinceS).length;
}

function causeOf(row: AlertRow): string | null {
  if (row.priority === 1 || isTaken(row) || row.rung > 0 || row.minutes_to_contact !== null) return null;
  if (row.priority === 3) return "3";
  // A zone entered is somebody's life, however many there are; what devices do is folded by cause.
  return row.kind === "breach" ? null : `2:${row.kind}`;
}

/** The queue's lines: rows as they are, and in a flood one line for each cause with its rows under it. */
export function itemsOf(rows: readonly AlertRow[], isFlood: boolean, opened: ReadonlySet<string>): Item[] {
  const groups = new Map<string, AlertRow[]>();
  if (isFlood) {
    for (const row of rows) {
      const cause = causeOf(row);
      if (!cause) continue;
      const members = groups.get(cause);
      if (members) members.push(row);
      else groups.set(cause, [row]);
    }
  }
  const told = new Set<string>();
  return rows.flatMap((row): Item[] => {
    const cause = causeOf(row);
    const members = cause ? groups.get(cause) : undefined;
    const own: Item = { id: `a:${row.alert_id}`, row };
    if (!cause || !members || members.length < LEAST_IN_GROUP) return [own];
    const isOpen = opened.has(cause);
    const head: Item[] = told.has(cause)
      ? []
      : [{ id: `g:${cause}`, group: { key: cause, words: wordsOf(members), priority: row.priority, rows: members, isOpen } }];
    told.add(cause);
    return isOpen ? [...head, own] : head;
  });
}

function wordsOf(members: readonly AlertRow[]): string {
  if (members[0]!.priority === 3) return `${members.length} of P3, nobody has them`;
  const devices = new Set(members.map((row) => row.activation_id ?? row.alert_id)).size;
  return `${devices} devices: ${members[0]!.title}`;
}

/** The line over the queue, with numbers; `minutes` of the people's own time. */
export function floodWords(count: number, minutes: number, items: readonly Item[]): string {
  const folded = items.filter((item) => item.group && !item.group.isOpen);
  const hidden = folded.reduce((sum, item) => sum + item.group!.rows.length, 0);
  const tail = hidden > 0 ? ` ${hidden} of P2 and P3 are folded by cause into ${folded.length}. P1 never is.` : "";
  return `Flood: ${count} new in ${Math.round(minutes)} min.${tail}`;
}
