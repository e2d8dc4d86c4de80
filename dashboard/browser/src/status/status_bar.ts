// Clocks, the LIVE pill, the counters; and the banner over every screen when nothing is live.

import { useFeed } from "../live/hooks.ts";
import { bannerWords, type Freshness, pillWords } from "../live/freshness.ts";
import { timesIn } from "../live/times.ts";
import type { PriorityNumber } from "../live/alerts.ts";
import { Badge } from "../queue/badge.ts";
import type { LiveFeed } from "../live/feed.ts";
import type { Desk } from "../live/socket.ts";
import type { Seat } from "../sound/schedule.ts";
import { Sound } from "../sound/sound.ts";
import { isOther, useNewBuild } from "./new_build.ts";
import { CatchUpCard } from "./catch_up_card.ts";
import { type Line, roomLines, SIGN_IN_BESIDE } from "./room_news.ts";
import { DeskKeys } from "../keys/desk_keys.ts";
import { type Screen, setScreens } from "../keys/keymap.ts";
import { createPortal, type DashProps, h, React } from "../react.ts";

export interface StatusBarProps extends DashProps<StatusBarProps> {
  time_zone?: string;
  /** Of the program this page came from. */
  build?: string;
  demo?: boolean;
  wall?: boolean;
  /** Who this page was made for; none for a wall, which is nobody's. */
  whose?: string;
  /** Where this role may go. */
  screens?: Screen[];
  /** Whose ears this screen has. */
  seat?: Seat;
}

export function StatusBar(props: StatusBarProps) {
  const feed = useFeed("tick", "alerts", "link", "tags", "room");
  const times = timesIn(props.time_zone);
  const nowS = feed.nowS();
  const found = feed.freshness();
  const counts = feed.alerts.counts();
  const shelved = counts[1].shelved + counts[2].shelved + counts[3].shelved;
  const newestFixS = feed.header?.newestFixS ?? 0;
  const since =
    newestFixS > 0 && nowS !== null ? `Newest judged fix ${times.local(newestFixS)}` : "No judged fix yet";
  React.useEffect(() => setScreens(props.screens ?? []), [props.screens]);
  useNewBuild(feed, props.build, props.wall === true);
  const isOthers = isOther(props.whose, feed.room.whose);
  // What one person has opened is not another's to read.
  React.useEffect(() => (isOthers ? location.reload() : undefined), [isOthers]);
  React.useEffect(() => (props.wall ? undefined : feed.on("unwanted", () => location.reload())), []);
  const seat = props.seat ?? (props.wall ? "wall" : "none");
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
    shelved > 0 && h("span", { className: "vigil-shelved" }, `shelved ${shelved}`),
    h(Sound, { seat, times, isDemo: props.demo === true }),
    !props.wall && feed.room.desks.length > 1 && h(Others, { desks: feed.room.desks }),
    props.wall ? h(Beat) : h(DeskKeys),
    h(Banner, { found, time: times.local, isWall: props.wall === true }),
    feed.catchUp && !props.wall && h(CatchUpCard, { feed, found: feed.catchUp, times }),
    !props.wall &&
      h(Lines, {
        feed,
        lines: roomLines(feed.room, feed.alerts.open(), seat, {
          isLinked: feed.isLinked,
          isOld: isOther(props.build, feed.room.build),
          // While nothing is judged there is no telling whether anything comes.
          silentSince: found.level === "live" && nowS !== null && feed.silentForS(nowS) !== null ? times.local(newestFixS) : null,
        }),
      }),
  );
}

/** As the page sees it: `offsetHeight` leaves out by how much a fine screen enlarges it. */
function heightOf(box: Element | null): number {
  return box?.getBoundingClientRect().height ?? 0;
}

/** Lines over the page; the page makes room for them. */
function Lines({ lines, feed }: { lines: Line[]; feed: LiveFeed }) {
  const box = React.useRef<HTMLDivElement>(null);
  const drawn = lines.map((line) => line.words).join("|");
  React.useEffect(() => {
    document.documentElement.style.setProperty("--vigil-lines", `${heightOf(box.current)}px`);
  }, [drawn]);
  if (lines.length === 0) return null;
  return createPortal(
    h(
      "div",
      { ref: box, className: "vigil-lines", role: "status" },
      ...lines.map((line) =>
        h(
          "p",
          { key: line.key, className: line.isUrgent ? "is-urgent" : "" },
          line.words,
          line.alertId !== undefined &&
            h("button", { type: "button", onClick: () => feed.selectAlert(line.alertId!) }, "Show"),
          line.canReload && h("button", { type: "button", onClick: () => location.reload() }, "Load anew"),
          line.way && h("a", { href: line.way.href, target: line.way.target }, line.way.words),
        ),
      ),
    ),
    document.body,
  );
}

function Others({ desks }: { desks: Desk[] }) {
  const others = [...new Set(desks.filter((desk) => !desk.is_me).map((desk) => desk.login))];
  if (others.length === 0) return null;
  return h("span", { className: "vigil-others", title: "Other desks" }, `also here: ${others.join(", ")}`);
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

function Banner({ found, time, isWall }: { found: Freshness; time: (unixS: number) => string; isWall: boolean }) {
  const box = React.useRef<HTMLDivElement>(null);
  const isLost = found.level === "lost";
  React.useEffect(() => {
    const root = document.documentElement;
    root.dataset["live"] = found.level;
    // The page makes room for as much as the banner takes.
    root.style.setProperty("--vigil-banner", `${heightOf(box.current)}px`);
  }, [found.level, found.cause]);
  if (!isLost) return null;
  return createPortal(
    h(
      "div",
      { ref: box, className: `vigil-banner ${isWall ? "is-wall" : ""}`, role: "alert" },
      h("strong", null, pillWords(found, time)),
      h("span", null, isWall && found.cause === "signed-out" ? "This wall is shut out. Make it a new link" : bannerWords(found)),
      // A wall has nobody to sign in; its own link lets it in again.
      found.cause === "signed-out" &&
        !isWall &&
        h("a", { href: SIGN_IN_BESIDE.href, target: SIGN_IN_BESIDE.target }, SIGN_IN_BESIDE.words),
    ),
    document.body,
  );
}
