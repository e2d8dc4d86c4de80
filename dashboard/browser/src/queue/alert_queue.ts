// The alert queue of a desk: who needs a person, in which order, since when.

import {
  ageS,
  ageWords,
  type AlertFilter,
  type AlertRow,
  confidenceWords,
  filterWords,
  isFlapping,
  sentence,
  victimWords,
} from "../live/alerts.ts";
import type { LiveFeed } from "../live/feed.ts";
import { useFeed } from "../live/hooks.ts";
import { timesIn } from "../live/times.ts";
import { onKey } from "../keys/bind.ts";
import type { KeyAction } from "../keys/keymap.ts";
import { type DashProps, h, React } from "../react.ts";
import { Badge } from "./badge.ts";
import { shownRows, waitingWords, windowOf } from "./order.ts";

export interface AlertQueueProps extends DashProps<AlertQueueProps> {
  time_zone?: string;
  selected?: number | null;
  filter?: AlertFilter | null;
  me?: string | null;
  touched?: string | null;
}

const ROW_PX = 60;

export function AlertQueue(props: AlertQueueProps) {
  const feed = useFeed("alerts", "selection", "tick");
  const box = React.useRef<HTMLDivElement>(null);
  const [top, setTop] = React.useState(0);
  const [held, setHeld] = React.useState<AlertRow[] | null>(null);
  const newest = React.useRef(props);
  newest.current = props;

  // A new filter is asked for: what it shows need not wait for the focus to leave.
  const asked = filterWords(props.filter);
  React.useEffect(() => setHeld(null), [asked]);

  const me = props.me ?? null;
  const open = feed.alerts.open();
  const { rows, waiting } = shownRows(open, props.filter, me, held);
  const rowsNow = React.useRef(rows);
  rowsNow.current = rows;

  const choose = (alertId: number | null) => {
    feed.selectAlert(alertId);
    newest.current.setProps({ selected: alertId });
  };

  // One selection for the page: a tag clicked on the map selects its alert here, and Python hears of it.
  React.useEffect(
    () =>
      feed.on("selection", () => {
        const { alertId } = feed.selection;
        if (alertId !== (newest.current.selected ?? null)) newest.current.setProps({ selected: alertId });
      }),
    [],
  );
  // What others do about the selected alert must show in its drawer: Python hears of each new version.
  React.useEffect(
    () =>
      feed.on("alerts", () => {
        const { alertId } = feed.selection;
        if (alertId === null) return;
        const touched = `${alertId}:${feed.alerts.get(alertId)?.version ?? "closed"}`;
        if (touched !== newest.current.touched) newest.current.setProps({ touched });
      }),
    [],
  );
  React.useEffect(() => {
    if (props.selected !== undefined && props.selected !== feed.selection.alertId) {
      feed.selectAlert(props.selected ?? null);
    }
  }, [props.selected]);
  React.useEffect(
    () => onKey((action, event) => act(action, event, feed, box.current, rowsNow.current, newest.current, choose)),
    [],
  );

  const showNew = () => {
    setHeld(null);
    if (box.current) box.current.scrollTop = 0;
    setTop(0);
    (document.activeElement as HTMLElement | null)?.blur();
  };
  const height = box.current?.clientHeight || 800;
  const { first, last } = windowOf(rows.length, top, height, ROW_PX);
  const nowS = feed.nowS() ?? 0;
  const narrowed = filterWords(props.filter);
  const tabStop = rows.some((row) => row.alert_id === feed.selection.alertId)
    ? feed.selection.alertId
    : (rows[0]?.alert_id ?? null);

  return h(
    "section",
    { id: props.id, className: `vigil-queue ${props.className ?? ""}`, "aria-label": "Alerts" },
    h(Announcer, { feed }),
    narrowed &&
      rows.length > 0 &&
      h(
        "p",
        { className: "vigil-queue-filter", role: "status" },
        `Only ${narrowed}: ${rows.length} of ${open.length}. `,
        h("button", { type: "button", onClick: () => props.setProps({ filter: null }) }, "Clear filter"),
      ),
    waiting.length > 0 &&
      h(
        "button",
        {
          type: "button",
          className: `vigil-queue-new ${waiting.some((row) => row.priority === 1) ? "is-p1" : ""}`,
          onClick: showNew,
        },
        waitingWords(waiting),
      ),
    h(
      "div",
      {
        ref: box,
        className: "vigil-queue-list",
        // A list box without a single option is an error to a screen reader.
        ...(rows.length > 0
          ? { role: "listbox", "aria-label": `${rows.length} open alerts, most urgent first` }
          : {}),
        "data-alert-list": "",
        onScroll: (event: React.UIEvent<HTMLDivElement>) => setTop(event.currentTarget.scrollTop),
        onFocus: () => setHeld((before) => before ?? rowsNow.current),
        onBlur: (event: React.FocusEvent<HTMLDivElement>) => {
          if (!event.currentTarget.contains(event.relatedTarget)) setHeld(null);
        },
      },
      !feed.hasAlerts
        ? h(Skeleton)
        : rows.length === 0
          ? h(Empty, { feed, props, total: open.length, timeZone: props.time_zone })
          : h(
              "div",
              { style: { height: rows.length * ROW_PX, position: "relative" } },
              ...rows.slice(first, last).map((row, index) =>
                h(Row, {
                  key: row.alert_id,
                  row,
                  nowS,
                  top: (first + index) * ROW_PX,
                  position: first + index + 1,
                  total: rows.length,
                  isSelected: row.alert_id === feed.selection.alertId,
                  isTabStop: row.alert_id === tabStop,
                  choose,
                }),
              ),
            ),
    ),
  );
}

