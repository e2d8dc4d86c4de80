// The wall's last line: does everything speak, how busy is the room, is anybody there.
// It also keeps the screen itself as it was set up.

import type { LiveFeed } from "../live/feed.ts";
import { useFeed } from "../live/hooks.ts";
import { fixAgeWords } from "../map/labels.ts";
import { type DashProps, h } from "../react.ts";
import { useScreen } from "./keep_screen.ts";
import { PaceBars } from "./pace.ts";

export interface WallFootProps extends DashProps<WallFootProps> {
  time_zone?: string;
}

/** Below this share of tags on plan the sign is no longer full. */
const MOST_SPEAK = 0.95;

export function WallFoot(props: WallFootProps) {
  const feed = useFeed("tick", "tags", "room", "pace");
  useScreen(feed, props.time_zone);
  const desks = feed.room.desks.length;
  return h(
    "footer",
    { id: props.id, className: `vigil-wall-foot ${props.className ?? ""}` },
    ...signs(feed).map((sign) =>
      h(
        "span",
        { key: sign.name, className: sign.isGood ? "" : "is-bad" },
        `${sign.name} `,
        h("span", { "aria-hidden": true }, sign.isGood ? "●" : "◐"),
        ` ${sign.words}`,
      ),
    ),
    feed.pace && h(PaceBars, { pace: feed.pace }),
    h("span", { className: desks === 0 ? "is-bad" : "" }, desks === 0 ? "no desk" : desks === 1 ? "1 desk" : `${desks} desks`),
    ...LEGEND.map(([key, words]) => h("span", { key, className: "is-legend" }, h("span", { className: `key key-${key}` }), words)),
  );
}

const LEGEND = [
  ["exclusion", "exclusion"],
  ["buffer", "buffer"],
  ["inclusion", "curfew"],
  ["offender", "offender"],
  ["stale", "no news"],
] as const;

interface Sign {
  name: string;
  isGood: boolean;
  words: string;
}

function signs(feed: LiveFeed): Sign[] {
  const nowS = feed.nowS();
  const newestS = feed.header?.newestFixS ?? 0;
  const found: Sign[] = [];
  if (nowS !== null) {
    const silentForS = feed.silentForS(nowS);
    const isGood = newestS > 0 && silentForS === null;
    found.push({ name: "feed", isGood, words: newestS === 0 ? "no fix yet" : silentForS === null ? "" : `silent ${fixAgeWords(silentForS)}` });
    const total = feed.tags.count;
    const speaking = feed.speaking(nowS);
    found.push({ name: "tags", isGood: total === 0 || speaking >= MOST_SPEAK * total, words: `${speaking}/${total}` });
  }
  // Nobody calls out what only the passing of time shows, or nothing leaves the house.
  for (const name of feed.isLinked ? feed.room.stopped : []) found.push({ name, isGood: false, words: "stopped" });
  return found;
}
