// What happened while this screen was away: hidden, asleep, or without the server. Pure.

import { type AlertRow, isTaken, type PriorityNumber } from "./alerts.ts";

export interface CatchUp {
  /** When the screen was whole again, server time. */
  atS: number;
  /** Real seconds. */
  awayS: number;
  /** The first and the last number of the outbox that it missed. */
  from: number | null;
  to: number | null;
  /** New, risen, or back in the room meanwhile; as they stand now, the most urgent first. */
  news: AlertRow[];
}

/** Nothing new after a shorter absence is not worth a card. */
const WORTH_S = 60;

export class Absence {
  private readonly before: Map<number, AlertRow>;
  private readonly seen = new Map<number, AlertRow>();

  constructor(
    open: readonly AlertRow[],
    readonly sinceMs: number,
    private readonly from: number | null,
  ) {
    this.before = new Map(open.map((row) => [row.alert_id, row]));
  }

  hear(rows: readonly AlertRow[]): void {
    for (const row of rows) {
      const known = this.seen.get(row.alert_id);
      if (!known || row.version >= known.version) this.seen.set(row.alert_id, row);
    }
  }

  /** The card; null when there is nothing to tell. */
  end(atS: number, nowMs: number, to: number | null): CatchUp | null {
    const awayS = (nowMs - this.sinceMs) / 1000;
    const news = [...this.seen.values()]
      .filter((row) => isNews(row, this.before.get(row.alert_id)))
      .sort((here, there) => here.priority - there.priority || here.alert_id - there.alert_id);
    if (news.length === 0 && awayS < WORTH_S) return null;
    return { atS, awayS, from: this.from === null ? null : this.from + 1, to, news };
  }
}

function isNews(row: AlertRow, before: AlertRow | undefined): boolean {
  if (!before) return true;
  return row.priority < before.priority || (row.state === "new" && before.state !== "new");
}

/** "2 P1: 1 open, 1 with op3" for each priority there is news of. */
export function newsWords(news: readonly AlertRow[]): string[] {
  return ([1, 2, 3] as PriorityNumber[]).flatMap((priority) => {
    const rows = news.filter((row) => row.priority === priority);
    if (rows.length === 0) return [];
    const open = rows.filter((row) => row.state === "new").length;
    const closed = rows.filter((row) => row.state === "closed").length;
    const shelved = rows.filter((row) => row.state === "shelved").length;
    const owners = new Map<string, number>();
    for (const row of rows.filter(isTaken)) owners.set(row.owner ?? "–", (owners.get(row.owner ?? "–") ?? 0) + 1);
    const parts = [
      open && `${open} open`,
      ...[...owners].map(([owner, count]) => `${count} with ${owner}`),
      shelved && `${shelved} shelved`,
      closed && `${closed} closed`,
    ].filter(Boolean);
    return [`${rows.length} P${priority}: ${parts.join(", ")}`];
  });
}
