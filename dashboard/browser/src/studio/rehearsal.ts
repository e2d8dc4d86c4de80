// What the draft would have meant: the bar while it is tried, and the figures that came out.

import { h, React } from "../react.ts";
import type { Draft, Job, Rehearsal, Result } from "./answers.ts";
import type { Studio } from "./controller.ts";
import type { RehearsalRun } from "./rehearsal_run.ts";
import { recentWords } from "./words.ts";

export function RehearsalPanel({ studio, run, timeZone }: { studio: Studio; run: RehearsalRun; timeZone: string }) {
  const { session } = studio;
  const result = run.result;
  const [isFolded, setFolded] = React.useState(false);
  React.useEffect(() => {
    if (session) void run.recall(session.draft).catch(() => null);
  }, [session?.draft.draft_id]);
  const isOld = result !== null && session !== null && session.draft.rehearsal?.is_current === false;
  return h(
    "section",
    { className: "studio-rehearsal", "aria-label": "Rehearsal" },
    h(
      "div",
      { className: "studio-rehearsal-head" },
      h("h2", null, "Rehearsal"),
      h(
        "label",
        null,
        "the last ",
        h(
          "select",
          { value: run.days, disabled: run.isRunning, onChange: (event: React.ChangeEvent<HTMLSelectElement>) => ((run.days = Number(event.target.value)), studio.say("")) },
          ...[30, 60, 90].map((days) => h("option", { key: days, value: days }, `${days} days`)),
        ),
      ),
      run.isRunning
        ? h(Progress, { job: run.job!, cancel: () => void run.cancel() })
        : h("button", { type: "button", className: "act", disabled: !session || session.parts.length === 0, title: "Try this draft on what he did (K)", onClick: () => void run.start() }, result ? "Rehearse again" : "Rehearse", h("kbd", null, "K")),
      result && !run.isRunning && h("span", { className: "hint" }, triedOn(result), " ", alsoAffects(session?.draft)),
      isOld && !run.isRunning && h("span", { className: "studio-old" }, "The draft has changed since: rehearse again."),
      result && h("button", { type: "button", className: "act act-quiet studio-fold", "aria-expanded": !isFolded, onClick: () => setFolded(!isFolded) }, isFolded ? "Show the result" : "Fold the result"),
      run.trouble && h("span", { className: "studio-fault", role: "alert" }, run.trouble),
      !result && !run.isRunning && !run.trouble && h("span", { className: "hint" }, "The same judge over what he really did: how many alerts, when, and how much warning. Needed before a signature."),
    ),
    result && !isFolded && h(Outcome, { run, result, studio, timeZone }),
  );
}

/** He is one man with one tag: what this zone raises is about him in his other cases too. */
function alsoAffects(draft: Draft | undefined): string {
  const { cases, hidden } = draft?.also_affects ?? { cases: [], hidden: 0 };
  if (cases.length + hidden === 0) return "It affects no other case.";
  const others = [...cases, ...(hidden ? [`${hidden} that you do not see`] : [])];
  return `It also affects ${cases.length + hidden === 1 ? "case" : "cases"} ${others.join(", ")}: the same man.`;
}

function triedOn({ fixes, days, days_seen = days }: Rehearsal): string {
  if (fixes === 0) return `No position of his is on record for these ${days} days: this says nothing of the zone.`;
  return `Tried on ${fixes.toLocaleString("en-GB")} positions${days_seen < days ? `, which lie on ${days_seen} of the last ${days} days` : ` of ${days} days`}.`;
}

function Progress({ job, cancel }: { job: Job; cancel: () => void }) {
  const percent = Math.round(job.done * 100);
  return h(
    "div",
    { className: "studio-progress" },
    h("progress", { max: 100, value: percent, "aria-label": "Rehearsal" }),
    h("span", { role: "status" }, `${job.words || "Rehearsing"} ${percent} %${job.left_s === null ? "" : ` · ${Math.ceil(job.left_s)} s left`}`),
    h("button", { type: "button", className: "act", onClick: cancel }, "Cancel"),
  );
}

function Outcome({ run, result, studio, timeZone }: { run: RehearsalRun; result: Rehearsal; studio: Studio; timeZone: string }) {
  const { draft, in_force: before } = result;
  return h(
    "div",
    { className: "studio-outcome" },
    h(
      "div",
      null,
      h(
        "table",
        { className: "studio-compare-table" },
        h("thead", null, h("tr", null, h("th", { scope: "col" }, h("span", { className: "studio-aside" }, "Measure")), before && h("th", { scope: "col" }, "in force"), h("th", { scope: "col" }, "draft"))),
        h("tbody", null, ...ROWS.map(([name, value]) => h("tr", { key: name }, h("th", { scope: "row" }, name), before && h("td", null, value(before)), h("td", null, value(draft))))),
      ),
    ),
    h("div", null, run.estimates.size > 0 && h(BufferSlider, { run, studio })),
    h(HourChart, { draft, before }),
    h(Causes, { draft, before }),
    h(
      "div",
      { className: "studio-hits" },
      h("h3", null, draft.hits.length === draft.alerts ? "Each alert" : `The first ${draft.hits.length} of ${draft.alerts} alerts`),
      draft.hits.length === 0 && h("p", { className: "hint" }, "No alert in that time."),
      h(
        "ol",
        null,
        ...draft.hits.map((hit) =>
          h(
            "li",
            { key: `${hit.at}${hit.cause}${hit.lon}` },
            h("button", { type: "button", "aria-pressed": run.hit === hit, onClick: () => run.show(run.hit === hit ? null : hit) }, h("time", { dateTime: hit.at }, recentWords(hit.at, timeZone)), h("span", null, hit.cause.replaceAll("_", " ")), h("span", { className: "hint" }, hit.minutes === null ? "" : `${Math.round(hit.minutes)} min`)),
          ),
        ),
      ),
    ),
  );
}

