// Open alerts: which there are, in which order they want a person, and the words on a row. Pure.

export type PriorityNumber = 1 | 2 | 3;

export interface AlertRow {
  alert_id: number;
  version: number;
  kind: string;
  priority: PriorityNumber;
  state: "new" | "acknowledged" | "acting" | "shelved" | "closed";
  raised_at: string;
  began_at: string | null;
  case_code: string | null;
  activation_id: number | null;
  zone_id: number | null;
  zone_name: string | null;
  title: string;
  /** Which rule is broken; null for the condition of a device. */
  breach_kind?: string | null;
  channel: "possible" | "confirmed" | null;
  p_inside: number | null;
  radius_95_m: number | null;
  edge_m: number | null;
  repeats: number;
  minutes_to_contact: number | null;
  found_on_backfill: boolean;
  owner: string | null;
  acknowledged_at: string | null;
  cleared_at: string | null;
  device_kind: string | null;
  is_flapping: boolean;
  /** Counts what changes whose work it is. */
  turn: number;
  waiting_since: string | null;
  hold_until: string | null;
  shelved_until: string | null;
  shelves: number;
  escalated_at: string | null;
  /** How far up it has gone while nobody had it; 0: nowhere. */
  rung: number;
  is_shelvable: boolean;
}

/** Whether somebody has it. */
export function isTaken(row: AlertRow): boolean {
  return row.state === "acknowledged" || row.state === "acting";
}

/**
 * The row with what time has done to it: a taking without an act lapses, a shelf ends. The server
 * says the same a little later; a screen must not wait for it.
 */
export function asOf(row: AlertRow, nowS: number): AlertRow {
  const ends = row.state === "acknowledged" ? row.hold_until : row.state === "shelved" ? row.shelved_until : null;
  if (ends === null || Date.parse(ends) / 1000 > nowS) return row;
  return {
    ...row,
    state: "new",
    waiting_since: ends,
    owner: null,
    acknowledged_at: null,
    hold_until: null,
    shelved_until: null,
    escalated_at: null,
    rung: 0,
  };
}

export interface AlertsMessage {
  outbox_id: number | null;
  alerts: AlertRow[];
  /** These are all open alerts there are: what is missing is closed. */
  is_all?: boolean;
}

export interface AlertFilter {
  priorities?: number[];
  mine?: boolean;
  /** The shelf instead of the queue. */
  shelved?: boolean;
}

export interface Heard {
  /** Never seen before and open. */
  fresh: AlertRow[];
  /** Seen before and more urgent now. */
  raised: AlertRow[];
  /** Had somebody, or lay on the shelf, and waits again. */
  back: AlertRow[];
  /** Called to the supervisor since. */
  escalated: AlertRow[];
  closed: AlertRow[];
  /** The server's numbers went back: it has another past than ours, so all must be asked for again. */
  isOtherPast: boolean;
}

export interface Count {
  open: number;
  untaken: number;
  shelved: number;
}

export class AlertBook {
  /** The last number seen from the outbox; null before the first message. */
  outboxId: number | null = null;
  lastClosed: AlertRow | null = null;
  private rows = new Map<number, AlertRow>();
  private sorted: AlertRow[] | null = null;

  hear(message: AlertsMessage): Heard {
    const heard: Heard = {
      fresh: [],
      raised: [],
      back: [],
      escalated: [],
      closed: [],
      isOtherPast: false,
    };
    const known = this.outboxId;
    if (known !== null && message.outbox_id !== null && message.outbox_id < known) {
      this.rows.clear();
      heard.isOtherPast = message.is_all !== true;
    }
    if (message.outbox_id !== null) this.outboxId = message.outbox_id;
    if (message.is_all) {
      const named = new Set(message.alerts.map((row) => row.alert_id));
      for (const id of this.rows.keys()) if (!named.has(id)) this.rows.delete(id);
    }
    for (const row of message.alerts) this.take(row, heard);
    this.sorted = null;
    return heard;
  }

  private take(row: AlertRow, heard: Heard): void {
    const before = this.rows.get(row.alert_id);
    // Messages may overtake each other after a resume; an equal version is the same row again.
    if (before && row.version < before.version) return;
    if (row.state === "closed") {
      if (before) heard.closed.push(row);
      this.rows.delete(row.alert_id);
      this.lastClosed = row;
      return;
    }
    this.rows.set(row.alert_id, row);
    if (!before) heard.fresh.push(row);
    else if (row.priority < before.priority) heard.raised.push(row);
    else if (row.state === "new" && before.state !== "new") heard.back.push(row);
    if (before && row.rung > before.rung) heard.escalated.push(row);
  }

  /** Lets time do what it does; gives the rows that wait again because of it. */
  passTime(nowS: number): AlertRow[] {
    const back: AlertRow[] = [];
    for (const row of this.rows.values()) {
      const later = asOf(row, nowS);
      if (later === row) continue;
      this.rows.set(row.alert_id, later);
      back.push(later);
    }
    if (back.length > 0) this.sorted = null;
    return back;
  }

  get(alertId: number): AlertRow | undefined {
    return this.rows.get(alertId);
  }

  /** All open alerts but the shelved, most urgent first. The same array until something changes. */
  open(): readonly AlertRow[] {
    this.sorted ??= [...this.rows.values()].filter((row) => row.state !== "shelved").sort(byUrgency);
    return this.sorted;
  }

