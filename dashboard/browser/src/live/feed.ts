// The live picture of this page: one socket, one clock, one set of tags, one book of alerts, one
// selection. Every component reads it and none owns it.

import { AlertBook, type AlertRow } from "./alerts.ts";
import { ServerClock } from "./clock.ts";
import { freshness, type Freshness } from "./freshness.ts";
import { LiveSocket } from "./socket.ts";
import { FrameError, type FrameHeader, TagStore } from "./tags.ts";

export type Topic = "tags" | "alerts" | "changed" | "selection" | "tick" | "link";

/** What is looked at: an alert, a tag, or both. One for the whole page. */
export interface Selection {
  alertId: number | null;
  activationId: number | null;
  zoneId: number | null;
}

/** What came while the screen was away. */
export interface CatchUp {
  atS: number;
  alerts: number;
}

const TICK_MS = 500;

export class LiveFeed {
  readonly clock = new ServerClock();
  readonly tags = new TagStore();
  readonly alerts = new AlertBook();
  selection: Selection = { alertId: null, activationId: null, zoneId: null };
  /** Since the last message of that topic: for live regions and for refetching. */
  lastFresh: AlertRow[] = [];
  lastChanged: string[] = [];
  catchUp: CatchUp | null = null;
  /** When this screen last heard of an alert being closed, server time; null not yet. */
  lastClosedS: number | null = null;
  isSignedOut = false;
  hasAlerts = false;
  header: FrameHeader | null = null;
  private lastFrameMs = performance.now();
  private isUp = false;
  private wasAway = false;
  private readonly ears = new Map<Topic, Set<() => void>>();
  private readonly socket: LiveSocket;

  constructor() {
    this.socket = new LiveSocket({
      frame: (bytes) => this.frame(bytes),
      alerts: (message) => this.hearAlerts(message),
      changed: (layers) => {
        this.lastChanged = layers;
        this.tell("changed");
      },
      link: (state) => this.link(state),
      cursor: () => this.alerts.outboxId,
    });
    setInterval(() => this.tell("tick"), TICK_MS);
  }

  on(topic: Topic, ear: () => void): () => void {
    const ears = this.ears.get(topic) ?? new Set();
    this.ears.set(topic, ears);
    ears.add(ear);
    return () => ears.delete(ear);
  }

  nowS(): number | null {
    return this.clock.now(performance.now());
  }

  freshness(): Freshness {
    return freshness({
      nowS: this.nowS(),
      beatS: this.header?.judgedBeatS ?? 0,
      speed: this.clock.speed,
      silentForS: (performance.now() - this.lastFrameMs) / 1000,
      lastFrameS: this.header?.serverNowS ?? null,
      isSignedOut: this.isSignedOut,
    });
  }

  select(selection: Selection): void {
    const before = this.selection;
    if (
      before.alertId === selection.alertId &&
      before.activationId === selection.activationId &&
      before.zoneId === selection.zoneId
    ) {
      return;
    }
    this.selection = selection;
    this.tell("selection");
  }

  selectAlert(alertId: number | null): void {
    const row = alertId === null ? undefined : this.alerts.get(alertId);
    this.select({
      alertId,
      activationId: row?.activation_id ?? null,
      zoneId: row?.zone_id ?? null,
    });
  }

  dismissCatchUp(): void {
    this.catchUp = null;
    this.tell("link");
  }

  private frame(bytes: ArrayBuffer): void {
    const atMs = performance.now();
    try {
      this.header = this.tags.apply(bytes);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // A frame that cannot be read does not count as heard: the pill grows old, as it should.
      console.error("Vigil: frame refused:", error.message);
      return;
    }
    this.lastFrameMs = atMs;
    this.clock.hear(this.header.serverNowS, atMs);
    this.tell("tags");
  }

  private hearAlerts(message: Parameters<AlertBook["hear"]>[0]): void {
    const isFirst = !this.hasAlerts;
    const heard = this.alerts.hear(message);
    this.hasAlerts = true;
    // What stood open before this screen was opened is no news.
    this.lastFresh = isFirst ? [] : [...heard.fresh, ...heard.raised];
    if (heard.closed.length > 0) this.lastClosedS = this.nowS();
    if (this.wasAway && !isFirst) {
      this.wasAway = false;
      const atS = this.nowS() ?? this.header?.serverNowS ?? 0;
      this.catchUp = { atS, alerts: heard.fresh.length };
      this.tell("link");
    }
    if (heard.isOtherPast) this.socket.resume();
    this.refreshSelection();
    this.tell("alerts");
  }

  // An alert chosen before its row was known (a link, a reload) learns its tag and zone here.
  private refreshSelection(): void {
    const { alertId, activationId } = this.selection;
    if (alertId !== null && activationId === null && this.alerts.get(alertId)) this.selectAlert(alertId);
  }

  private link(state: { isUp: boolean; isRefused: boolean }): void {
    if (this.isUp && !state.isUp) this.wasAway = true;
    this.isUp = state.isUp;
    if (state.isUp) this.isSignedOut = false;
    if (state.isRefused) void this.askWhetherSignedOut();
    this.tell("link");
  }

  private async askWhetherSignedOut(): Promise<void> {
    try {
      const answer = await fetch("/layers/catalogue.json", { method: "HEAD", redirect: "manual" });
      this.isSignedOut =
        answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;
    } catch {
      // No answer at all: that is a lost link, not a lost session.
      this.isSignedOut = false;
    }
    this.tell("link");
  }

  private tell(topic: Topic): void {
    for (const ear of this.ears.get(topic) ?? []) ear();
  }
}

let feed: LiveFeed | null = null;

/** The feed of this page; the first who asks opens the socket. */
export function liveFeed(): LiveFeed {
  feed ??= new LiveFeed();
  return feed;
}
