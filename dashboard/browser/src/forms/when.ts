// Days, moments and times as they are typed: 2026-06-20, 2026-06-20 03:14, 03:14. Pure.

export type Sort = "day" | "moment" | "time";

export const EXAMPLES: Record<Sort, string> = { day: "2026-06-20", moment: "2026-06-20 03:14", time: "03:14" };

/** What was typed, as "2026-06-20", "2026-06-20T03:14" or "03:14"; "" for nothing, null where it is none. */
export function written(sort: Sort, words: string): string | null {
  const text = words.trim();
  if (text === "") return "";
  if (sort === "day") return dayIn(text);
  if (sort === "time") return timeIn(text);
  const [first = "", second = ""] = text.split(/[ T]+/, 2);
  const [day, time] = [dayIn(first), timeIn(second)];
  return day && time ? `${day}T${time}` : null;
}

/** The same for people: no T between day and time. */
export function shown(value: string): string {
  return value.replace("T", " ");
}

function dayIn(text: string): string | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  // The 30th of February is a date to nobody, and to Date.parse the 2nd of March.
  const at = new Date(`${text}T00:00Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== text ? null : text;
}

function timeIn(text: string): string | null {
  const match = /^(\d|[01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return match ? `${match[1]!.padStart(2, "0")}:${match[2]}` : null;
}
