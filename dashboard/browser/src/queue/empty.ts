// What stands in the list while it has no rows: not yet, none at all, or none that pass the filter.

import { filterWords } from "../live/alerts.ts";
import type { LiveFeed } from "../live/feed.ts";
import { timesIn } from "../live/times.ts";
import { h } from "../react.ts";
import type { AlertQueueProps } from "./alert_queue.ts";
import { ROW_PX } from "./rows.ts";

export function Skeleton() {
  return h(
    "div",
    { role: "status", "aria-label": "Loading alerts" },
    ...Array.from({ length: 6 }, (_, index) => h("div", { key: index, className: "vigil-row-skeleton", style: { height: ROW_PX } })),
  );
}

export function Empty(given: { feed: LiveFeed; props: AlertQueueProps; total: number; timeZone: string | undefined }) {
  const { feed, props, total } = given;
  const words = filterWords(props.filter);
  if (words && total > 0) {
    return h(
      "p",
      { className: "vigil-empty" },
      `0 of ${total} alerts match '${words}'. `,
      h("button", { type: "button", onClick: () => props.setProps({ filter: null }) }, "Clear filter"),
    );
  }
  const times = timesIn(given.timeZone);
  const closed = feed.alerts.lastClosed;
  const closedS = feed.lastClosedS;
  const { ageS: checked, level } = feed.freshness();
  // Nothing known is not nothing wrong: the banner over the page says since when.
  if (level === "lost") return h("p", { className: "vigil-empty", role: "status" }, "Alerts not known: not live.");
  const parts = ["No open alerts."];
  if (closed && closedS !== null) {
    const code = closed.case_code ? ` (case ${closed.case_code})` : "";
    parts.push(`Last closed ${times.localMinute(closedS)}${code}.`);
  }
  if (checked !== null) parts.push(`Feed checked ${Math.floor(checked)} s ago.`);
  return h("p", { className: "vigil-empty", role: "status" }, parts.join(" "));
}
