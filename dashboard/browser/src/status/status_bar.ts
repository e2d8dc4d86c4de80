// Clocks, the LIVE pill, the counters; and the banner over every screen when nothing is live.

import { useFeed } from "../live/hooks.ts";
import { bannerWords, type Freshness, pillWords } from "../live/freshness.ts";
import { timesIn } from "../live/times.ts";
import type { PriorityNumber } from "../live/alerts.ts";
import { Badge } from "../queue/badge.ts";
import { createPortal, type DashProps, h, React } from "../react.ts";

export interface StatusBarProps extends DashProps<StatusBarProps> {
  time_zone?: string;
  demo?: boolean;
  wall?: boolean;
}

/** Long enough to be read on coming back; then the queue itself tells. */
const CATCH_UP_MS = 20_000;

export function StatusBar(props: StatusBarProps) {
  const feed = useFeed("tick", "alerts", "link", "tags");
  const times = timesIn(props.time_zone);
  const nowS = feed.nowS();
  const found = feed.freshness();
  const counts = feed.alerts.counts();
  const newestFixS = feed.header?.newestFixS ?? 0;
  const since =
    newestFixS > 0 && nowS !== null ? `Newest judged fix ${times.local(newestFixS)}` : "No judged fix yet";
  React.useEffect(() => {
    if (!feed.catchUp) return;
    const timer = setTimeout(() => feed.dismissCatchUp(), CATCH_UP_MS);
    return () => clearTimeout(timer);
  }, [feed.catchUp]);
  return h(
    "div",
    { id: props.id, className: `vigil-status ${props.wall ? "is-wall" : ""} ${props.className ?? ""}` },
    h(
      "div",
      { className: "vigil-clock", role: "timer", "aria-live": "off" },
      h("span", { className: "vigil-clock-local" }, nowS === null ? "--:--:--" : times.local(nowS)),
      h("span", { className: "vigil-clock-zone" }, nowS === null ? "" : times.zone(nowS)),
      h("span", { className: "vigil-clock-utc" }, nowS === null ? "" : `${times.utc(nowS)} UTC`),
      h("span", { className: "vigil-clock-date" }, nowS === null ? "" : times.date(nowS)),
    ),
    h(
      "span",
      { className: `vigil-pill is-${found.level}`, title: since },
      h("span", { className: "vigil-pill-dot", "aria-hidden": true }),
      pillWords(found, times.local),
    ),
    props.demo &&
      h("span", { className: "vigil-demo-word" }, feed.clock.speed >= 1.5 ? `DEMO ${Math.round(feed.clock.speed)}×` : "DEMO"),
    h(
      "span",
      { className: "vigil-counters" },
      ...([1, 2, 3] as PriorityNumber[]).map((priority) => {
        const count = counts[priority];
        const words = `Priority ${priority}: ${count.open} open, ${count.untaken} not taken`;
        return h(
          "span",
          { key: priority, className: "vigil-counter", title: words },
          h(Badge, { priority, isHollow: count.open === 0 }),
          h("span", { "aria-hidden": true }, feed.hasAlerts ? count.open : "–"),
          h("span", { className: "visually-hidden" }, words),
        );
      }),
    ),
    props.wall && h(Beat),
    h(Banner, { found, time: times.local }),
    feed.catchUp &&
      createPortal(
        h(
          "div",
          { className: "vigil-catch-up", role: "status" },
          `Re-joined ${times.local(feed.catchUp.atS)}. ${alertsWords(feed.catchUp.alerts)} while away `,
          h("button", { type: "button", onClick: () => feed.dismissCatchUp() }, "Close"),
        ),
        document.body,
      ),
  );
}

function alertsWords(count: number): string {
  return count === 1 ? "1 alert" : `${count} alerts`;
}

/** Turns each two seconds. If it stands still, this browser does. */
function Beat() {
  const [isEven, flip] = React.useReducer((before: boolean) => !before, false);
  React.useEffect(() => {
    const timer = setInterval(flip, 2_000);
    return () => clearInterval(timer);
  }, []);
  return h("span", { className: `vigil-beat ${isEven ? "is-even" : ""}`, "aria-hidden": true });
}

function Banner({ found, time }: { found: Freshness; time: (unixS: number) => string }) {
  const isLost = found.level === "lost";
  React.useEffect(() => {
    const root = document.documentElement;
    root.dataset["live"] = found.level;
    root.style.setProperty("--vigil-banner", isLost ? "56px" : "0px");
  }, [found.level]);
  if (!isLost) return null;
  return createPortal(
    h(
      "div",
      { className: "vigil-banner", role: "alert" },
      h("strong", null, pillWords(found, time)),
      h("span", null, bannerWords(found)),
      found.cause === "signed-out" &&
        h("button", { type: "button", onClick: () => location.reload() }, "Sign in"),
    ),
    document.body,
  );
}
