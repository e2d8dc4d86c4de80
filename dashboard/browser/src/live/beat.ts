// Timers that go on in a hidden tab, where a browser slows the page's own to one a minute: an alert
// must sound, and a lost link be noticed, whichever tab is in front.

/** What the worker beats with; nothing here is told sooner than at the next beat. */
export const BEAT_MS = 250;

const ears = new Set<() => void>();

/** Starts the beat; where no worker runs the page's own timer has to do. */
export function startBeat(workerUrl: string): void {
  const byPage = () => void setInterval(beat, BEAT_MS);
  try {
    const worker = new Worker(workerUrl);
    worker.onmessage = beat;
    worker.onerror = () => {
      worker.terminate();
      byPage();
    };
  } catch {
    byPage();
  }
}

/** Calls again and again, about so often, until the returned function is called. */
export function every(ms: number, act: () => void): () => void {
  let dueMs = performance.now() + ms;
  const ear = () => {
    const nowMs = performance.now();
    if (nowMs < dueMs) return;
    dueMs = nowMs + ms;
    act();
  };
  ears.add(ear);
  return () => void ears.delete(ear);
}

/** Calls once, so long from now, unless the returned function is called before. */
export function after(ms: number, act: () => void): () => void {
  const stop = every(ms, () => {
    stop();
    act();
  });
  return stop;
}

/** One beat; for a test. */
export function beat(): void {
  for (const ear of [...ears]) {
    try {
      ear();
    } catch (error) {
      // As with timers: what fails in one stops no other.
      reportError(error);
    }
  }
}
