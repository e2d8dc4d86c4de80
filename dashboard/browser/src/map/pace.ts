// How often the map is drawn. Without a graphics card a picture of thousands of tags can take most
// of a second, all of it on the thread that also shows alerts: a row must never wait for the map.

/** Share of the page's time that pictures may take. */
const SHARE = 0.25;
/** No tag stays longer than this where it was, unless the screen is slower still. */
const LONGEST_MS = 4000;
/** A picture that takes no longer than this leaves the page all the time it needs. */
const QUICK_MS = 34;

/** What the page's own clock, frames and timers are; a test hands in its own. */
export interface Beats {
  now(): number;
  frame(then: () => void): void;
  later(ms: number, then: () => void): void;
}

const PAGE: Beats = {
  now: () => performance.now(),
  frame: (then) => requestAnimationFrame(then),
  later: (ms, then) => setTimeout(then, ms),
};

/** Draws when asked, and less often the longer a picture takes; what was asked for is drawn. */
export class Pace {
  /** From one picture to the next, ms; 0 where the screen keeps up. */
  everyMs = 0;
  private state: "idle" | "drawing" | "resting" = "idle";
  /** As the last picture was; of the first nothing is known. */
  private isQuick = false;
  private isAsked = false;
  private isUrgent = false;
  private rests = 0;

  constructor(
    private readonly draw: () => void,
    private readonly beats: Beats = PAGE,
  ) {}

  /** `isUrgent`: somebody moves the map, and waits for this picture. */
  ask(isUrgent = false): void {
    // A screen that keeps up draws frame after frame.
    if (this.state === "drawing" && this.isQuick) return this.draw();
    this.isAsked = true;
    this.isUrgent ||= isUrgent;
    if (this.state === "idle" || (this.state === "resting" && isUrgent)) this.begin();
  }

  private begin(): void {
    this.state = "drawing";
    // On a slow screen whatever asks for the picture, a new row or a key, is shown before it.
    if (this.everyMs > 0) this.beats.frame(() => this.paint());
    else this.paint();
  }

  private paint(): void {
    // Frames run in the order in which they were asked for: this one just before the picture is
    // made, which has in it all that was asked for until then.
    this.beats.frame(() => {
      this.isAsked = this.isUrgent = false;
      const began = this.beats.now();
      // The next comes when it is on the screen.
      this.beats.frame(() => this.end(this.beats.now() - began));
    });
    this.draw();
  }

  private end(betweenMs: number): void {
    // A tab that was hidden meanwhile, or a machine that slept, was not drawing all that time.
    const tookMs = Math.min(betweenMs, LONGEST_MS);
    // Whatever the map has promised, half of the time is the alerts'.
    this.isQuick = tookMs <= QUICK_MS;
    const restMs = this.isQuick ? 0 : Math.max(tookMs, Math.min(LONGEST_MS, tookMs / SHARE) - tookMs);
    this.everyMs = restMs > 0 ? tookMs + restMs : 0;
    const rest = ++this.rests;
    const on = () => {
      if (rest !== this.rests || this.state !== "resting") return;
      this.state = "idle";
      if (this.isAsked) this.begin();
    };
    this.state = "resting";
    if (restMs === 0 || this.isUrgent) on();
    else this.beats.later(restMs, on);
  }
}
