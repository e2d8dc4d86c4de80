// Moments as evidence needs them: day, time and offset, in the room's zone and in UTC. The browser's
// own zone is never asked.

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
// No zone has changed its clocks but at a quarter of an hour.
const QUARTER_S = 900;
const MOST_QUARTERS = 20_000;

interface Shift {
  seconds: number;
  zone: string;
  offset: string;
}

const shifts = new Map<string, Map<number, Shift>>();

/** How far a zone is from UTC at a moment. Asked of the browser once a quarter: asking is slow. */
function shiftAt(timeZone: string, unixS: number): Shift {
  let known = shifts.get(timeZone);
  if (!known || known.size > MOST_QUARTERS) shifts.set(timeZone, (known = new Map()));
  const quarter = Math.floor(unixS / QUARTER_S);
  let found = known.get(quarter);
  if (!found) known.set(quarter, (found = askedShift(timeZone, new Date(quarter * QUARTER_S * 1000))));
  return found;
}

const formats = new Map<string, { zone: Intl.DateTimeFormat; offset: Intl.DateTimeFormat }>();

function askedShift(timeZone: string, date: Date): Shift {
  let asked = formats.get(timeZone);
  if (!asked) {
    asked = {
      zone: new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "short" }),
      offset: new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "longOffset" }),
    };
    formats.set(timeZone, asked);
  }
  const named = (format: Intl.DateTimeFormat) =>
    format.formatToParts(date).find((part) => part.type === "timeZoneName")?.value ?? "";
  const offset = named(asked.offset).replace("GMT", "") || "+00:00";
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(offset)!;
  return { seconds: (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60), zone: named(asked.zone), offset };
}

export interface Stamp {
  /** Fri */
  weekday: string;
  /** 2026-06-20 */
  day: string;
  /** 03:14:07 */
  time: string;
  /** BST */
  zone: string;
  /** +01:00 */
  offset: string;
}

/** Whole seconds, cut and not rounded: 03:14:07.9 is still 03:14:07. */
export function stampIn(timeZone: string, unixS: number): Stamp {
  const whole = Math.floor(unixS);
  const shift = shiftAt(timeZone, whole);
  const wall = new Date((whole + shift.seconds) * 1000);
  const iso = wall.toISOString();
  return {
    weekday: WEEKDAYS[wall.getUTCDay()]!,
    day: iso.slice(0, 10),
    time: iso.slice(11, 19),
    zone: shift.zone,
    offset: shift.offset,
  };
}

/** Seconds by which a zone's wall clock is ahead of UTC at a moment. */
export function offsetS(timeZone: string, unixS: number): number {
  return shiftAt(timeZone, unixS).seconds;
}

/** 03:14 */
export function minuteIn(timeZone: string, unixS: number): string {
  return stampIn(timeZone, unixS).time.slice(0, 5);
}

/** 2026-06-20 03:14 */
export function minuteOn(timeZone: string, unixS: number): string {
  return `${stampIn(timeZone, unixS).day} ${minuteIn(timeZone, unixS)}`;
}

/** 2026-06-20 03:14:07 BST (+01:00) */
export function fullIn(timeZone: string, unixS: number): string {
  const stamp = stampIn(timeZone, unixS);
  return `${stamp.day} ${stamp.time} ${stamp.zone} (${stamp.offset})`;
}

/**
 * What somebody typed, as unix seconds; null where it is none. "03:14" and "03:14:07" are of the
 * day of `nearS`; "2026-06-20 03:14" is wall time; with Z or an offset it is what it says. A wall
 * time that comes twice is its first.
 */
export function momentOf(words: string, timeZone: string, nearS: number): number | null {
  const text = words.trim().replace(" UTC", "Z");
  if (/(Z|[+-]\d\d:?\d\d)$/i.test(text) && /\d{4}-\d\d-\d\d/.test(text)) {
    const ms = Date.parse(text.replace(" ", "T"));
    return Number.isNaN(ms) ? null : ms / 1000;
  }
  const match = /^(?:(\d{4})-(\d\d)-(\d\d)[ T])?(\d\d?):(\d\d)(?::(\d\d))?$/.exec(text);
  if (!match) return null;
  const day = match[1] ? `${match[1]}-${match[2]}-${match[3]}` : stampIn(timeZone, nearS).day;
  const wall = `${day} ${match[4]!.padStart(2, "0")}:${match[5]}:${match[6] ?? "00"}`;
  const asUtcMs = Date.parse(`${wall.replace(" ", "T")}Z`);
  if (Number.isNaN(asUtcMs)) return null;
  // Offsets run from -12 to +14 hours in quarters; the earliest moment with this wall time.
  for (let quarter = 14 * 4; quarter >= -12 * 4; quarter--) {
    const unixS = asUtcMs / 1000 - quarter * 900;
    const stamp = stampIn(timeZone, unixS);
    if (`${stamp.day} ${stamp.time}` === wall) return unixS;
  }
  return null;
}

/** 2 h 14 min, 42 min, 38 s */
export function lastingWords(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  if (minutes < 48 * 60) {
    const rest = minutes % 60;
    return rest ? `${Math.floor(minutes / 60)} h ${rest} min` : `${minutes / 60} h`;
  }
  const hours = Math.round(minutes / 60);
  return hours % 24 ? `${Math.floor(hours / 24)} d ${hours % 24} h` : `${hours / 24} d`;
}

/** 0:38, 12:04, 2:14:09: how old a fix is. */
export function ageWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
