// What the history page shows, and the same as an address: a link opens the same picture. No name
// and no place stands in it; a zone is a number, an offender a case code.

export const KINDS = ["exclusion", "buffer", "inclusion", "pair_alarm", "pair_warn"] as const;
export const GRADES = ["certain", "probable", "possible", "indeterminate", "outside"] as const;
export const FINDINGS = [
  "open",
  "breach",
  "reasonable_excuse",
  "authorised_absence",
  "device_fault",
  "drift",
] as const;
export const SHOWS = ["points", "tracks", "heat"] as const;

export type Show = (typeof SHOWS)[number];

export interface Filter {
  case: string;
  zone: string;
  kind: readonly string[];
  grade: readonly string[];
  finding: readonly string[];
  from: string;
  to: string;
  /** "22-6": the first hour, and the one it ends at. */
  hours: string;
  /** Monday is "1". */
  days: readonly string[];
}

export interface HistoryView {
  filter: Filter;
  show: Show;
  page: number;
  breach: number | null;
}

export const NO_FILTER: Filter = {
  case: "",
  zone: "",
  kind: [],
  grade: [],
  finding: [],
  from: "",
  to: "",
  hours: "",
  days: [],
};

const KNOWN: Partial<Record<keyof Filter, readonly string[]>> = {
  kind: KINDS,
  grade: GRADES,
  finding: FINDINGS,
  days: ["1", "2", "3", "4", "5", "6", "7"],
};

/** The filter as the server reads it; empty for none. */
export function queryOf(filter: Filter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    const written = typeof value === "string" ? value.trim() : value.join(",");
    if (written) query.set(name, written);
  }
  return query.toString();
}

/** The whole view as an address's query. */
export function addressOf(view: HistoryView): string {
  const query = new URLSearchParams(queryOf(view.filter));
  if (view.show !== "points") query.set("show", view.show);
  if (view.page) query.set("page", String(view.page + 1));
  if (view.breach !== null) query.set("breach", String(view.breach));
  return query.toString();
}

/** The view of an address; what it does not understand counts as not said. */
export function viewOf(search: string): HistoryView {
  const query = new URLSearchParams(search);
  const filter: Record<string, string | string[]> = {};
  for (const [name, empty] of Object.entries(NO_FILTER)) {
    const written = query.get(name) ?? "";
    const known = KNOWN[name as keyof Filter];
    filter[name] =
      typeof empty === "string" ? written : written.split(",").filter((word) => known?.includes(word));
  }
  const show = query.get("show");
  return {
    filter: filter as unknown as Filter,
    show: SHOWS.find((each) => each === show) ?? "points",
    page: Math.max(0, wholeOf(query.get("page")) - 1),
    breach: wholeOf(query.get("breach")) || null,
  };
}

export function isFiltered(filter: Filter): boolean {
  return queryOf(filter) !== "";
}

/** The filter in words, as a heading under a picture says it. */
export function filterWords(filter: Filter): string {
  const parts = [
    filter.case.trim() && `case ${filter.case.trim()}`,
    filter.zone && "one zone",
    ...[filter.kind, filter.grade, filter.finding].map((words) => words.map((word) => WORDS[word] ?? word).join(" or ")),
    filter.from && `from ${filter.from}`,
    filter.to && `to ${filter.to}`,
    filter.hours && `hours ${filter.hours.replace("-", " to ")}`,
    filter.days.map((day) => DAYS[Number(day) - 1]).join(", "),
  ];
  return parts.filter(Boolean).join(" · ") || "all on record";
}

export const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

export const WORDS: Readonly<Record<string, string>> = {
  exclusion: "in an exclusion zone",
  buffer: "in a buffer",
  inclusion: "outside a curfew zone",
  pair_alarm: "close to the victim",
  pair_warn: "nearing the victim",
  certain: "certain",
  probable: "probable",
  possible: "possible",
  indeterminate: "cannot be told",
  outside: "outside",
  open: "not decided",
  breach: "breach",
  reasonable_excuse: "reasonable excuse",
  authorised_absence: "authorised absence",
  device_fault: "device fault",
  drift: "drift",
  fix_inside: "a fix lay inside",
  crossed_between_fixes: "crossed between two fixes",
  window_opened: "the zone's hours began while inside",
  zone_changed: "the zone was changed while inside",
  outside_window: "outside while its hours ran",
  near_victim: "near the victim",
};

function wholeOf(written: string | null): number {
  return written !== null && /^\d{1,15}$/.test(written) ? Number(written) : 0;
}

/** 0 is what is kept where no fix was inside and the way between two of them was. */
export function deepestWords(edgeM: number): string {
  if (edgeM === 0) return "crossed between two fixes";
  return `${Math.round(Math.abs(edgeM))} m ${edgeM < 0 ? "inside" : "from"} the edge`;
}
