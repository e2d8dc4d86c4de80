// What a replay is at an instant: the clock, the tracks, the view. It draws nothing; map, lanes and
// panels listen. Topics: "time" each picture while it plays and at each seek, "data" when something
// was fetched, "view" when a person changed what is shown.

import type { Feature } from "geojson";
import { FRESH, type ViewState, writeAddress } from "./address.ts";
import { ReplayClock } from "./clock.ts";
import { type LaneData, NO_LANES } from "./lane_data.ts";
import type { HerCase } from "./hers.ts";
import type { Near } from "./near.ts";
import type { Track } from "./track.ts";

export type Topic = "time" | "data" | "view";

export interface About {
  activation_id: number;
  case_codes: string[];
  role: string;
  kind: string;
  serial: string;
  firmware: string;
  report_every_s: number;
  first_s: number | null;
  last_s: number | null;
}

export interface Choice {
  activation_id: number;
  case_code: string;
  serial: string;
  from_s: number;
  to_s: number | null;
}

/** One version of a zone, with the stretches of the period in which its hours run. */
export interface ZoneVersion {
  /** Buffer first, then the zone, as layers/zones.py gives them. */
  features: Feature[];
  fromS: number;
  toS: number;
  open: [number, number][];
}

/** One of the tracks on the clock; the first is the one that panels and lanes are about. */
export interface Loaded {
  about: About;
  track: Track;
  lanes: LaneData;
  near: Near | null;
}

export interface Bookmark {
  bookmark_id: number;
  at_s: number;
  words: string;
  author: string;
  made_s: number;
  address: string;
}

const ADDRESS_AFTER_MS = 300;

export class ReplayModel {
  readonly clock = new ReplayClock();
  view: ViewState = FRESH;
  loaded: Loaded[] = [];
  zones: ZoneVersion[] = [];
  bookmarks: Bookmark[] = [];
  /** Her side, for the minute of a reveal; otherwise why it is masked. */
  hers: HerCase[] = [];
  /** SHA-256 of what was served beside the tracks, by what it is; for paper. */
  readonly hashes = new Map<string, string>();
  /** Something to say over the map for a moment, such as what was skipped. */
  notice = "";
  private ears = new Map<Topic, Set<() => void>>();
  private frame = 0;
  private addressTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly timeZone: string) {}

  on(topic: Topic, ear: () => void): () => void {
    const ears = this.ears.get(topic) ?? new Set();
    this.ears.set(topic, ears.add(ear));
    return () => ears.delete(ear);
  }

  tell(topic: Topic): void {
    for (const ear of this.ears.get(topic) ?? []) ear();
    if (topic !== "data") this.keepAddress();
  }

  get first(): Loaded | null {
    return this.loaded[0] ?? null;
  }

  get lanes(): LaneData {
    return this.first?.lanes ?? NO_LANES;
  }

  /** The instant of the record now, unix seconds. */
  nowS(): number {
    return this.clock.at(performance.now());
  }

  seek(atS: number): void {
    this.notice = "";
    this.clock.seek(atS, performance.now());
    this.tell("time");
  }

  play(direction: 1 | -1 = 1): void {
    this.clock.play(performance.now(), direction);
    this.notice = "";
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(this.step);
    this.tell("view");
  }

  pause(): void {
    this.clock.pause(performance.now());
    cancelAnimationFrame(this.frame);
    this.tell("time");
    this.tell("view");
  }

  setSpeed(speed: number): void {
    this.clock.setSpeed(speed, performance.now());
    this.change({ speed: this.clock.speed });
  }

  change(changed: Partial<ViewState>): void {
    this.view = { ...this.view, ...changed };
    this.tell("view");
  }

  /** The address of exactly this picture. */
  address(): string {
    return writeAddress({ ...this.view, atS: this.nowS() });
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    if (this.addressTimer) clearTimeout(this.addressTimer);
    this.ears.clear();
  }

  // Nothing is counted here: each picture asks the clock what time it is.
  private readonly step = () => {
    if (!this.clock.isPlaying) return;
    const nowMs = performance.now();
    this.skip?.(this, nowMs);
    if (this.clock.isAtEnd(nowMs)) {
      this.pause();
      return;
    }
    this.tell("time");
    this.frame = requestAnimationFrame(this.step);
  };

  /** Set by whoever knows what is quiet (jumps.ts). */
  skip: ((model: ReplayModel, nowMs: number) => void) | null = null;

  /** The map as a picture for paper; set by the map. */
  picture: (() => Promise<Blob>) | null = null;

  /** Brings the whole track into view; set by the map. */
  fit: (() => void) | null = null;

  /** Zooms the map in or out; set by the map. */
  zoomBy: ((steps: number) => void) | null = null;

  private keepAddress(): void {
    // While it plays the address would change sixty times a second; it is written when it stands.
    if (this.addressTimer || !this.loaded.length) return;
    this.addressTimer = setTimeout(() => {
      this.addressTimer = null;
      history.replaceState(history.state, "", location.pathname + this.address());
    }, ADDRESS_AFTER_MS);
  }
}
