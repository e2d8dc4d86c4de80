// The server's clock, seen from the browser. The browser's own wall clock is never asked: it may
// be wrong by hours, and in the demo the server's time runs up to sixty times as fast.

/** Long enough to even out the network and a page that was busy, short enough to notice a new speed. */
const SAMPLES = 24;
/** Slopes over a shorter stretch are mostly jitter. */
const SPEED_OVER_MS = 3000;
/** A jump back by no more than this is jitter, and the clock waits rather than run backward. */
const WAITS_S = 2;
/** Further off the prediction than this, the server's clock was set anew. */
const JUMP_S = 30;

interface Sample {
  serverS: number;
  atMs: number;
}

export class ServerClock {
  private samples: Sample[] = [];
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
    const speed = speedOf(this.samples);
    if (speed !== null) {
      const whole = Math.round(speed);
      // Speeds are set as whole numbers; what is within 4 % of one is that one and jitter.
      this.rate = whole >= 1 && Math.abs(speed - whole) <= 0.04 * whole ? whole : speed;
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
 * Server seconds a second, or null while too little was heard.
 *
 * A frame can only arrive late, so the truth runs along the upper hull of the samples; its longest
 * edge joins frames that were hardly late at all. Frames that waited while the page was busy and
 * came in one burst bend a mean or a median, but not this.
 */
function speedOf(samples: readonly Sample[]): number | null {
  const hull: Sample[] = [];
  for (const sample of samples) {
    while (hull.length >= 2 && slope(hull.at(-2)!, hull.at(-1)!) <= slope(hull.at(-2)!, sample)) hull.pop();
    hull.push(sample);
  }
  let longestMs = 0;
  let found: number | null = null;
  hull.forEach((later, index) => {
    const earlier = hull[index - 1];
    if (!earlier || later.atMs - earlier.atMs <= longestMs) return;
    longestMs = later.atMs - earlier.atMs;
    found = slope(earlier, later);
  });
  return longestMs >= SPEED_OVER_MS ? found : null;
}

function slope(earlier: Sample, later: Sample): number {
  return ((later.serverS - earlier.serverS) / Math.max(1e-3, later.atMs - earlier.atMs)) * 1000;
}
