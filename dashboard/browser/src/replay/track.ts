// A track as it comes from the server (the layout is in layers/replay.py): columns over the bytes
// as they are, and what follows from them: which fixes are places, where the gaps are.

import { mercatorX, mercatorY } from "../live/tags.ts";
import type { Bounds } from "../map/framing.ts";

const MAGIC = 0x4b525456; // "VTRK"
const HEADER_BYTES = 96;
const NO_PLACE = -(2 ** 31);
const NO_HEADING = 65_535;
const COARSE = 32;
const BEFORE_GAP = 16_384;

export const FLAG_WORDS: readonly [number, string][] = [
  [1, "no fix"],
  [2, "clock ahead"],
  [4, "came a month late or more"],
  [8, "impossible speed"],
  [16, "frozen"],
  [32, "coarse"],
  [64, "null island"],
  [128, "sent twice"],
  [256, "radius assumed"],
  [512, "came late"],
  [1024, "not judged"],
  [32768, "from before the device was fitted"],
];

export const MECHANISMS = ["unknown", "GNSS", "Wi-Fi", "cell", "RF"] as const;

/** Half-open, unix seconds: no fix in between. */
export interface Gap {
  fromS: number;
  toS: number;
  /** The place before it; the next one follows it. */
  place: number;
}

/** One fix that is a place, in words and numbers; null or NaN where nothing is known. */
export interface FixFacts {
  index: number;
  fixedAtS: number;
  lon: number;
  lat: number;
  radiusM: number;
  speedMps: number;
  headingDeg: number | null;
  satellites: number | null;
  batteryPct: number | null;
  mechanism: string;
  flags: number;
  events: number;
}

export class Track {
  readonly count: number;
  /** Fixes of the period in all; more than `count` where places stand for runs of them. */
  readonly total: number;
  readonly originS: number;
  readonly everyS: number;
  readonly gapS: number;
  /** SHA-256 over the canonical rows, hexadecimal. */
  readonly dataset: string;
  readonly fromS: number;
  readonly toS: number;
  // A column each, over every fix.
  readonly t: Float64Array;
  readonly lon: Int32Array;
  readonly lat: Int32Array;
  readonly radiusM: Float32Array;
  readonly reportedMps: Float32Array;
  readonly heading: Uint16Array;
  readonly flags: Uint16Array;
  readonly events: Uint16Array;
  readonly mechanism: Uint8Array;
  readonly satellites: Uint8Array;
  readonly battery: Uint8Array;
  /** Fixes that are places, by index; and those that are not but name a spot. */
  readonly places: Uint32Array;
  readonly doubted: Uint32Array;
  /** Seconds since the origin of each place. */
  readonly placeT: Float64Array;
  /** Speed of each place: reported, else worked out over the step to it, else NaN. */
  readonly speedMps: Float32Array;
  readonly gaps: Gap[] = [];
  /** Of all places, degrees; null where there is none. */
  readonly bounds: Bounds | null;
  /** Whose track it is, for the marker. */
  isVictim = false;
  private readonly joined: Uint8Array;

  constructor(buffer: ArrayBuffer) {
    const head = new DataView(buffer, 0, HEADER_BYTES);
    if (head.getUint32(0, true) !== MAGIC || head.getUint32(4, true) !== 1) {
      throw new Error("This is no track of version 1.");
    }
    const n = head.getUint32(8, true);
    this.count = n;
    this.everyS = head.getUint32(12, true);
    this.originS = head.getFloat64(16, true);
    this.gapS = head.getFloat32(24, true);
    const mask = head.getUint32(28, true);
    this.dataset = Array.from(new Uint8Array(buffer, 32, 32), (each) => each.toString(16).padStart(2, "0")).join("");
    this.fromS = head.getFloat64(64, true);
    this.toS = head.getFloat64(72, true);
    this.total = head.getUint32(80, true) || n;
    let at = HEADER_BYTES;
    const next = (bytes: number) => {
      const start = at;
      at += bytes * n;
      return start;
    };
    this.t = new Float64Array(buffer, next(8), n);
    this.lon = new Int32Array(buffer, next(4), n);
    this.lat = new Int32Array(buffer, next(4), n);
    this.radiusM = new Float32Array(buffer, next(4), n);
    this.reportedMps = new Float32Array(buffer, next(4), n);
    this.heading = new Uint16Array(buffer, next(2), n);
    this.flags = new Uint16Array(buffer, next(2), n);
    this.events = new Uint16Array(buffer, next(2), n);
    this.mechanism = new Uint8Array(buffer, next(1), n);
    this.satellites = new Uint8Array(buffer, next(1), n);
    this.battery = new Uint8Array(buffer, next(1), n);

    const places = new Uint32Array(n);
    const doubted: number[] = [];
    let k = 0;
    for (let i = 0; i < n; i++) {
      if ((this.flags[i]! & mask) === 0) places[k++] = i;
      else if (this.lon[i] !== NO_PLACE) doubted.push(i);
    }
    this.places = places.slice(0, k);
    this.doubted = Uint32Array.from(doubted);
    this.placeT = new Float64Array(k);
    for (let place = 0; place < k; place++) this.placeT[place] = this.t[this.places[place]!]!;
    this.bounds = this.spread();
    this.joined = new Uint8Array(k);
    this.speedMps = new Float32Array(k).fill(Number.NaN);
    this.follow();
  }

