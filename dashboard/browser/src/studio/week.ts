// The hours of a zone as a painted week: quarter hours by day, and back to windows. Pure.

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];
export const DAY_WORDS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

export interface Window {
  from: string;
  /** Up to, not including; at or before `from` it lies on the next day. */
  to: string;
}

export interface Schedule {
  time_zone: string;
  weekly: ({ days: Day[] } & Window)[];
  exceptions: { date: string; windows: Window[] }[];
  grace_s: number;
}

export const STEP_MIN = 15;
export const STEPS = 1440 / STEP_MIN;

/** Seven rows of quarter hours, Monday first: true where the zone holds. */
export type Week = boolean[][];

export function emptyWeek(): Week {
  return DAYS.map(() => Array<boolean>(STEPS).fill(false));
}

export function minutesOf(wall: string): number {
  return Number(wall.slice(0, 2)) * 60 + Number(wall.slice(3, 5));
}

export function wallOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

/** Whether every hour lies on a quarter, so that painting shows it as it is. */
export function isPaintable(schedule: Schedule): boolean {
  return schedule.weekly.every(({ from, to }) => minutesOf(from) % STEP_MIN === 0 && minutesOf(to) % STEP_MIN === 0);
}

/** A quarter that is begun counts as a whole: what is shown never protects more than what holds
    is the worse fault of the two, so `isPaintable` is asked first. */
export function weekOf(schedule: Schedule): Week {
  const week = emptyWeek();
  for (const { days, from, to } of schedule.weekly) {
    for (const day of days) {
      const start = minutesOf(from);
      const length = lengthMin({ from, to });
      for (let minute = start; minute < start + length; minute += STEP_MIN) {
        const row = (DAYS.indexOf(day) + Math.floor(minute / 1440)) % 7;
        week[row]![Math.floor((minute % 1440) / STEP_MIN)] = true;
      }
    }
  }
  return week;
}

export function lengthMin({ from, to }: Window): number {
  const [start, end] = [minutesOf(from), minutesOf(to)];
  return end > start ? end - start : end + 1440 - start;
}

/** The windows of a painted week. A night is one window from evening to morning, not two. */
export function weeklyOf(week: Week): Schedule["weekly"] {
  const runs = week.map(runsOf);
  const windows: { day: Day; from: string; to: string }[] = [];
  // Which mornings belong to the night before is settled first, so that none is written twice.
  const taken = new Set<string>();
  const joined = runs.map((day, row) => {
    const last = day.at(-1);
    const morning = runs[(row + 1) % 7]![0];
    if (!last || !morning || last.end !== 1440 || morning.start !== 0) return null;
    if (last.start === 0 || morning.end > last.start || morning.end === 1440) return null;
    taken.add(`${(row + 1) % 7}`);
    return morning.end;
  });
  for (const [row, day] of runs.entries()) {
    for (const [number, { start, end }] of day.entries()) {
      if (number === 0 && start === 0 && taken.has(String(row))) continue;
      const isNight = number === day.length - 1 && joined[row] !== null;
      windows.push({ day: DAYS[row]!, from: wallOf(start), to: wallOf(isNight ? joined[row]! : end) });
    }
  }
  const byHours = new Map<string, { days: Day[]; from: string; to: string }>();
  for (const { day, from, to } of windows) {
    const entry = byHours.get(from + to);
    if (entry) entry.days.push(day);
    else byHours.set(from + to, { days: [day], from, to });
  }
  return [...byHours.values()];
}

function runsOf(row: readonly boolean[]): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  for (const [step, isOn] of row.entries()) {
    if (!isOn) continue;
    const last = found.at(-1);
    if (last?.end === step * STEP_MIN) last.end += STEP_MIN;
    else found.push({ start: step * STEP_MIN, end: (step + 1) * STEP_MIN });
  }
  return found;
}

/** The week with a rectangle of it painted, corners in any order. */
export function painted(week: Week, from: readonly [number, number], to: readonly [number, number], isOn: boolean): Week {
  const [top, bottom] = [Math.min(from[0], to[0]), Math.max(from[0], to[0])];
  const [left, right] = [Math.min(from[1], to[1]), Math.max(from[1], to[1])];
  return week.map((row, day) =>
    day < top || day > bottom ? row : row.map((was, step) => (step < left || step > right ? was : isOn)),
  );
}

/** "Mon-Fri 08:00-18:00, Sat 10:00-12:00"; the hours in a line. */
export function hoursWords(schedule: Schedule | null): string {
  if (!schedule) return "Mon-Sun 00-24";
  if (schedule.weekly.length === 0) return "never, but for exceptions";
  const lines = schedule.weekly.map(({ days, from, to }) => `${daysWords(days)} ${from}-${to}`);
  const extra = schedule.exceptions.length ? `, ${schedule.exceptions.length} ${schedule.exceptions.length === 1 ? "exception" : "exceptions"}` : "";
  return lines.join(", ") + extra;
}

function daysWords(days: readonly Day[]): string {
  const rows = days.map((day) => DAYS.indexOf(day)).sort((here, there) => here - there);
  const isRun = rows.length > 2 && rows.at(-1)! - rows[0]! === rows.length - 1;
  return isRun ? `${DAY_WORDS[rows[0]!]}-${DAY_WORDS[rows.at(-1)!]}` : rows.map((row) => DAY_WORDS[row]).join(" ");
}

/** The moment of a wall time in a named zone, as ISO UTC. A wall time that the clock skips in
    spring is read as the hour after; one that comes twice in autumn is the first of the two. */
export function momentOf(wall: string, timeZone: string): string {
  const asUtc = Date.parse(`${wall.length === 16 ? `${wall}:00` : wall}Z`);
  const before = offsetMs(asUtc - 86_400_000, timeZone);
  const after = offsetMs(asUtc + 86_400_000, timeZone);
  // The offset before a change gives the first of two, and for a skipped hour the hour after it.
  for (const offset of [before, after]) {
    if (offsetMs(asUtc - offset, timeZone) === offset) return new Date(asUtc - offset).toISOString();
  }
  return new Date(asUtc - before).toISOString();
}

/** The wall time of a moment in a named zone, as an input of dates and times has it. */
export function wallAt(moment: string, timeZone: string): string {
  const at = Date.parse(moment);
  return new Date(at + offsetMs(at, timeZone)).toISOString().slice(0, 16);
}

function offsetMs(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((each) => each.type === type)!.value);
  const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return wall - Math.floor(at / 1000) * 1000;
}