  /** What is put aside, the first to come back first. */
  shelved(): AlertRow[] {
    return [...this.rows.values()]
      .filter((row) => row.state === "shelved")
      .sort((here, there) => Date.parse(here.shelved_until ?? "") - Date.parse(there.shelved_until ?? ""));
  }

  /** The most urgent open alert of a tag. */
  ofTag(activationId: number): AlertRow | undefined {
    return this.open().find((row) => row.activation_id === activationId);
  }

  counts(): Record<PriorityNumber, Count> {
    const counts = { 1: none(), 2: none(), 3: none() };
    for (const row of this.rows.values()) {
      const count = counts[row.priority];
      if (!count) continue;
      if (row.state === "shelved") {
        count.shelved += 1;
        continue;
      }
      count.open += 1;
      if (row.state === "new") count.untaken += 1;
    }
    return counts;
  }
}

function none(): Count {
  return { open: 0, untaken: 0, shelved: 0 };
}

/** Priority, then minutes to contact (unknown last), then what nobody took, then the oldest. */
export function byUrgency(here: AlertRow, there: AlertRow): number {
  return (
    here.priority - there.priority ||
    compare(minutesLeft(here), minutesLeft(there)) ||
    Number(here.state !== "new") - Number(there.state !== "new") ||
    compare(waitingS(here), waitingS(there)) ||
    here.alert_id - there.alert_id
  );
}

// What is cleared nears nobody any more, whatever was last measured.
function minutesLeft(row: AlertRow): number {
  return row.cleared_at === null ? (row.minutes_to_contact ?? Infinity) : Infinity;
}

function waitingS(row: AlertRow): number {
  return Date.parse(row.waiting_since ?? row.raised_at);
}

// Infinity - Infinity is NaN, so no subtraction here.
function compare(here: number, there: number): number {
  return here < there ? -1 : here > there ? 1 : 0;
}

export function passes(row: AlertRow, filter: AlertFilter | null | undefined, me: string | null): boolean {
  if (filter?.priorities?.length && !filter.priorities.includes(row.priority)) return false;
  return !(filter?.mine && row.owner !== me);
}

/** Words for the filter in force; empty when it lets all through. */
export function filterWords(filter: AlertFilter | null | undefined): string {
  const words: string[] = [];
  if (filter?.priorities?.length) words.push(filter.priorities.map((one) => `P${one}`).join(" "));
  if (filter?.mine) words.push("mine");
  if (filter?.shelved) words.push("shelved");
  return words.join(", ");
}

/**
 * The order on screen while a row has the focus: what stood there keeps its place, what is new
 * waits behind the bar. Closed rows stay until the focus leaves, so that nothing moves under it.
 */
export function underFocus(shown: readonly number[], open: readonly AlertRow[]): { waiting: AlertRow[] } {
  const standing = new Set(shown);
  return { waiting: open.filter((row) => !standing.has(row.alert_id)) };
}

export function ageS(row: AlertRow, nowS: number): number {
  return Math.max(0, nowS - Date.parse(row.raised_at) / 1000);
}

/** 01:24 below a hundred minutes, then 2 h 05, then 3 d 4 h. */
export function ageWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60);
  if (minutes < 100) return `${two(minutes)}:${two(whole % 60)}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${two(minutes % 60)}`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** Whose alert it is: the code of the case, or which kind of device reports without one. */
export function whoseWords(row: Pick<AlertRow, "case_code" | "device_kind">): string {
  return row.case_code ?? (row.device_kind ? `a ${row.device_kind}` : "");
}

/** What the probability is of: by breach kind. */
const OF: Readonly<Record<string, string>> = {
  exclusion: "inside",
  inclusion: "outside",
  buffer: "in buffer",
  pair_alarm: "within",
  pair_warn: "within",
};

/** `inside 0.93 ±18 m`; what is unknown is left out. */
export function confidenceWords(row: AlertRow): string {
  const words: string[] = [];
  if (row.p_inside !== null) {
    const of = OF[row.breach_kind ?? ""] ?? (row.zone_id === null ? "within" : "inside");
    words.push(`${of} ${shareWords(row.p_inside)}`);
  }
  if (row.radius_95_m !== null) words.push(`±${Math.round(row.radius_95_m)} m`);
  return words.join(" ");
}

// Cut, not rounded, and never 1.00: nobody can know that.
export function shareWords(share: number): string {
  return share > 0.99 ? "> 0.99" : (Math.floor(share * 100 + 1e-9) / 100).toFixed(2);
}

export function victimWords(row: AlertRow): string {
  const minutes = row.minutes_to_contact;
  if (minutes === null) return "";
  // Cut as well: three and a half minutes are not four.
  return minutes < 1 ? "victim < 1 min" : `victim ${Math.floor(minutes)} min`;
}

/** The circle of error lies over the edge, or the server saw it cross again and again. */
export function isFlapping(row: AlertRow): boolean {
  if (row.is_flapping) return true; // the server saw it cross again and again
  if (row.kind !== "breach" || row.edge_m === null || row.radius_95_m === null) return false;
  return Math.abs(row.edge_m) < row.radius_95_m;
}

/** One sentence for a screen reader. */
export function sentence(row: AlertRow): string {
  const parts = [`Priority ${row.priority}`];
  // As the row prints it, in one piece: who speaks to the screen says what stands there.
  parts.push(`${row.case_code ? "case " : ""}${whoseWords(row)} ${row.title}`.trim());
  const victim = victimWords(row);
  if (victim) parts.push(victim.replace("< 1", "less than one"));
  return `${parts.join(", ")}.`;
}
