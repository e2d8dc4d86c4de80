// Runs in a worker, whose timers no browser slows down: see beat.ts.

import { BEAT_MS } from "./beat.ts";

setInterval(() => postMessage(null), BEAT_MS);
