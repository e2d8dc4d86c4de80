// The breaches in a table, the newest first: the same that the map shows, and the same selection.

import { shareWords } from "../live/alerts.ts";
import { timesIn } from "../live/times.ts";
import { h, React } from "../react.ts";
import type { List, ListLine } from "./answers.ts";
import type { Asked } from "./history.ts";
import { filterWords, type HistoryView, WORDS } from "./view.ts";

interface BreachListProps {
  answer: Asked<List>;
  view: HistoryView;
  timeZone: string | undefined;
  choose(breachId: number): void;
  turn(page: number): void;
  clear: (() => void) | null;
}

/** The server counts grades from the least sure. */
const GRADE_WORDS = ["outside", "cannot be told", "possible", "probable", "certain"];

export function BreachList({ answer, view, timeZone, choose, turn, clear }: BreachListProps) {
  const list = answer.answer?.found;
  if (answer.words) return h("p", { className: "vigil-history-words", role: "alert" }, answer.words);
  if (!list) return h("p", { className: "vigil-history-words", role: "status" }, "Loading the list");
  if (list.total === 0) {
    return h(
      "div",
      { className: "vigil-history-words", role: "status" },
      clear
        ? [
            h("p", { key: "w" }, `No breach matches: ${filterWords(view.filter)}.`),
            h("button", { key: "c", type: "button", className: "act", onClick: clear }, "Clear filter"),
          ]
        : h("p", null, "No breach on record. That is a good answer: nobody watched here has broken a rule."),
    );
  }
  const last = Math.ceil(list.total / list.page_of) - 1;
  const from = view.page * list.page_of;
  return h(
    React.Fragment,
    null,
    h(
      "div",
      { className: "vigil-history-head" },
      h("h2", { "aria-live": "polite" }, `${list.total.toLocaleString("en-GB")} ${list.total === 1 ? "breach" : "breaches"}`),
      last > 0 &&
        h(
          "div",
          { className: "vigil-history-pages" },
          h("span", { className: "hint" }, `${from + 1} to ${from + list.rows.length}`),
          h("button", { type: "button", className: "act", disabled: view.page === 0, onClick: () => turn(view.page - 1) }, "Newer"),
          h("button", { type: "button", className: "act", disabled: view.page >= Math.min(last, 49), onClick: () => turn(view.page + 1) }, "Older"),
        ),
    ),
    h(
      "div",
      { className: "vigil-history-scroll", tabIndex: 0, role: "region", "aria-label": "List of past breaches" },
      h(
        "table",
        { className: "sheet" },
        h("thead", null, h("tr", null, ["Entered", "Case", "What", "How sure", "Finding"].map((head) => h("th", { key: head, scope: "col" }, head)))),
        h("tbody", null, list.rows.map((row) => h(Line, { key: row.breach_id, row, isChosen: row.breach_id === view.breach, timeZone, choose }))),
      ),
    ),
  );
}

function Line({ row, isChosen, timeZone, choose }: { row: ListLine; isChosen: boolean; timeZone: string | undefined; choose(breachId: number): void }) {
  const times = timesIn(timeZone);
  const atS = Date.parse(row.entered_at) / 1000;
  return h(
    "tr",
    { className: isChosen ? "is-chosen" : "", "aria-current": isChosen ? "true" : undefined, onClick: () => choose(row.breach_id) },
    h(
      "td",
      { className: "is-time" },
      h("button", { type: "button", className: "vigil-history-open", title: `Open breach ${row.breach_id}` }, h("span", null, times.day(atS)), ` ${times.localMinute(atS)}`),
    ),
    h("td", null, h("span", { className: "case-code" }, row.case_code)),
    h("td", null, whatWords(row.kind, row.zone_name), !row.has_place && h("span", { className: "hint" }, " · no place on record")),
    h(
      "td",
      { className: "vigil-history-sure" },
      h("span", { title: row.is_confirmed ? "borne out by the track" : "possible only" }, row.is_confirmed ? "● " : "○ "),
      `${GRADE_WORDS[row.grade] ?? "?"} ${shareWords(row.p_inside)}`,
    ),
    h("td", null, row.finding ? WORDS[row.finding] : h("span", { className: "hint" }, "not decided")),
  );
}

export function whatWords(kind: string, zoneName: string | null): string {
  const zone = zoneName ?? "a zone";
  switch (kind) {
    case "exclusion":
      return `in ${zone}`;
    case "buffer":
      return `near ${zone}`;
    case "inclusion":
      return `outside ${zone}`;
    default:
      return WORDS[kind] ?? kind;
  }
}
