// One socket a page. It only carries: what a message means is for feed.ts.
// Tries again after 1, 2, 4, 8, then every 10 s, for as long as the page is open.

import { io, type Socket } from "socket.io-client";
import { every } from "./beat.ts";
import type { Pace } from "../wall/pace.ts";
import type { AlertsMessage } from "./alerts.ts";

/** Somebody looked at a case that is not theirs; nobody has signed for it yet. */
export interface Glass {
  glass_id: number;
  login: string;
  case_code: string;
  broken_at: string;
  until: string;
  why: string;
}

/** On which the sign-in page tells this browser's other pages that there is a new session. */
const SIGNED_IN_CHANNEL = "vigil-signed-in";

/** As dashboard/live.py refuses a role without alerts. */
const NOT_FOR_THIS_ROLE = "not for this role";

/** Frames come each second, so a socket that says nothing for this long is dead, whatever it thinks. */
const DEAD_AFTER_MS = 10_000;
/** A shorter absence missed nothing that the next frame does not bring. */
const AWAY_MS = 5_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10_000;
/** The client's own timers are slowed down in a hidden tab: a try that is later than this is made here. */
const LATE_TRY_MS = 15_000;

/** Another desk, or this one; a wall is told of each only that it is there. */
export interface Desk {
  login: string;
  alert_id?: number | null;
  since?: string | null;
  is_me?: boolean;
}

export interface RoomNews {
  desks: Desk[];
  /** Who sits at a desk that cannot sound; told to supervisors. */
  deaf: string[];
  /** Of "watch" and "notify", whoever stands still: no silence and no escalation, or no notice. */
  stopped: string[];
  /** Whole minutes until this session ends; none while it has longer than five. */
  session_ends_in_min?: number | null;
  /** From how many new alerts within how many seconds of the room's clock on it is a flood. */
  flood: { alerts: number; within_s: number };
  /** Of the program the server runs. */
  build?: string;
  /** Who this link is of by now: the browser may have signed somebody else in. */
  whose?: string;
}

/** What became of drafts of zones that may be drawn here: numbers, for asking again. */
export interface DraftNews {
  drafts: { draft_id: number; revision: number }[];
  rehearsals: { rehearsal_id: number; draft_id: number }[];
}

/** The link went up or down, or a try to join failed: for want of a server, or of a session. */
export interface LinkState {
  isUp: boolean;
  hasFailed: boolean;
  /** There is a session, of a role that hears nothing here. */
  isUnwanted?: boolean;
}

export interface SocketEars {
  frame(bytes: ArrayBuffer): void;
  alerts(message: AlertsMessage): void;
  changed(layers: string[]): void;
  glass(glasses: Glass[]): void;
  room(room: RoomNews): void;
  pace(pace: Pace): void;
  drafts(news: DraftNews): void;
  link(state: LinkState): void;
  /** The number to resume after; null asks for everything. */
  cursor(): number | null;
}

export class LiveSocket {
  private readonly socket: Socket;
  private lastHeardMs = performance.now();
  private hiddenSinceMs: number | null = null;
  private triedMs = performance.now();
  private waitMs = FIRST_WAIT_MS;
  private retry: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly ears: SocketEars) {
    this.socket = io({
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: FIRST_WAIT_MS,
      reconnectionDelayMax: LONGEST_WAIT_MS,
      // A little apart, so that thirty screens do not knock in the same instant.
      randomizationFactor: 0.1,
      timeout: 8_000,
    });
    this.listen();
    every(2_000, () => this.watch());
    document.addEventListener("visibilitychange", () => this.noteVisibility());
    window.addEventListener("online", () => this.reconnectNow());
    new BroadcastChannel(SIGNED_IN_CHANNEL).onmessage = () => this.rejoin();
  }

  /** Asks for what came after the cursor, or for everything. */
  resume(): void {
    if (this.socket.connected) this.socket.emit("resume", { outbox_id: this.ears.cursor() });
  }

  /** Says something of this page to the server; nothing while the link is down. */
  say(event: string, message: Record<string, unknown>): void {
    if (this.socket.connected) this.socket.emit(event, message);
  }

  private listen(): void {
    const { socket, ears } = this;
    socket.on("connect", () => {
      this.waitMs = FIRST_WAIT_MS;
      this.heard();
      ears.link({ isUp: true, hasFailed: false });
      this.resume();
    });
    socket.on("disconnect", (reason) => {
      this.triedMs = performance.now();
      ears.link({ isUp: false, hasFailed: false });
      // The client does not come back by itself when the server ended it, for instance because
      // it read too slowly.
      if (reason === "io server disconnect") this.tryLater();
    });
    socket.on("connect_error", (error) => {
      this.triedMs = performance.now();
      // The gate's 401 looks like any lost link from here; who wants to know must ask.
      ears.link({ isUp: false, hasFailed: true, isUnwanted: error.message === NOT_FOR_THIS_ROLE });
      // Active: the client tries again by itself. Not active: the server said no.
      if (!socket.active) this.tryLater();
    });
    socket.on("tags", (bytes: ArrayBuffer) => {
      this.heard();
      ears.frame(bytes);
    });
    socket.on("alerts", (message: AlertsMessage) => {
      this.heard();
      ears.alerts(message);
    });
    socket.on("room", (message: RoomNews) => {
      this.heard();
      ears.room(message);
    });
    socket.on("pace", (message: Pace) => {
      this.heard();
      ears.pace(message);
    });
    socket.on("drafts", (news: DraftNews) => {
      this.heard();
      ears.drafts(news);
    });
    socket.on("glass", (message: { glasses?: Glass[] }) => {
      this.heard();
      ears.glass(message.glasses ?? []);
    });
    socket.on("changed", (message: { layers?: string[] }) => {
      this.heard();
      ears.changed(message.layers ?? []);
    });
  }

  private heard(): void {
    this.lastHeardMs = performance.now();
  }

  private watch(): void {
    const nowMs = performance.now();
    if (!this.socket.connected) {
      if (nowMs - this.triedMs > LATE_TRY_MS) this.rejoin();
      return;
    }
    if (nowMs - this.lastHeardMs <= DEAD_AFTER_MS) return;
    this.heard();
    this.socket.io.engine.close();
  }

  private noteVisibility(): void {
    if (document.hidden) {
      this.hiddenSinceMs = performance.now();
      return;
    }
    const hiddenMs = this.hiddenSinceMs === null ? 0 : performance.now() - this.hiddenSinceMs;
    this.hiddenSinceMs = null;
    if (!this.socket.connected) this.reconnectNow();
    else if (hiddenMs > AWAY_MS) this.resume();
  }

  private reconnectNow(): void {
    if (!this.socket.connected) this.rejoin();
  }

  /** Under the session that the browser has by now. */
  private rejoin(): void {
    this.waitMs = FIRST_WAIT_MS;
    this.triedMs = performance.now();
    // While the client waits for its next try, disconnect() drops the wait and connect() tries now.
    this.socket.disconnect();
    this.socket.connect();
  }

  private tryLater(): void {
    if (this.retry !== null) return;
    this.retry = setTimeout(() => {
      this.retry = null;
      if (!this.socket.connected) this.socket.connect();
    }, this.waitMs);
    this.waitMs = Math.min(this.waitMs * 2, LONGEST_WAIT_MS);
  }
}
