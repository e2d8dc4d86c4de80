// A table of moments in time order, the newest one before the instant marked; a click seeks. Rows
// are made once for their data: while the clock runs only the mark moves, however many there are.

import { h, React } from "../react.ts";
import type { ReplayModel } from "./model.ts";
import { fullIn, lastingWords, stampIn } from "./times.ts";

export interface MomentRow {
  atS: number;
  /** Until when it holds; null: until the next. */
  toS: number | null;
  /** Of the sign before the words, if there is one. */
  kind?: string;
  words: string;
  lastsS: number | null;
}

interface Props {
  model: ReplayModel;
  caption: string;
  /** In time order; another array is another table. */
  rows: readonly MomentRow[];
}

export function MomentTable({ model, caption, rows }: Props) {
  const body = React.useRef<HTMLTableSectionElement>(null);
  React.useEffect(() => {
    let marked: Element | null = null;
    const unmark = () => {
      marked?.classList.remove("is-here");
      marked?.removeAttribute("aria-current");
    };
    const mark = () => {
      const here = body.current?.children[rowAt(rows, model.nowS())] ?? null;
      if (here === marked) return;
      unmark();
      here?.classList.add("is-here");
      here?.setAttribute("aria-current", "time");
      here?.scrollIntoView({ block: "nearest" });
      marked = here;
    };
    mark();
    const stop = model.on("time", mark);
    return () => {
      stop();
      // A row of other data may stand in the same place.
      unmark();
    };
  }, [model, rows]);
  const made = React.useMemo(
    () => rows.map((row, index) => h("tr", { key: index, onClick: () => model.seek(row.atS) }, ...cellsOf(row, model.timeZone))),
    [model, rows],
  );
  return h("table", { className: "replay-table" }, h("caption", { className: "visually-hidden" }, caption), h("tbody", { ref: body }, made));
}

function cellsOf(row: MomentRow, timeZone: string) {
  const at = stampIn(timeZone, row.atS);
  return [
    h("td", { key: "at", title: fullIn(timeZone, row.atS) }, h("button", { type: "button" }, `${at.weekday} ${at.time}`)),
    h("td", { key: "words" }, row.kind && h("span", { className: `replay-sign is-${row.kind}`, "aria-hidden": true }), row.words),
    h("td", { key: "lasts", className: "is-number" }, row.lastsS === null ? "" : lastingWords(row.lastsS)),
  ];
}

/** The last row that began at or before an instant and still holds; -1 where there is none. */
export function rowAt(rows: readonly MomentRow[], atS: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]!.atS <= atS) low = middle + 1;
    else high = middle;
  }
  const toS = rows[low - 1]?.toS ?? null;
  return toS !== null && atS >= toS ? -1 : low - 1;
}
