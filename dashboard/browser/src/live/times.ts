// Every time on screen is printed here, from unix seconds and a named zone. The browser's own
// zone is never used: a screen in another country must print the same.

export interface Times {
  /** 03:14:07 in the room's zone. */
  local(unixS: number): string;
  /** 03:14 in the room's zone. */
  localMinute(unixS: number): string;
  /** 02:14:07 in UTC. */
  utc(unixS: number): string;
  /** BST, CET, GMT+1: the zone in force at that moment. */
  zone(unixS: number): string;
  /** Fri 20 Nov in the room's zone: for the clock, which is of this year. */
  date(unixS: number): string;
  /** 2026-11-20 in the room's zone. */
  day(unixS: number): string;
}

const made = new Map<string, Times>();

export function timesIn(timeZone: string | null | undefined): Times {
  const name = timeZone || "UTC";
  let times = made.get(name);
  if (!times) {
    times = makeTimes(name);
    made.set(name, times);
  }
  return times;
}

function makeTimes(timeZone: string): Times {
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const local = new Intl.DateTimeFormat("en-GB", { ...clock, second: "2-digit", timeZone });
  const minute = new Intl.DateTimeFormat("en-GB", { ...clock, timeZone });
  const utc = new Intl.DateTimeFormat("en-GB", { ...clock, second: "2-digit", timeZone: "UTC" });
  const date = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    timeZone,
  });
  const numbers = new Intl.DateTimeFormat("en-GB", { year: "numeric", month: "2-digit", day: "2-digit", timeZone });
  const zone = new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "short" });
  return {
    local: (unixS) => local.format(unixS * 1000),
    localMinute: (unixS) => minute.format(unixS * 1000),
    utc: (unixS) => utc.format(unixS * 1000),
    date: (unixS) => date.format(unixS * 1000).replace(",", ""),
    // en-GB writes 20/11/2026.
    day: (unixS) => numbers.format(unixS * 1000).split("/").reverse().join("-"),
    zone: (unixS) =>
      zone.formatToParts(unixS * 1000).find((part) => part.type === "timeZoneName")?.value ?? timeZone,
  };
}
