// The server's clock, seen from the browser. The browser's own wall clock is never asked: it may
// be wrong by hours, and in the demo the server's time runs up to sixty times as fast.

/** Long enough to even out the network and a page that was busy, short enough to notice a new speed. */
const SAMPLES = 24;
/** Slopes over a shorter stretch are mostly jitter. */
const SPEED_AFTER_MS = 4000;
const SPEED_FROM_SAMPLES = 5;
/** A jump back by no more than this is jitter, and the clock waits rather than run backward. */
const WAITS_S = 2;
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
    if (this.samples.length >= SPEED_FROM_SAMPLES && atMs - oldest.atMs >= SPEED_AFTER_MS) {
      const slope = middleSlope(this.samples);
      const whole = Math.round(slope);
      // Speeds are set as whole numbers; what is within 4 % of one is that one and jitter.
      this.rate = whole >= 1 && Math.abs(slope - whole) <= 0.04 * whole ? whole : slope;
    }
  }

  /** The server's time now, unix seconds; null until a first frame came. */
  now(atMs: number): number | null {
    if (this.samples.length === 0) return null;
    // A frame can only arrive late, so the sample that puts the server furthest ahead is nearest the truth.
    let aheadS = -Infinity;
    for (const sample of this.samples.slice(-5)) {
      aheadS = Math.max(aheadS, sample.serverS + ((atMs - sample.atMs) / 1000) * this.rate);
    }
    const isJitter = this.shownS - aheadS <= WAITS_S * Math.max(1, this.rate);
    this.shownS = isJitter ? Math.max(this.shownS, aheadS) : aheadS;
    return this.shownS;
  }
}

/**
 * The median of the slopes between all pairs (Theil and Sen), in server seconds a second. Frames
 * that waited while the page was busy arrive in one burst; they bend a mean, but not this.
 */
function middleSlope(samples: readonly { serverS: number; atMs: number }[]): number {
  const slopes: number[] = [];
  samples.forEach((earlier, index) => {
    for (const later of samples.slice(index + 1)) {
      const elapsedMs = later.atMs - earlier.atMs;
      // Frames of one burst say nothing about the speed between them.
      if (elapsedMs > 500) slopes.push(((later.serverS - earlier.serverS) / elapsedMs) * 1000);
    }
  });
  slopes.sort((here, there) => here - there);
  return slopes[Math.floor(slopes.length / 2)] ?? 1;
}
