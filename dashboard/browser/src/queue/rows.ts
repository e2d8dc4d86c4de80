// The lines of the queue: one alert, or in a flood one cause with how many it stands for.

import { ageS, ageWords, type AlertRow, confidenceWords, isFlapping, sentence, victimWords, whoseWords } from "../live/alerts.ts";
import { h, React } from "../react.ts";
import { Badge } from "./badge.ts";
import type { Group } from "./flood.ts";

export const ROW_PX = 60;

interface GroupRowProps {
  group: Group;
  top: number;
  position: number;
  total: number;
  isTabStop: boolean;
  fold(key: string): void;
}

/** A row in one sentence, for who does not see it: what is printed counts seconds and is cut off. */
function said(words: string) {
  return h("span", { className: "visually-hidden" }, words);
}

/** One line for many alerts of one cause; Enter or a click shows them. */
export function GroupRow({ group, top, position, total, isTabStop, fold }: GroupRowProps) {
  return h(
    "div",
    {
      className: `vigil-row is-group is-new is-p${group.priority}`,
      style: { top, height: ROW_PX },
      role: "option",
      tabIndex: isTabStop ? 0 : -1,
      "aria-selected": false,
      "aria-posinset": position,
      "aria-setsize": total,
      "data-item": `g:${group.key}`,
      "data-group": group.key,
      onClick: () => fold(group.key),
    },
    said(`${group.words}. ${group.isOpen ? "Shown" : "Folded"}, Enter changes that.`),
    h(Badge, { priority: group.priority as 1 | 2 | 3, isSaid: true }),
    h("span", { className: "vigil-row-age", "aria-hidden": true }, `×${group.rows.length}`),
    h("span", { className: "vigil-row-title", "aria-hidden": true }, h("span", { className: "vigil-row-what" }, group.words)),
    h("span", { className: "vigil-row-words", "aria-hidden": true }, group.isOpen ? "shown below, Enter folds them" : "Enter shows them"),
    h("span", { className: "vigil-row-owner is-nobody", "aria-hidden": true }, group.isOpen ? "▾" : "▸"),
  );
}

interface RowProps {
  row: AlertRow;
  ageText: string;
  shelfText: string;
  top: number;
  position: number;
  total: number;
  isSelected: boolean;
  isTabStop: boolean;
  choose(alertId: number): void;
}

/** One alert. Drawn again only when something on it changes: most of five thousand do not, each tick. */
export const Row = React.memo(drawRow);

function drawRow({ row, ageText, shelfText, top, position, total, isSelected, isTabStop, choose }: RowProps) {
  const isCleared = row.cleared_at !== null;
  const classes = ["vigil-row"];
  if (row.state === "new" && !isCleared) classes.push(`is-new is-p${row.priority}`);
  if (isSelected) classes.push("is-selected");
  if (isCleared) classes.push("is-cleared");
  if (row.rung > 0 && row.state === "new" && !isCleared) classes.push("is-escalated");
  if (row.state === "closed") classes.push("is-closed");
  // What is cleared nears nobody any more. The most telling words first: a narrow list cuts the end.
  const second = (
    isCleared || row.state === "closed"
      ? [standingWords(row), confidenceWords(row)]
      : [row.rung > 0 ? "escalated" : "", shelfText, victimWords(row), confidenceWords(row), row.channel ?? ""]
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
      "data-alert": row.alert_id,
      "data-item": `a:${row.alert_id}`,
      onClick: () => choose(row.alert_id),
    },
    said(`${sentence(row)}${isCleared ? " Cleared." : ""} ${row.owner ? `Owner ${row.owner}.` : "Not taken."}`),
    h(Badge, { priority: row.priority, isHollow: isCleared, isSaid: true }),
    h("span", { className: "vigil-row-age", "aria-hidden": true }, ageText),
    h(
      "span",
      { className: "vigil-row-title", "aria-hidden": true },
      h(
        "span",
        { className: "vigil-row-what" },
        whoseWords(row) && h("span", { className: "case-code" }, whoseWords(row), " "),
        row.title,
      ),
      row.repeats > 1 && h("span", { className: "vigil-mark", title: "Times in this visit" }, `×${row.repeats}`),
      isFlapping(row) && h("span", { className: "vigil-mark", title: "At the edge: in and out" }, "~"),
      row.shelves > 1 && h("span", { className: "vigil-mark", title: "Times it was shelved" }, `shelved ${row.shelves}×`),
      row.found_on_backfill &&
        h("span", { className: "vigil-mark", title: "Found in data that came late" }, "late data"),
    ),
    h("span", { className: "vigil-row-words", "aria-hidden": true }, second.join(" · ")),
    h(
      "span",
      { className: `vigil-row-owner ${row.owner ? "" : "is-nobody"}`, "aria-hidden": true },
      row.owner ? `${row.owner}${row.state === "acting" ? " ✓" : ""}` : "–",
    ),
  );
}

function standingWords(row: AlertRow): string {
  if (row.state === "closed") return "closed";
  return row.state === "new" ? "cleared, not acknowledged" : "cleared";
}

/** How old it is, as the row says it. */
export function rowAge(row: AlertRow, nowS: number): string {
  return ageWords(ageS(row, nowS));
}

/** When it comes back from the shelf; empty for what is on none. */
export function shelfWords(row: AlertRow, nowS: number): string {
  if (row.state !== "shelved") return "";
  return `back in ${ageWords(Date.parse(row.shelved_until ?? "") / 1000 - nowS)}`;
}
