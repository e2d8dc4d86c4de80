// New alerts for who does not see the list.

import { sentence } from "../live/alerts.ts";
import type { LiveFeed } from "../live/feed.ts";
import { h, React } from "../react.ts";

/** Says each new alert once: P1 at once, P2 when there is a pause, P3 not at all. */
export function Announcer({ feed }: { feed: LiveFeed }) {
  const [words, setWords] = React.useState({ first: "", second: "" });
  React.useEffect(
    () =>
      feed.on("alerts", () => {
        const say = (priority: number) =>
          feed.lastFresh
            .filter((row) => row.priority === priority && !row.found_on_backfill)
            .map(sentence)
            .join(" ");
        const first = say(1);
        const second = say(2);
        if (first || second) setWords((old) => ({ first: first || old.first, second: second || old.second }));
      }),
    [],
  );
  return h(
    React.Fragment,
    null,
    h("div", { className: "visually-hidden", role: "alert", "aria-live": "assertive" }, words.first),
    h("div", { className: "visually-hidden", role: "status", "aria-live": "polite" }, words.second),
  );
}
