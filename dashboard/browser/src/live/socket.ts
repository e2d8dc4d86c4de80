// One socket a page. It only carries: what a message means is for feed.ts.
// Tries again after 1, 2, 4, 8, then every 10 s, for as long as the page is open.

import { io, type Socket } from "socket.io-client";
import type { AlertsMessage } from "./alerts.ts";

/** Frames come each second, so a socket that says nothing for this long is dead, whatever it thinks. */
const DEAD_AFTER_MS = 10_000;
/** A shorter absence missed nothing that the next frame does not bring. */
const AWAY_MS = 5_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 10_000;

export interface SocketEars {
  frame(bytes: ArrayBuffer): void;
  alerts(message: AlertsMessage): void;
  changed(layers: string[]): void;
  /** The link went up or down, or the server refused us. */
  link(state: { isUp: boolean; isRefused: boolean }): void;
  /** The number to resume after; null asks for everything. */
  cursor(): number | null;
}

export class LiveSocket {
  private readonly socket: Socket;
  private lastHeardMs = performance.now();
  private hiddenSinceMs: number | null = null;
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
    setInterval(() => this.watch(), 2_000);
    document.addEventListener("visibilitychange", () => this.noteVisibility());
    window.addEventListener("online", () => this.reconnectNow());
  }

  /** Asks for what came after the cursor, or for everything. */
  resume(): void {
    if (this.socket.connected) this.socket.emit("resume", { outbox_id: this.ears.cursor() });
  }

  private listen(): void {
    const { socket, ears } = this;
    socket.on("connect", () => {
      this.waitMs = FIRST_WAIT_MS;
      this.heard();
      ears.link({ isUp: true, isRefused: false });
      this.resume();
    });
    socket.on("disconnect", (reason) => {
      ears.link({ isUp: false, isRefused: false });
      // The client does not come back by itself when the server ended it, for instance because
      // it read too slowly.
      if (reason === "io server disconnect") this.tryLater();
    });
    socket.on("connect_error", () => {
      // Active: the client tries again by itself. Not active: the server said no.
      const isRefused = !socket.active;
      ears.link({ isUp: false, isRefused });
      if (isRefused) this.tryLater();
    });
    socket.on("tags", (bytes: ArrayBuffer) => {
      this.heard();
      ears.frame(bytes);
    });
    socket.on("alerts", (message: AlertsMessage) => {
      this.heard();
      ears.alerts(message);
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
    if (!this.socket.connected) return;
    if (performance.now() - this.lastHeardMs <= DEAD_AFTER_MS) return;
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
    if (this.socket.connected) return;
    this.waitMs = FIRST_WAIT_MS;
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
