// One past breach in full: what is known, how sure, by which zone, and the life of its alerts.

import { shareWords } from "../live/alerts.ts";
import { timesIn } from "../live/times.ts";
import { h, React } from "../react.ts";
import type { PastBreach } from "./answers.ts";
import type { Asked } from "./history.ts";
import { whatWords } from "./list.ts";
import { deepestWords, WORDS } from "./view.ts";

interface FactsProps {
  answer: Asked<PastBreach>;
  timeZone: string | undefined;
  close(): void;
}

export function Facts({ answer, timeZone, close }: FactsProps) {
  const breach = answer.answer?.found;
  const heading = React.useRef<HTMLHeadingElement>(null);
  return h(
    "article",
    { className: "vigil-breach", "aria-label": "The selected breach" },
    h(
      "div",
      { className: "vigil-history-head" },
      h("h2", { ref: heading }, breach ? [h("span", { key: "c", className: "case-code" }, breach.case_code), ` ${whatWords(breach.kind, breach.zone_name)}`] : "Breach"),
      h("button", { type: "button", className: "act", onClick: close }, "Close"),
    ),
    answer.words && h("p", { role: "alert" }, answer.words),
    !answer.words && !breach && h("p", { role: "status" }, "Loading"),
    breach && h(Known, { breach, timeZone }),
    breach && h(Life, { breach, timeZone }),
  );
}

function Known({ breach, timeZone }: { breach: PastBreach; timeZone: string | undefined }) {
  const gaps = countGaps(breach);
  const rows: [string, React.ReactNode][] = [
    ["entered", both(breach.entered_at, timeZone)],
    ["borne out", breach.confirmed_at ? both(breach.confirmed_at, timeZone) : "never: possible only"],
    ["left", breach.left_at ? both(breach.left_at, timeZone) : "still there when last seen"],
    ["P(inside)", `${shareWords(breach.p_inside)}, at most${breach.radius_95_m === null ? "" : `, by a fix of ±${breach.radius_95_m} m`}`],
    ["grade", `${WORDS[breach.grade] ?? breach.grade}; ${WORDS[breach.cause] ?? breach.cause}`],
    ...(breach.edge_m === null ? [] : [["deepest", deepestWords(breach.edge_m)] as [string, string]]),
    ["fixes", `${breach.fixes}, in ${breach.crossings} ${breach.crossings === 1 ? "crossing" : "crossings"}${gaps ? `; ${gaps} ${gaps === 1 ? "gap" : "gaps"} in the track` : ""}`],
    ...(breach.zone_version === null ? [] : [["zone", `version ${breach.zone_version}, in force since ${breach.zone_since ? dayOf(breach.zone_since, timeZone) : "?"}`] as [string, string]]),
    ["finding", breach.finding ? WORDS[breach.finding] : "not decided"],
    ...(breach.found_on_backfill ? [["found", "on back-fill: by fixes that came late"] as [string, string]] : []),
    ...(breach.track.is_cut ? [["track", "only its first 12 hours are drawn"] as [string, string]] : []),
    ...(breach.is_withdrawn ? [["taken back", "later fixes say it never was"] as [string, string]] : []),
  ];
  return h("dl", { className: "facts" }, rows.map(([name, words]) => h(React.Fragment, { key: name }, h("dt", null, name), h("dd", null, words))));
}

function Life({ breach, timeZone }: { breach: PastBreach; timeZone: string | undefined }) {
  const times = timesIn(timeZone);
  return h(
    React.Fragment,
    null,
    breach.alerts.map((alert) =>
      h(
        "section",
        { key: alert.alert_id },
        h("h3", null, `Alert ${alert.alert_id}, P${alert.priority}, ${alert.state}`),
        h(
          "ol",
          { className: "vigil-breach-life" },
          alert.history.map((line, index) => {
            const atS = Date.parse(line.at) / 1000;
            return h(
              "li",
              { key: index },
              h("time", { dateTime: line.at }, times.local(atS)),
              ` ${line.action.replaceAll("_", " ")}`,
              line.by && ` by ${line.by}`,
              line.note && h("span", { className: "hint" }, ` · ${line.note}`),
            );
          }),
        ),
      ),
    ),
    breach.alerts.length === 0 && h("p", { className: "hint" }, "No alert was raised about it."),
  );
}

/** Wall time of the room with its zone, and UTC: always both. */
function both(at: string, timeZone: string | undefined) {
  const times = timesIn(timeZone);
  const atS = Date.parse(at) / 1000;
  return h("time", { dateTime: at }, `${times.day(atS)} ${times.local(atS)} ${times.zone(atS)} · ${times.utc(atS)} UTC`);
}

function dayOf(at: string, timeZone: string | undefined): string {
  return timesIn(timeZone).day(Date.parse(at) / 1000);
}

function countGaps(breach: PastBreach): number {
  const { fixes, gap_s } = breach.track;
  return fixes.filter((fix, index) => index > 0 && fix[2] - fixes[index - 1]![2] > gap_s).length;
}
