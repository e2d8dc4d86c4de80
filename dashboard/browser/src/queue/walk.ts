// The list by keyboard: next and previous, open, close, filter.

import type { AlertFilter } from "../live/alerts.ts";
import type { LiveFeed } from "../live/feed.ts";
import type { KeyAction } from "../keys/keymap.ts";
import type { AlertQueueProps } from "./alert_queue.ts";
import type { Item } from "./flood.ts";
import { ROW_PX } from "./rows.ts";

export function act(
  action: KeyAction,
  event: KeyboardEvent,
  feed: LiveFeed,
  box: HTMLElement | null,
  items: readonly Item[],
  props: AlertQueueProps,
  choose: (alertId: number | null) => void,
  fold: (key: string) => void,
): boolean {
  switch (action) {
    case "next-alert":
    case "previous-alert":
      return moveFocus(box, items, feed.selection.alertId, action === "next-alert" ? 1 : -1, choose);
    case "open-alert": {
      const group = (event.target as HTMLElement).closest<HTMLElement>("[data-group]")?.dataset["group"];
      if (group) {
        fold(group);
        return true;
      }
      const row = (event.target as HTMLElement).closest<HTMLElement>("[data-alert]");
      if (!row) return false;
      choose(Number(row.dataset["alert"]));
      document.getElementById("drawer-region")?.focus({ preventScroll: true });
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
  return priorities.length || filter?.mine || filter?.shelved ? { ...filter, priorities } : null;
}

function moveFocus(
  box: HTMLElement | null,
  items: readonly Item[],
  selected: number | null,
  step: number,
  choose: (alertId: number) => void,
): boolean {
  if (!box || items.length === 0) return false;
  const focused = document.activeElement?.closest<HTMLElement>("[data-item]");
  const from = focused ? focused.dataset["item"] : `a:${selected}`;
  const at = items.findIndex((item) => item.id === from);
  const next = at < 0 ? 0 : Math.max(0, Math.min(items.length - 1, at + (focused ? step : 0)));
  const item = items[next]!;
  // One selection: the row with the focus is the case in the drawer and the marker on the map.
  if (item.row) choose(item.row.alert_id);
  // The row may not be drawn yet: scroll first, focus when it is there.
  box.scrollTop = Math.min(next * ROW_PX, Math.max(box.scrollTop, (next + 1) * ROW_PX - box.clientHeight));
  const focus = () => box.querySelector<HTMLElement>(`[data-item="${item.id}"]`)?.focus();
  focus();
  requestAnimationFrame(() => requestAnimationFrame(focus));
  return true;
}
