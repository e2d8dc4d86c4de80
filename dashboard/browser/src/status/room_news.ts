// Lines over the desk when the room itself is not as it should be. Nothing while it is.

import { type AlertRow, whoseWords } from "../live/alerts.ts";
import type { RoomNews } from "../live/socket.ts";
import type { Seat } from "../sound/schedule.ts";

export interface Way {
  href: string;
  words: string;
  /** The window's name, for the page that opens in it to know. */
  target: string;
}

/** The sign-in page in a window that closes itself (sign_in_page/script.js). */
export const SIGN_IN_BESIDE: Way = { href: "/sign-in?again", words: "Sign in again", target: "vigil-sign-in" };

export interface Line {
  key: string;
  words: string;
  isUrgent: boolean;
  alertId?: number;
  /** Somewhere to go, in a window of its own: what was begun here stays. */
  way?: Way;
  /** Offers to load this page anew. */
  canReload?: boolean;
}

export interface PageState {
  isLinked: boolean;
  /** The server runs another program than this page came from. */
  isOld?: boolean;
  /** Wall time of the newest fix of all, once that is too long ago. */
  silentSince?: string | null;
}

const STOPPED: Readonly<Record<string, string>> = {
  watch: "Nobody watches the time: silence and untaken alerts are not called out. Tell the supervisor.",
  notify: "No notice goes out: neither victims nor police are told by Vigil. Ring them. Tell the supervisor.",
};

/** What to say over the page, the worst first. */
export function roomLines(room: RoomNews, open: readonly AlertRow[], seat: Seat, page: PageState): Line[] {
  const { isLinked, isOld, silentSince } = page;
  const lines: Line[] = [];
  if (isLinked && silentSince) {
    lines.push({
      key: "silent",
      words: `No position has come from any tag since ${silentSince}: nobody is watched. Tell the supervisor.`,
      isUrgent: true,
    });
  }
  for (const name of isLinked ? room.stopped : []) {
    if (STOPPED[name]) lines.push({ key: name, words: STOPPED[name], isUrgent: true });
  }
  const left = room.session_ends_in_min;
  if (isLinked && typeof left === "number") {
    const when = left < 1 ? "in less than a minute" : left === 1 ? "in a minute" : `in ${left} minutes`;
    lines.push({
      key: "session",
      words: `Your session ends ${when}. Sign in again beside this page: what you have begun here stays.`,
      isUrgent: false,
      way: SIGN_IN_BESIDE,
    });
  }
  if (isLinked && isOld) {
    lines.push({
      key: "build",
      words: "Vigil has been renewed on the server. Load this page anew when nothing is half-written here.",
      isUrgent: false,
      canReload: true,
    });
  }
  if (seat !== "supervisor") return lines;
  for (const row of open.filter((each) => each.rung > 0).slice(0, 3)) {
    const who = row.owner ? `${row.owner} calls you` : "nobody has taken it";
    lines.push({
      key: `called-${row.alert_id}`,
      words: `P${row.priority} ${whoseWords(row)} ${row.title}: ${who}.`,
      isUrgent: row.priority === 1,
      alertId: row.alert_id,
    });
  }
  if (room.deaf.length > 0) {
    lines.push({ key: "deaf", words: `Cannot hear alerts: ${room.deaf.join(", ")}.`, isUrgent: false });
  }
  return lines;
}
