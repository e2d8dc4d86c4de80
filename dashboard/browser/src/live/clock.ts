// The server's clock, seen from the browser. The browser's own wall clock is never asked: it may
// be wrong by hours, and in the demo the server's time runs up to sixty times as fast.

/** Long enough to even out the network, short enough to notice a new speed. */
const SAMPLES = 12;
/** Slopes over a shorter stretch are mostly network jitter. */
const SPEED_AFTER_MS = 2500;
/** Further off the prediction than this, the server's clock was set anew. */
const JUMP_S = 30;

export class ServerClock {
  private samples: { serverS: number; atMs: number }[] = [];
  private rate = 1;
  private shownS = 0;

  /** Server seconds in one second of the browser; 1 but for the demo. */
  get speed(): number {
    return this.rate;
  }

  get isSet(): boolean {
    return this.samples.length > 0;
  }

  /** A frame said it was `serverS` and arrived at `atMs` (performance.now). */
  hear(serverS: number, atMs: number): void {
    const newest = this.samples.at(-1);
    if (newest) {
      const expected = newest.serverS + ((atMs - newest.atMs) / 1000) * this.rate;
      const isBackward = serverS < newest.serverS;
      if (isBackward || Math.abs(serverS - expected) > JUMP_S * Math.max(1, this.rate)) {
        this.samples = [];
        this.shownS = 0;
      }
    }
    this.samples.push({ serverS, atMs });
    if (this.samples.length > SAMPLES) this.samples.shift();
    const oldest = this.samples[0]!;
    const elapsedMs = atMs - oldest.atMs;
    if (elapsedMs >= SPEED_AFTER_MS) {
      const slope = ((serverS - oldest.serverS) / elapsedMs) * 1000;
      const whole = Math.round(slope);
      // Speeds are set as whole numbers; what is within 4 % of one is that one and jitter.
      this.rate = whole >= 1 && Math.abs(slope - whole) <= 0.04 * whole ? whole : slope;
    }
  }

  /** The server's time now, unix seconds; null until a first frame came. Never runs backward. */
  now(atMs: number): number | null {
    if (this.samples.length === 0) return null;
    // A frame can only arrive late, so the sample that puts the server furthest ahead is nearest the truth.
    let aheadS = -Infinity;
    for (const sample of this.samples) {
      aheadS = Math.max(aheadS, sample.serverS + ((atMs - sample.atMs) / 1000) * this.rate);
    }
    this.shownS = Math.max(this.shownS, aheadS);
    return this.shownS;
  }
}