/** What is thought of only: dragged, it answers at once and changes nothing. */
function BufferSlider({ run, studio }: { run: RehearsalRun; studio: Studio }) {
  const bufferM = run.bufferM ?? 0;
  const estimate = run.estimates.get(bufferM);
  const set = () => studio.session!.setField("buffer_m", bufferM, "take the buffer that was tried");
  return h(
    "div",
    { className: "studio-buffer" },
    h("label", { htmlFor: "studio-buffer" }, "Try a buffer of ", h("strong", null, `${bufferM} m`)),
    h("input", { id: "studio-buffer", type: "range", min: 0, max: 1000, step: 25, value: bufferM, onChange: (event: React.ChangeEvent<HTMLInputElement>) => run.slide(Number(event.target.value)) }),
    h("p", { role: "status" }, estimate ? `about ${estimate.alerts} alerts, warning p50 ${minutes(estimate.warning_p50_min)}, p90 ${minutes(estimate.warning_p90_min)}` : "measuring"),
    !studio.isLocked && bufferM !== studio.session!.fields.buffer_m && h("button", { type: "button", className: "act act-quiet", onClick: set }, "Take it"),
  );
}

const share = (value: number | null) => (value === null ? "–" : `${Math.round(value * 100)} %`);
const minutes = (value: number | null) => (value === null ? "–" : `${value.toFixed(1)} min`);

const ROWS: readonly [string, (result: Result) => string][] = [
  ["Alerts", (each) => `${each.alerts}`],
  ["a day", (each) => each.alerts_a_day.toFixed(2)],
  ["one fix only", (each) => share(each.one_fix)],
  ["drift", (each) => share(each.drift)],
  ["Warning p50", (each) => minutes(each.warning_p50_min)],
  ["Warning p90", (each) => minutes(each.warning_p90_min)],
  ["Minutes inside", (each) => String(Math.round(each.minutes_inside))],
];

/** Bars by hour of the day: the draft full, what is in force as an outline behind it. */
function HourChart({ draft, before }: { draft: Result; before: Result | null }) {
  const most = Math.max(1, ...draft.by_hour, ...(before?.by_hour ?? []));
  const [width, height] = [12, 116]; // drawn larger than it is given here, so that its letters are no smaller
  const bar = (value: number) => (value / most) * (height - 16);
  return h(
    "figure",
    { className: "studio-chart" },
    h("figcaption", null, "Alerts by hour", before && h("span", { className: "hint" }, " outline: in force")),
    h(
      "svg",
      { viewBox: `0 0 ${24 * width} ${height + 20}`, role: "img", "aria-label": `Alerts by hour, draft: ${draft.by_hour.map((value, hour) => `${hour}: ${value}`).join(", ")}` },
      h("line", { x1: 0, x2: 24 * width, y1: height, y2: height, className: "studio-axis" }),
      ...draft.by_hour.flatMap((value, hour) => [
        h("rect", { key: `d${hour}`, x: hour * width + 2, y: height - bar(value), width: width - 4, height: bar(value), className: "studio-bar" }),
        ...(before ? [h("rect", { key: `b${hour}`, x: hour * width + 1, y: height - bar(before.by_hour[hour] ?? 0), width: width - 2, height: bar(before.by_hour[hour] ?? 0), className: "studio-bar-before" })] : []),
      ]),
      ...[0, 6, 12, 18].map((hour) => h("text", { key: hour, x: hour * width, y: height + 16 }, String(hour).padStart(2, "0"))),
      h("text", { x: 24 * width, y: 12, textAnchor: "end" }, `at most ${Math.max(...draft.by_hour, ...(before?.by_hour ?? []))} an hour`),
    ),
  );
}

function Causes({ draft, before }: { draft: Result; before: Result | null }) {
  const names = [...new Set([...Object.keys(draft.by_cause), ...Object.keys(before?.by_cause ?? {})])];
  const most = Math.max(1, ...names.map((name) => Math.max(draft.by_cause[name] ?? 0, before?.by_cause[name] ?? 0)));
  return h(
    "figure",
    { className: "studio-chart studio-causes" },
    h("figcaption", null, "By cause"),
    names.length === 0 && h("p", { className: "hint" }, "None."),
    h(
      "dl",
      null,
      ...names.flatMap((name) => [
        h("dt", { key: name }, name.replaceAll("_", " ")),
        h("dd", { key: `${name}-bar` }, h("span", { className: "studio-cause-bar", style: { width: `${((draft.by_cause[name] ?? 0) / most) * 70}%` } }), ` ${draft.by_cause[name] ?? 0}`, before && h("span", { className: "hint" }, ` (${before.by_cause[name] ?? 0})`)),
      ]),
    ),
  );
}
