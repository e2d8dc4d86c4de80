// The windows of one desk, kept on one selection by the browser itself: numbers of records, no more.

import type { LiveFeed, Selection } from "./feed.ts";

/** A desk, or a pane of it in a window of its own. Two desks leave each other alone. */
export type WindowKind = "desk" | "pane";

interface Said extends Selection {
  from: WindowKind;
  /** A window that has just opened and wants to know. */
  asks?: boolean;
}

export function joinWindows(feed: LiveFeed, kind: WindowKind): () => void {
  const channel = new BroadcastChannel("vigil-desk");
  let isHearing = false;
  const say = (asks = false) => channel.postMessage({ from: kind, asks, ...feed.selection } satisfies Said);
  channel.onmessage = ({ data }: MessageEvent<Said>) => {
    if (data.from === "desk" && kind === "desk") return;
    if (data.asks) {
      if (kind === "desk") say();
      return;
    }
    isHearing = true;
    const { alertId, activationId, zoneId } = data;
    feed.select({ alertId, activationId, zoneId });
    isHearing = false;
  };
  const stop = feed.on("selection", () => {
    if (!isHearing) say();
  });
  if (kind === "pane") say(true);
  return () => {
    stop();
    channel.close();
  };
}
