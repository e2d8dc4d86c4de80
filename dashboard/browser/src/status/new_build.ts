// The server was changed under this page: a wall loads itself anew, a desk is offered to.

import type { LiveFeed } from "../live/feed.ts";
import { React } from "../react.ts";

/** A page that is old again as soon as it is loaded is not loaded again and again. */
const STAYS_MS = 20_000;

/** Whether what the server says by now is known, and other than what this page came with. */
export function isOther(own: string | undefined, now: string | undefined): boolean {
  return Boolean(own) && Boolean(now) && own !== now;
}

/** Loads the page anew as soon as it is old; for screens that nobody touches. */
export function useNewBuild(feed: LiveFeed, own: string | undefined, isUnattended: boolean): void {
  React.useEffect(() => {
    if (!isUnattended) return;
    let isAsking = false;
    return feed.on("tick", () => {
      if (isAsking || performance.now() < STAYS_MS || !feed.isLinked || !isOther(own, feed.room.build)) return;
      isAsking = true;
      // Never towards a page that does not come: a browser's own error page heals nothing.
      void isServed().then((isThere) => (isThere ? location.reload() : (isAsking = false)));
    });
  }, [own, isUnattended]);
}

async function isServed(): Promise<boolean> {
  try {
    const answer = await fetch(location.pathname, { redirect: "manual" });
    return answer.ok;
  } catch {
    return false;
  }
}
