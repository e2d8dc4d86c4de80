// How honest the picture is right now: LIVE, DATA n s OLD, or NOT LIVE. Pure.

export const OLD_FROM_S = 10;
export const LOST_AFTER_S = 60;
export const SILENT_SOCKET_S = 10;

export interface Pulse {
  /** Server time now, unix seconds; null before the first frame. */
  nowS: number | null;
  /** When the judge last finished a round, server time; 0 never. */
  beatS: number;
  /** Server seconds in a second. */
  speed: number;
  /** Real seconds since the last frame, or since the page was opened if none came. */
  silentForS: number;
  /** Server time of the last frame; null before the first. */
  lastFrameS: number | null;
  isSignedOut: boolean;
}

export type Level = "waiting" | "live" | "old" | "lost";
export type Cause = "judge" | "socket" | "signed-out" | null;

export interface Freshness {
  level: Level;
  cause: Cause;
  /** Real seconds since the judge last spoke; null when it never did. */
  ageS: number | null;
  /** Server time of the last good moment while lost; null when there was none. */
  sinceS: number | null;
}

export function freshness(pulse: Pulse): Freshness {
  const never = pulse.beatS <= 0 || pulse.nowS === null;
  // The demo's clock may run at sixty times: an age is told in seconds of the person who reads it.
  const ageS = never ? null : Math.max(0, (pulse.nowS! - pulse.beatS) / Math.max(1, pulse.speed));
  if (pulse.isSignedOut) {
    return { level: "lost", cause: "signed-out", ageS, sinceS: pulse.lastFrameS };
  }
  // More than 10 s: at exactly 10 s a frame may still be on its way.
  if (pulse.silentForS > SILENT_SOCKET_S) {
    return { level: "lost", cause: "socket", ageS, sinceS: pulse.lastFrameS };
  }
  if (pulse.nowS === null) return { level: "waiting", cause: null, ageS: null, sinceS: null };
  if (ageS === null) return { level: "lost", cause: "judge", ageS, sinceS: null };
  if (ageS > LOST_AFTER_S) return { level: "lost", cause: "judge", ageS, sinceS: pulse.beatS };
  // From 10 s on it is no longer live; 60 s itself is still "old".
  if (ageS >= OLD_FROM_S) return { level: "old", cause: "judge", ageS, sinceS: null };
  return { level: "live", cause: null, ageS, sinceS: null };
}

/** The words of the pill. `time` prints a server time as hh:mm:ss in the room's zone. */
export function pillWords(found: Freshness, time: (unixS: number) => string): string {
  switch (found.level) {
    case "waiting":
      return "CONNECTING";
    case "live":
      return `LIVE ${Math.floor(found.ageS ?? 0)} s`;
    case "old":
      return `DATA ${Math.floor(found.ageS ?? 0)} s OLD`;
    case "lost":
      return found.sinceS === null ? "NOT LIVE" : `NOT LIVE since ${time(found.sinceS)}`;
  }
}

/** What the banner adds: what stopped, and what to do. */
export function bannerWords(found: Freshness): string {
  switch (found.cause) {
    case "signed-out":
      return "You are signed out. What you have begun here stays";
    case "judge":
      return "Positions are not being judged. Use the phone procedure";
    default:
      return "No connection to Vigil. Use the phone procedure";
  }
}
