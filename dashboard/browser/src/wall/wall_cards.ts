// The wall's cards: is something wrong, how old is it, is anyone on it. Case codes only.

import { ageS, ageWords, confidenceWords, isFlapping, victimWords } from "../live/alerts.ts";
import type { LiveFeed } from "../live/feed.ts";
import { useFeed } from "../live/hooks.ts";
import { timesIn } from "../live/times.ts";
import { Badge } from "../queue/badge.ts";
import { type DashProps, h, React } from "../react.ts";
import { type Card, cardsOf, MOST_CARDS } from "./cards.ts";

export interface WallCardsProps extends DashProps<WallCardsProps> {
  time_zone?: string;
}

export function WallCards(props: WallCardsProps) {
  const feed = useFeed("alerts", "tick", "pace");
  const nowS = feed.nowS() ?? 0;
  const open = feed.alerts.open();
  const isCalm = feed.hasAlerts && !open.some((row) => row.priority < 3);
  const { box, tightness } = useTightness(cardsOf(open, nowS).map((card) => `${card.row.alert_id}${card.isGrown}${card.row.version}`).join());
  const shown = cardsOf(open, nowS, tightness);
  const rest = open.length - shown.length;
  return h(
    "section",
    { id: props.id, className: `vigil-cards ${props.className ?? ""}`, "aria-label": "Most urgent alerts" },
    !feed.hasAlerts && h("p", { className: "vigil-cards-calm" }, "Loading alerts"),
    isCalm && h("p", { className: "vigil-cards-calm" }, calmWords(feed, nowS, props.time_zone)),
    h(
      "div",
      { ref: box, className: "vigil-cards-list" },
      ...shown.map((card, index) => h(WallCard, { key: card.row.alert_id, card, nowS, isFirst: index === 0 })),
    ),
    rest > 0 && h("p", { className: "vigil-cards-more" }, `and ${rest} more`),
  );
}

/** The room has seen nothing urgent since; told by the server, so a screen that starts anew knows it too. */
function calmWords(feed: LiveFeed, nowS: number, timeZone: string | undefined): string {
  const times = timesIn(timeZone);
  const { level, sinceS: lostS } = feed.freshness();
  // Nothing known is not nothing wrong.
  if (level === "lost") return lostS === null ? "Alerts not known: not live" : `Alerts as of ${times.local(lostS)}`;
  const since = feed.pace?.calm_since;
  if (!since) return "No open P1/P2";
  const sinceS = Date.parse(since) / 1000;
  const day = times.date(sinceS);
  const at = day === times.date(nowS) ? times.localMinute(sinceS) : `${day} ${times.localMinute(sinceS)}`;
  return `No open P1/P2 since ${at}`;
}

/** How tight it must be for all to be shown whole: half a card at the edge would be read as all of it. */
function useTightness(cards: string) {
  const box = React.useRef<HTMLDivElement>(null);
  const [tightness, setTightness] = React.useState(0);
  React.useLayoutEffect(() => setTightness(0), [cards]);
  React.useLayoutEffect(() => {
    const list = box.current;
    if (list && list.scrollHeight > list.clientHeight + 1 && tightness < MOST_CARDS) setTightness(tightness + 1);
  });
  React.useEffect(() => {
    const watch = new ResizeObserver(() => setTightness(0));
    watch.observe(box.current!.parentElement!);
    return () => watch.disconnect();
  }, []);
  return { box, tightness };
}

function WallCard({ card, nowS, isFirst }: { card: Card; nowS: number; isFirst: boolean }) {
  const { row } = card;
  const classes = ["vigil-card", `is-p${row.priority}`];
  if (isFirst) classes.push("is-first");
  if (row.state === "new" && row.cleared_at === null) classes.push("is-new");
  if (card.isGrown) classes.push("is-grown");
  const isLarge = isFirst || card.isGrown;
  const victim = row.cleared_at === null ? victimWords(row) : "";
  const owner = h(
    "span",
    { className: `vigil-card-owner ${card.isNotTaken ? "is-nobody" : ""}` },
    row.owner ? `${row.owner} ✓` : card.isNotTaken ? "NOT TAKEN" : "–",
  );
  return h(
    "article",
    { className: classes.join(" ") },
    h(
      "header",
      null,
      h(Badge, { priority: row.priority, isHollow: row.cleared_at !== null }),
      h("span", { className: "case-code" }, row.case_code ?? "–"),
      h("span", { className: "vigil-card-age" }, ageWords(ageS(row, nowS))),
      !isLarge && owner,
    ),
    h(
      "div",
      { className: "vigil-card-title" },
      h("span", { className: "vigil-row-what" }, row.title),
      row.repeats > 1 && h("span", { className: "vigil-mark" }, `×${row.repeats}`),
      isFlapping(row) && h("span", { className: "vigil-mark" }, "~"),
      row.cleared_at !== null && h("span", { className: "vigil-mark" }, "cleared"),
    ),
    isLarge &&
      h(
        "p",
        { className: "vigil-card-words" },
        ...[confidenceWords(row), victim].filter(Boolean).map((words) => h("span", { key: words }, words)),
        owner,
      ),
  );
}
