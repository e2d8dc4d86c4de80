// The live picture of this page: one socket, one clock, one set of tags, one book of alerts, one
// selection. Every component reads it and none owns it.

import { AlertBook, type AlertRow } from "./alerts.ts";
import { every } from "./beat.ts";
import { ServerClock } from "./clock.ts";
import { freshness, type Freshness } from "./freshness.ts";
import { Absence, type CatchUp } from "./catch_up.ts";
import type { Pace } from "../wall/pace.ts";
import { Plans } from "./plans.ts";
import { type DraftNews, type Glass, type LinkState, LiveSocket, type RoomNews } from "./socket.ts";
import { FrameError, type FrameHeader, TagStore } from "./tags.ts";

export type Topic = "unwanted" | "tags" | "alerts" | "changed" | "selection" | "tick" | "link" | "glass" | "room" | "pace" | "drafts";

/** What is looked at: an alert, a tag, or both. One for the whole page. */
export interface Selection {
  alertId: number | null;
  activationId: number | null;
  zoneId: number | null;
}

const NO_NEWS: RoomNews = { desks: [], deaf: [], stopped: [], flood: { alerts: Infinity, within_s: 600 } };

const TICK_MS = 500;
const ASK_MS = 8_000;

export class LiveFeed {
  readonly clock = new ServerClock();
  readonly tags = new TagStore();
  readonly alerts = new AlertBook();
  /** How often each tag should speak; the map hears it with the case codes. */
  readonly plans = new Plans();
  selection: Selection = { alertId: null, activationId: null, zoneId: null };
  /** Since the last message of that topic: for live regions and for refetching. */
  lastFresh: AlertRow[] = [];
  lastChanged: string[] = [];
  catchUp: CatchUp | null = null;
  room: RoomNews = NO_NEWS;
  /** Broken glass that this seat shall know of, newest first. */
  glasses: Glass[] = [];
  /** How busy the room is; told to walls. */
  pace: Pace | null = null;
  /** When this screen last heard of an alert being closed, server time; null not yet. */
  lastClosedS: number | null = null;
  /** Of the last message about drafts of zones. */
  lastDrafts: DraftNews = { drafts: [], rehearsals: [] };
  isSignedOut = false;
  hasAlerts = false;
  header: FrameHeader | null = null;
  private lastFrameMs = performance.now();
  private isUp = false;
  private isAsking = false;
  private looksAt: number | null = null;
  private absence: Absence | null = null;
  private waitsForAnswer = false;
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
      room: (room) => {
        // A server from before this page may leave something out.
        this.room = { ...NO_NEWS, ...room };
        this.tell("room");
      },
      pace: (pace) => {
        this.pace = pace;
        this.tell("pace");
      },
      drafts: (news) => {
        this.lastDrafts = news;
        this.tell("drafts");
      },
      glass: (glasses) => {
        this.glasses = glasses;
        this.tell("glass");
      },
      link: (state) => this.link(state),
      cursor: () => this.alerts.outboxId,
    });
    every(TICK_MS, () => this.tick());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.leave() : this.comeBack()));
  }

  get isLinked(): boolean {
    return this.isUp;
  }

  /** Says something of this page to the server. */
  say(event: string, message: Record<string, unknown>): void {
    this.socket.say(event, message);
  }

  private sayLook(): void {
    this.looksAt = this.selection.alertId;
    this.say("look", { alert_id: this.looksAt });
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
    if (selection.alertId !== this.looksAt) this.sayLook();
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

  /** The server's answer to an act of this desk: shown without waiting for the outbox. */
  hearAnswer(row: AlertRow): void {
    const heard = this.alerts.hear({ outbox_id: null, alerts: [row] });
    if (heard.closed.length > 0) this.lastClosedS = this.nowS();
    this.lastFresh = [];
    this.tell("alerts");
  }

  /** How many tags speak as often as planned. */
  speaking(nowS: number): number {
    const limits = this.plans.limitsOf(this.tags);
    let count = 0;
    for (let slot = 0; slot < this.tags.count; slot++) {
      if (nowS - this.tags.fixedAtS[slot]! <= limits[slot]!) count += 1;
    }
    return count;
  }

  /** Real seconds since the newest fix of all tags, once that is too long; else null. */
  silentForS(nowS: number): number | null {
    const newestS = this.header?.newestFixS ?? 0;
    const ageS = (nowS - newestS) / Math.max(1, this.clock.speed);
    return newestS > 0 && ageS > this.plans.allSilentAfterS() ? ageS : null;
  }

  private tick(): void {
    const nowS = this.nowS();
    const back = nowS === null ? [] : this.alerts.passTime(nowS);
    if (back.length > 0) {
      this.lastFresh = back;
      this.tell("alerts");
    }
    this.tell("tick");
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
    this.lastFresh = isFirst ? [] : [...heard.fresh, ...heard.raised, ...heard.back];
    if (heard.closed.length > 0) this.lastClosedS = this.nowS();
    this.waitsForAnswer = false;
    this.absence?.hear(message.alerts);
    this.comeBack();
    if (heard.isOtherPast) this.socket.resume();
    this.refreshSelection();
    this.tell("alerts");
  }

  // An alert chosen before its row was known (a link, a reload) learns its tag and zone here.
  private refreshSelection(): void {
    const { alertId, activationId } = this.selection;
    if (alertId !== null && activationId === null && this.alerts.get(alertId)) this.selectAlert(alertId);
  }

  private link(state: LinkState): void {
    if (this.isUp && !state.isUp) this.leave();
    if (!this.isUp && state.isUp) this.waitsForAnswer = true;
    this.isUp = state.isUp;
    if (state.isUp) {
      this.isSignedOut = false;
      if (this.selection.alertId !== null) this.sayLook();
    }
    if (state.isUnwanted && this.hasAlerts) this.tell("unwanted");
    if (state.hasFailed) void this.askWhetherSignedOut();
    this.tell("link");
  }

  /** From now on nobody sees this screen, or it sees nothing. */
  private leave(): void {
    if (!this.hasAlerts) return;
    this.absence ??= new Absence(
      [...this.alerts.open(), ...this.alerts.shelved()],
      performance.now(),
      this.alerts.outboxId,
    );
  }

  /** The card, once somebody looks, the link is up, and what was missed has come. */
  private comeBack(): void {
    if (!this.absence || document.hidden || !this.isUp) return;
    // After a lost link the first message is the answer to "what did I miss".
    if (this.waitsForAnswer) return;
    const found = this.absence.end(this.nowS() ?? this.header?.serverNowS ?? 0, performance.now(), this.alerts.outboxId);
    this.absence = null;
    if (!found) return;
    this.catchUp = found;
    this.tell("link");
  }

  private async askWhetherSignedOut(): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    let isOut = false;
    try {
      // What every role may have: a refusal would say nothing about the session.
      const answer = await fetch("/_dash-layout", { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(ASK_MS) });
      isOut = answer.type === "opaqueredirect" || answer.status === 401;
    } catch {
      // No answer at all: that is a lost link, not a lost session.
    }
    this.isAsking = false;
    // An answer from before the link came back is about another session.
    if (this.isUp) return;
    this.isSignedOut = isOut;
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