  /** Steps: gaps, what may be joined, and speeds where the device said none. */
  private follow(): void {
    for (let k = 0; k < this.places.length; k++) {
      const here = this.places[k]!;
      this.speedMps[k] = this.reportedMps[here]!;
      if (k === 0) continue;
      const before = this.places[k - 1]!;
      const stepS = this.t[here]! - this.t[before]!;
      // Strictly longer: a fix at every limit is a track. Where places stand for runs, the server says.
      const isGap = this.count < this.total ? (this.flags[before]! & BEFORE_GAP) !== 0 : stepS > this.gapS;
      if (isGap) {
        this.gaps.push({ fromS: this.originS + this.t[before]!, toS: this.originS + this.t[here]!, place: k - 1 });
        continue;
      }
      const isCoarse = ((this.flags[here]! | this.flags[before]!) & COARSE) !== 0;
      this.joined[k - 1] = isCoarse ? 0 : 1;
      if (Number.isNaN(this.speedMps[k]!) && stepS > 0 && !isCoarse) {
        this.speedMps[k] = this.metresBetween(before, here) / stepS;
      }
    }
  }

  private spread(): Bounds | null {
    if (!this.places.length) return null;
    const found: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
    for (const index of this.places) {
      const lon = this.lon[index]!;
      const lat = this.lat[index]!;
      if (lon < found[0]) found[0] = lon;
      if (lat < found[1]) found[1] = lat;
      if (lon > found[2]) found[2] = lon;
      if (lat > found[3]) found[3] = lat;
    }
    return found.map((each) => each / 1e7) as Bounds;
  }

  /** Whether a line may lead from this place to the next: no gap, and neither fix is coarse. */
  isJoined(place: number): boolean {
    return this.joined[place] === 1;
  }

  isCoarse(place: number): boolean {
    return (this.flags[this.places[place]!]! & COARSE) !== 0;
  }

  /** The newest place at an instant; -1 before the first. It holds until the next one. */
  placeAt(atS: number): number {
    const t = atS - this.originS;
    let low = 0;
    let high = this.placeT.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.placeT[middle]! <= t) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  placeS(place: number): number {
    return this.originS + this.placeT[place]!;
  }

  lonLat(place: number): [number, number] {
    const index = this.places[place]!;
    return [this.lon[index]! / 1e7, this.lat[index]! / 1e7];
  }

  /** The gap an instant lies in; null where the record goes on. */
  gapAt(atS: number): Gap | null {
    let low = 0;
    let high = this.gaps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.gaps[middle]!.fromS <= atS) low = middle + 1;
      else high = middle;
    }
    const gap = this.gaps[low - 1];
    return gap && atS < gap.toS ? gap : null;
  }

  facts(place: number): FixFacts {
    const i = this.places[place]!;
    const heading = this.heading[i]!;
    return {
      index: i,
      fixedAtS: this.originS + this.t[i]!,
      lon: this.lon[i]! / 1e7,
      lat: this.lat[i]! / 1e7,
      radiusM: this.radiusM[i]!,
      speedMps: this.speedMps[place]!,
      headingDeg: heading === NO_HEADING ? null : heading / 100,
      satellites: this.satellites[i] === 255 ? null : this.satellites[i]!,
      batteryPct: this.battery[i] === 255 ? null : this.battery[i]!,
      mechanism: MECHANISMS[this.mechanism[i]!] ?? "unknown",
      flags: this.flags[i]!,
      events: this.events[i]!,
    };
  }

  /** Mercator 0..1 of a fix. */
  mercator(index: number): [number, number] {
    return [mercatorX(this.lon[index]! / 1e7), mercatorY(this.lat[index]! / 1e7)];
  }

  private metresBetween(here: number, there: number): number {
    return metresBetween(this.lon[here]! / 1e7, this.lat[here]! / 1e7, this.lon[there]! / 1e7, this.lat[there]! / 1e7);
  }
}

/** For speeds and scale on screen, right to half a percent; distances of record come from the server. */
export function metresBetween(lon: number, lat: number, otherLon: number, otherLat: number): number {
  const east = (otherLon - lon) * Math.cos((((lat + otherLat) / 2) * Math.PI) / 180);
  return Math.hypot(east, otherLat - lat) * 111_195;
}

export function flagWords(flags: number): string {
  return FLAG_WORDS.filter(([bit]) => (flags & bit) !== 0)
    .map(([, words]) => words)
    .join(", ");
}
