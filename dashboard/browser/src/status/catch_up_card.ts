// The card after an absence: what came meanwhile, by number, and a way to each alert still open.

import { type CatchUp, newsWords } from "../live/catch_up.ts";
import { ageWords } from "../live/alerts.ts";
import type { LiveFeed } from "../live/feed.ts";
import type { Times } from "../live/times.ts";
import { createPortal, h, React } from "../react.ts";
import { Badge } from "../queue/badge.ts";

/** Long enough to be read where nothing waits; a card with work on it stays until it is closed. */
const CALM_MS = 20_000;
const MOST_ROWS = 6;

export function CatchUpCard({ feed, found, times }: { feed: LiveFeed; found: CatchUp; times: Times }) {
  // As they stand by now: what this desk or another has taken meanwhile waits no longer.
  const news = found.news.map((row) => feed.alerts.get(row.alert_id) ?? { ...row, state: "closed" as const });
  const waiting = news.filter((row) => row.state === "new");
  const isCalm = waiting.length === 0;
  React.useEffect(() => {
    if (!isCalm) return;
    const timer = setTimeout(() => feed.dismissCatchUp(), CALM_MS);
    return () => clearTimeout(timer);
  }, [found, isCalm]);
  const words = newsWords(news);
  const { from, to } = found;
  const numbers = from === null || to === null || to < from ? "" : from === to ? `Change ${from}: ` : `Changes ${from} to ${to}: `;
  return createPortal(
    h(
      "section",
      { className: "vigil-catch-up", role: "status", "aria-label": "While away" },
      h(
        "header",
        null,
        h("strong", null, `Re-joined ${times.local(found.atS)}, away ${ageWords(found.awayS)}`),
        h("button", { type: "button", className: "act", onClick: () => feed.dismissCatchUp() }, "Close"),
      ),
      h("p", null, words.length > 0 ? `${numbers}${words.join(" · ")}.` : "Nothing new meanwhile. Caught up."),
      waiting.length > 0 &&
        h(
          "ul",
          null,
          ...waiting.slice(0, MOST_ROWS).map((row) =>
            h(
              "li",
              { key: row.alert_id },
              h(
                "button",
                { type: "button", onClick: () => feed.selectAlert(row.alert_id) },
                h(Badge, { priority: row.priority, isHollow: row.cleared_at !== null }),
                h("span", { className: "case-code" }, row.case_code ?? "–"),
                ` ${row.title}`,
              ),
            ),
          ),
          waiting.length > MOST_ROWS && h("li", { key: "more" }, `and ${waiting.length - MOST_ROWS} more in the queue`),
        ),
    ),
    document.body,
  );
}
