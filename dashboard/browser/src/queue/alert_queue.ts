// The alert queue of a desk: who needs a person, in which order, since when.

import { type AlertFilter, type AlertRow, filterWords } from "../live/alerts.ts";
import { useFeed } from "../live/hooks.ts";
import { onKey } from "../keys/bind.ts";
import { type DashProps, h, React } from "../react.ts";
import { Announcer } from "./announcer.ts";
import { Empty, Skeleton } from "./empty.ts";
import { floodWords, itemsOf, newLately } from "./flood.ts";
import { shownRows, waitingWords, windowOf } from "./order.ts";
import { GroupRow, Row, ROW_PX, rowAge, shelfWords } from "./rows.ts";
import { useSelection } from "./selection.ts";
import { act } from "./walk.ts";

export interface AlertQueueProps extends DashProps<AlertQueueProps> {
  time_zone?: string;
  selected?: number | null;
  filter?: AlertFilter | null;
  me?: string | null;
  touched?: string | null;
}

export function AlertQueue(props: AlertQueueProps) {
  const feed = useFeed("alerts", "selection", "tick", "room");
  const box = React.useRef<HTMLDivElement>(null);
  const [top, setTop] = React.useState(0);
  const [held, setHeld] = React.useState<AlertRow[] | null>(null);
  const newest = React.useRef(props);
  newest.current = props;

  // A new filter is asked for: what it shows need not wait for the focus to leave.
  const asked = filterWords(props.filter);
  React.useEffect(() => setHeld(null), [asked]);

  const me = props.me ?? null;
  const open = props.filter?.shelved ? feed.alerts.shelved() : feed.alerts.open();
  // Five thousand rows are not gone through again for each tick of the clock or step of the wheel.
  const { rows, waiting } = React.useMemo(() => shownRows(open, props.filter, me, held), [open, asked, me, held]);
  const [opened, setOpened] = React.useState<ReadonlySet<string>>(new Set());
  const isShelf = props.filter?.shelved === true;
  const { flood } = feed.room;
  const lately = newLately(feed.alerts.open(), feed.nowS() ?? 0, flood.within_s);
  const isFlood = !isShelf && feed.nowS() !== null && lately >= flood.alerts;
  const items = React.useMemo(() => itemsOf(rows, isFlood, opened), [rows, isFlood, opened]);
  const rowsNow = React.useRef(rows);
  rowsNow.current = rows;
  const itemsNow = React.useRef(items);
  itemsNow.current = items;
  const fold = (key: string) =>
    setOpened((before) => new Set(before.has(key) ? [...before].filter((one) => one !== key) : [...before, key]));

  // The same function for ever, so that a row that has not changed is not drawn again.
  const choose = React.useCallback((alertId: number | null) => {
    feed.selectAlert(alertId);
    newest.current.setProps({ selected: alertId });
  }, []);

  useSelection(feed, props);
  React.useEffect(
    () => onKey((action, event) => act(action, event, feed, box.current, itemsNow.current, newest.current, choose, fold)),
    [],
  );

  const showNew = () => {
    setHeld(null);
    if (box.current) box.current.scrollTop = 0;
    setTop(0);
    (document.activeElement as HTMLElement | null)?.blur();
  };
  const height = box.current?.clientHeight || 800;
  const { first, last } = windowOf(items.length, top, height, ROW_PX);
  const nowS = feed.nowS() ?? 0;
  const narrowed = filterWords(props.filter);
  const selected = `a:${feed.selection.alertId}`;
  const tabStop = items.some((item) => item.id === selected) ? selected : (items[0]?.id ?? null);

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
    isFlood && h("p", { className: "vigil-queue-flood", role: "status" }, floodWords(lately, flood.within_s / Math.max(1, feed.clock.speed) / 60, items)),
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
              { style: { height: items.length * ROW_PX, position: "relative" } },
              ...items.slice(first, last).map((item, index) => {
                const place = {
                  top: (first + index) * ROW_PX,
                  position: first + index + 1,
                  total: items.length,
                  isTabStop: item.id === tabStop,
                };
                if (item.group) return h(GroupRow, { key: item.id, group: item.group, ...place, fold });
                const isSelected = item.row.alert_id === feed.selection.alertId;
                const ageText = rowAge(item.row, nowS);
                const shelfText = shelfWords(item.row, nowS);
                return h(Row, { key: item.id, row: item.row, ageText, shelfText, ...place, isSelected, choose });
              }),
            ),
    ),
  );
}
