// The clock of a replay. It is the model: t = t0 + speed * (now - start), and nothing counts
// samples. Pure: the present moment is handed in, so a test can be ten minutes long in no time.

export const SLOWEST = 1;
export const FASTEST = 600;

/** A speed a person typed or a link named, as one the clock runs at. */
export function usableSpeed(wanted: number): number {
  return Number.isFinite(wanted) ? Math.min(FASTEST, Math.max(SLOWEST, wanted)) : SLOWEST;
}

export class ReplayClock {
  /** Unix seconds between which it runs; it stops at either end. */
  fromS = 0;
  toS = 0;
  /** Seconds of the record a second; never negative, `direction` says which way. */
  speed = 30;
  direction: 1 | -1 = 1;
  isPlaying = false;
  private baseS = 0;
  private startMs = 0;

  /** Puts it over a period, at an instant inside it. */
  setPeriod(fromS: number, toS: number, atS: number): void {
    this.fromS = fromS;
    this.toS = toS;
    this.isPlaying = false;
    this.baseS = this.clamped(atS);
  }

  /** The instant of the record at this moment of the screen. */
  at(nowMs: number): number {
    if (!this.isPlaying) return this.baseS;
    return this.clamped(this.baseS + (this.direction * this.speed * (nowMs - this.startMs)) / 1000);
  }

  /** Whether it has run into the end it runs towards. */
  isAtEnd(nowMs: number): boolean {
    const atS = this.at(nowMs);
    return this.direction > 0 ? atS >= this.toS : atS <= this.fromS;
  }

  play(nowMs: number, direction: 1 | -1 = 1): void {
    this.baseS = this.at(nowMs);
    // At the end there is nothing left to play: begin again, as a recorder does.
    if (direction > 0 && this.baseS >= this.toS) this.baseS = this.fromS;
    this.startMs = nowMs;
    this.direction = direction;
    this.isPlaying = true;
  }

  pause(nowMs: number): void {
    this.baseS = this.at(nowMs);
    this.isPlaying = false;
  }

  /** Another instant; a clock that runs goes on from there. */
  seek(atS: number, nowMs: number): void {
    this.baseS = this.clamped(atS);
    this.startMs = nowMs;
  }

  /** Another speed at the same instant. */
  setSpeed(speed: number, nowMs: number): void {
    this.seek(this.at(nowMs), nowMs);
    this.speed = usableSpeed(speed);
  }

  private clamped(atS: number): number {
    return Math.min(this.toS, Math.max(this.fromS, atS));
  }
}
