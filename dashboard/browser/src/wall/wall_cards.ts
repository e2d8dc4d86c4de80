// The wall's cards: is something wrong, how old is it, is anyone on it. Case codes only.

import { ageS, ageWords, confidenceWords, isFlapping, victimWords } from "../live/alerts.ts";
import { useFeed } from "../live/hooks.ts";
import { timesIn } from "../live/times.ts";
import { Badge } from "../queue/badge.ts";
import { type DashProps, h, React } from "../react.ts";
import { type Card, cardsOf, MOST_CARDS } from "./cards.ts";

export interface WallCardsProps extends DashProps<WallCardsProps> {
  time_zone?: string;
}

export function WallCards(props: WallCardsProps) {
  const feed = useFeed("alerts", "tick");
  const calmSince = React.useRef<number | null>(null);
  const nowS = feed.nowS() ?? 0;
  const open = feed.alerts.open();
  const isCalm = feed.hasAlerts && !open.some((row) => row.priority < 3);
  if (!isCalm) calmSince.current = null;
  else if (calmSince.current === null && nowS > 0) calmSince.current = nowS;
  const since = calmSince.current;
  const times = timesIn(props.time_zone);
  return h(
    "section",
    { id: props.id, className: `vigil-cards ${props.className ?? ""}`, "aria-label": "Most urgent alerts" },
    !feed.hasAlerts && h("p", { className: "vigil-cards-calm" }, "Loading alerts"),
    isCalm &&
      h(
        "p",
        { className: "vigil-cards-calm" },
        since === null ? "No open P1 or P2" : `No open P1 or P2 since ${times.localMinute(since)}`,
      ),
    ...cardsOf(open, nowS).map((card, index) => h(WallCard, { key: card.row.alert_id, card, nowS, isFirst: index === 0 })),
    open.length > MOST_CARDS && h("p", { className: "vigil-cards-more" }, `and ${open.length - MOST_CARDS} more`),
  );
}

function WallCard({ card, nowS, isFirst }: { card: Card; nowS: number; isFirst: boolean }) {
  const { row } = card;
  const classes = ["vigil-card", `is-p${row.priority}`];
  if (isFirst) classes.push("is-first");
  if (row.state === "new" && row.cleared_at === null) classes.push("is-new");
  if (card.isGrown) classes.push("is-grown");
  const victim = row.cleared_at === null ? victimWords(row) : "";
  const words = [confidenceWords(row), victim].filter(Boolean).join(" · ");
  return h(
    "article",
    { className: classes.join(" ") },
    h(
      "header",
      null,
      h(Badge, { priority: row.priority, isHollow: row.cleared_at !== null }),
      h("span", { className: "case-code" }, row.case_code ?? "–"),
      h("span", { className: "vigil-card-age" }, ageWords(ageS(row, nowS))),
    ),
    h(
      "div",
      { className: "vigil-card-title" },
      h("span", { className: "vigil-row-what" }, row.title),
      row.repeats > 1 && h("span", { className: "vigil-mark" }, `×${row.repeats}`),
      isFlapping(row) && h("span", { className: "vigil-mark" }, "~"),
      row.cleared_at !== null && h("span", { className: "vigil-mark" }, "cleared"),
      h(
        "span",
        { className: `vigil-card-owner ${card.isNotTaken ? "is-nobody" : ""}` },
        row.owner ? `${row.owner} ✓` : card.isNotTaken ? "NOT TAKEN" : "–",
      ),
    ),
    (isFirst || card.isGrown) && words && h("p", { className: "vigil-card-words" }, words),
  );
}