interface RowProps {
  row: AlertRow;
  nowS: number;
  top: number;
  position: number;
  total: number;
  isSelected: boolean;
  isTabStop: boolean;
  choose(alertId: number): void;
}

function Row({ row, nowS, top, position, total, isSelected, isTabStop, choose }: RowProps) {
  const isCleared = row.cleared_at !== null;
  const classes = ["vigil-row"];
  if (row.state === "new" && !isCleared) classes.push(`is-new is-p${row.priority}`);
  if (isSelected) classes.push("is-selected");
  if (isCleared) classes.push("is-cleared");
  if (row.state === "closed") classes.push("is-closed");
  // What is cleared nears nobody any more. The most telling words first: a narrow list cuts the end.
  const second = (
    isCleared || row.state === "closed"
      ? [standingWords(row), confidenceWords(row)]
      : [victimWords(row), confidenceWords(row), row.channel ?? ""]
  ).filter(Boolean);
  return h(
    "div",
    {
      className: classes.join(" "),
      style: { top, height: ROW_PX },
      role: "option",
      tabIndex: isTabStop ? 0 : -1,
      "aria-selected": isSelected,
      "aria-posinset": position,
      "aria-setsize": total,
      "aria-label": `${sentence(row)} ${row.owner ? `Owner ${row.owner}.` : "Not taken."}`,
      "data-alert": row.alert_id,
      onClick: () => choose(row.alert_id),
    },
    h(Badge, { priority: row.priority, isHollow: isCleared }),
    h("span", { className: "vigil-row-age" }, ageWords(ageS(row, nowS))),
    h(
      "span",
      { className: "vigil-row-title" },
      h(
        "span",
        { className: "vigil-row-what" },
        row.case_code && h("span", { className: "case-code" }, row.case_code, " "),
        row.title,
      ),
      row.repeats > 1 && h("span", { className: "vigil-mark", title: "Times in this visit" }, `×${row.repeats}`),
      isFlapping(row) && h("span", { className: "vigil-mark", title: "At the edge: in and out" }, "~"),
      row.found_on_backfill &&
        h("span", { className: "vigil-mark", title: "Found in data that came late" }, "late data"),
    ),
    h("span", { className: "vigil-row-words" }, second.join(" · ")),
    h("span", { className: `vigil-row-owner ${row.owner ? "" : "is-nobody"}` }, row.owner ?? "–"),
  );
}

function standingWords(row: AlertRow): string {
  return row.state === "closed" ? "closed" : "cleared";
}

function Skeleton() {
  return h(
    "div",
    { role: "status", "aria-label": "Loading alerts" },
    ...Array.from({ length: 6 }, (_, index) => h("div", { key: index, className: "vigil-row-skeleton", style: { height: ROW_PX } })),
  );
}

function Empty(given: { feed: LiveFeed; props: AlertQueueProps; total: number; timeZone: string | undefined }) {
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
  const checked = feed.freshness().ageS;
  const parts = ["No open alerts."];
  if (closed && closedS !== null) {
    const code = closed.case_code ? ` (case ${closed.case_code})` : "";
    parts.push(`Last closed ${times.localMinute(closedS)}${code}.`);
  }
  if (checked !== null) parts.push(`Feed checked ${Math.floor(checked)} s ago.`);
  return h("p", { className: "vigil-empty", role: "status" }, parts.join(" "));
}

/** Says each new alert once: P1 at once, P2 when there is a pause, P3 not at all. */
function Announcer({ feed }: { feed: LiveFeed }) {
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

function act(
  action: KeyAction,
  event: KeyboardEvent,
  feed: LiveFeed,
  box: HTMLElement | null,
  rows: readonly AlertRow[],
  props: AlertQueueProps,
  choose: (alertId: number | null) => void,
): boolean {
  switch (action) {
    case "next-alert":
    case "previous-alert":
      return moveFocus(box, rows, feed.selection.alertId, action === "next-alert" ? 1 : -1);
    case "open-alert": {
      const row = (event.target as HTMLElement).closest<HTMLElement>("[data-alert]");
      if (!row) return false;
      choose(Number(row.dataset["alert"]));
      return true;
    }
    case "deselect":
      if (feed.selection.alertId === null && feed.selection.activationId === null) return false;
      feed.select({ alertId: null, activationId: null, zoneId: null });
      props.setProps({ selected: null });
      return true;
    case "filter-1":
    case "filter-2":
    case "filter-3":
      props.setProps({ filter: toggled(props.filter, Number(action.slice(-1))) });
      return true;
    default:
      return false;
  }
}

/** The filter with this priority switched; null once it lets all through. */
function toggled(filter: AlertFilter | null | undefined, priority: number): AlertFilter | null {
  const before = filter?.priorities ?? [];
  const priorities = before.includes(priority)
    ? before.filter((one) => one !== priority)
    : [...before, priority].sort();
  return priorities.length || filter?.mine ? { ...filter, priorities } : null;
}

function moveFocus(
  box: HTMLElement | null,
  rows: readonly AlertRow[],
  selected: number | null,
  step: number,
): boolean {
  if (!box || rows.length === 0) return false;
  const focused = document.activeElement?.closest<HTMLElement>("[data-alert]");
  const from = focused ? Number(focused.dataset["alert"]) : selected;
  const at = rows.findIndex((row) => row.alert_id === from);
  const next = at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + (focused ? step : 0)));
  // The row may not be drawn yet: scroll first, focus when it is there.
  box.scrollTop = Math.min(next * ROW_PX, Math.max(box.scrollTop, (next + 1) * ROW_PX - box.clientHeight));
  const focus = () => box.querySelector<HTMLElement>(`[data-alert="${rows[next]!.alert_id}"]`)?.focus();
  focus();
  requestAnimationFrame(() => requestAnimationFrame(focus));
  return true;
}
