// Asks the server to do something about an alert. The turn that was seen goes with it, so that of
// two desks only one can win; the other is told who has.

import type { AlertRow } from "../live/alerts.ts";

export type ActName =
  | "acknowledge"
  | "take-over"
  | "release"
  | "escalate"
  | "shelve"
  | "bring-back"
  | "step"
  | "skip";

export interface Notice {
  asked_at: string;
  sent_at: string | null;
  delivered_at: string | null;
  read_at: string | null;
  failed_at: string | null;
}

export interface StepDone {
  key: string;
  words: string;
  notifies: string | null;
  at: string | null;
  by: string | null;
  is_skipped: boolean;
  note: string;
  notice: Notice | null;
}

export interface Work {
  alert: AlertRow;
  shelve_at_most_min: number;
  steps: StepDone[];
}

/** What came of an act: the alert's new line, or the words for the person who tried. */
export type Answer = { row: AlertRow; words?: undefined } | { row?: undefined; words: string };

const NOT_NOW = "Not done: the server does not answer. Try again, or use the phone procedure.";

export async function act(row: AlertRow, name: ActName, given: Record<string, unknown> = {}): Promise<Answer> {
  try {
    const answer = await fetch(`/alerts/${row.alert_id}/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ turn: row.turn, ...given }),
      signal: AbortSignal.timeout(10_000),
    });
    const said = (await answer.json()) as AlertRow & { message?: string };
    return answer.ok ? { row: said } : { words: said.message ?? NOT_NOW };
  } catch {
    return { words: NOT_NOW };
  }
}

export async function readWork(alertId: number): Promise<Work | null> {
  try {
    const answer = await fetch(`/alerts/${alertId}/work.json`, { signal: AbortSignal.timeout(10_000) });
    return answer.ok ? ((await answer.json()) as Work) : null;
  } catch {
    return null;
  }
}

/** Real seconds after which a notice that nobody has sent is somebody's to ring. */
export const NO_TICK_S = 20;

export interface Tick {
  words: string;
  at: string | null;
  isBad: boolean;
}

/** How far a notice has come, furthest last. What has been rung by hand needs no more. */
export function ticks(notice: Notice, nowS: number, speed: number, wasRung = false): Tick[] {
  const found: Tick[] = [{ words: "queued ✓", at: notice.asked_at, isBad: false }];
  if (notice.sent_at) found.push({ words: "sent ✓", at: notice.sent_at, isBad: false });
  if (notice.delivered_at) found.push({ words: "delivered ✓", at: notice.delivered_at, isBad: false });
  if (notice.read_at) found.push({ words: "read ✓", at: notice.read_at, isBad: false });
  if (notice.failed_at) {
    found.push({ words: "failed: ring them", at: notice.failed_at, isBad: true });
  } else if (!notice.sent_at && !wasRung) {
    const waitedS = (nowS - Date.parse(notice.asked_at) / 1000) / Math.max(1, speed);
    if (waitedS >= NO_TICK_S) found.push({ words: "not sent: ring them", at: null, isBad: true });
  }
  return found;
}
