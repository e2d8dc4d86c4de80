// When the zone holds: a week to paint, exceptions, grace, temporary permissions, and the two
// nights on which the clock changes as the server says they will be.

import { WhenField } from "../forms/when_field.ts";
import { Dialog } from "../keys/dialog.ts";
import { h, React } from "../react.ts";
import type { Night, Permission } from "./answers.ts";
import { api, wordsOf } from "./api.ts";
import type { Studio } from "./controller.ts";
import { Figure } from "./inspector.ts";
import {
  DAY_WORDS,
  DAYS,
  isPaintable,
  lengthMin,
  momentOf,
  painted,
  type Schedule,
  STEP_MIN,
  STEPS,
  type Week,
  wallAt,
  wallOf,
  weekOf,
  weeklyOf,
  type Window,
} from "./week.ts";

export function Hours({ studio, timeZone, close }: { studio: Studio; timeZone: string; close: () => void }) {
  const session = studio.session!;
  const schedule = session.fields.schedule;
  const isOff = studio.isLocked;
  const give = (next: Schedule | null, words: string) => session.setField("schedule", next, words);
  const always: Schedule = { time_zone: timeZone, weekly: [{ days: [...DAYS], from: "00:00", to: "24:00" }], exceptions: [], grace_s: 0 };
  return h(
    Dialog,
    { label: "Hours and permissions", className: "studio-dialog studio-hours-dialog", close },
    h("header", null, h("h2", null, "Hours and permissions"), h("button", { type: "button", className: "act", onClick: close }, "Done", h("kbd", null, "Esc"))),
    h(
      "fieldset",
      { className: "studio-choice", disabled: isOff },
      h("legend", { className: "studio-aside" }, "When it holds"),
      h("label", null, h("input", { type: "radio", name: "studio-hours", checked: schedule === null, onChange: () => give(null, "hold always") }), " Always"),
      h("label", null, h("input", { type: "radio", name: "studio-hours", checked: schedule !== null, onChange: () => give(always, "hold by hours") }), " By hours of the week"),
    ),
    schedule && h(WeekPainter, { schedule, isOff, give: (next: Schedule) => give(next, "paint the week") }),
    schedule && h("div", { className: "studio-hours-more" }, h(Exceptions, { schedule, isOff, give }), h(ClockChange, { schedule, kind: session.fields.kind })),
    h(Permissions, { studio, timeZone: schedule?.time_zone ?? timeZone, isOff }),
  );
}

type Cell = readonly [day: number, step: number];

/** One grid with one tab stop: arrows walk, Space paints, Shift with arrows paints as it goes. */
export function WeekPainter({ schedule, isOff, give }: { schedule: Schedule; isOff: boolean; give: (next: Schedule) => void }) {
  const week = weekOf(schedule);
  const [stroke, setStroke] = React.useState<{ from: Cell; to: Cell; isOn: boolean } | null>(null);
  const [focus, setFocus] = React.useState<Cell>([0, 32]);
  const shown = stroke ? painted(week, stroke.from, stroke.to, stroke.isOn) : week;
  const paint = (next: Week) => give({ ...schedule, weekly: weeklyOf(next) });
  const end = () => {
    if (stroke) paint(shown);
    setStroke(null);
  };
  const press = (event: React.KeyboardEvent) => {
    const [day, step] = focus;
    const way = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (way) {
      const next: Cell = [Math.min(6, Math.max(0, day + way[0]!)), Math.min(STEPS - 1, Math.max(0, step + way[1]!))];
      if (event.shiftKey && !isOff) paint(painted(week, focus, next, week[day]![step]!));
      setFocus(next);
    } else if (event.key === " " && !isOff) paint(painted(week, focus, focus, !week[day]![step]));
    else return;
    event.preventDefault();
  };
  const [day, step] = focus;
  const isOnThere = shown[day]![step]!;
  return h(
    "section",
    null,
    h(
      "div",
      { className: "studio-week-bar" },
      h("label", { className: "studio-field" }, "Time zone", h("input", { list: "studio-zones", defaultValue: schedule.time_zone, key: schedule.time_zone, disabled: isOff, onBlur: (event: React.FocusEvent<HTMLInputElement>) => isZone(event.target.value) && event.target.value !== schedule.time_zone && give({ ...schedule, time_zone: event.target.value }) })),
      h("datalist", { id: "studio-zones" }, ...Intl.supportedValuesOf("timeZone").map((name) => h("option", { key: name, value: name }))),
      h(Figure, { label: "Grace at opening and closing", unit: "min", value: schedule.grace_s / 60, least: 0, most: 1440, isOff, give: (value: number) => give({ ...schedule, grace_s: Math.round(value) * 60 }) }),
      h("span", { className: "studio-week-now", role: "status" }, `${DAY_WORDS[day]} ${wallOf(step * STEP_MIN)}: ${isOnThere ? "holds" : "does not hold"}`),
    ),
    !isPaintable(schedule) && h("p", { className: "studio-fault" }, "Some hours do not lie on a quarter: they are drawn rounded, and painting rounds them for good."),
    h(
      "div",
      {
        className: "studio-week",
        role: "grid",
        tabIndex: 0,
        "aria-label": "Hours of the week in which the zone holds. Arrow keys walk, Space paints, Shift with an arrow paints on.",
        "aria-disabled": isOff,
        onKeyDown: press,
        onPointerUp: end,
        onPointerLeave: end,
      },
      h("div", { className: "studio-week-scale", "aria-hidden": true }, ...Array.from({ length: 13 }, (_, at) => h("span", { key: at, style: { left: `${(at / 12) * 100}%` } }, String(at * 2).padStart(2, "0")))),
      ...shown.map((row, rowAt) =>
        h(
          "div",
          { key: rowAt, role: "row", className: "studio-week-row" },
          h("span", { role: "rowheader" }, DAY_WORDS[rowAt]),
          h(
            "div",
            {
              className: "studio-week-cells",
              role: "gridcell",
              "aria-label": wordsOfRow(row),
              onPointerDown: (event: React.PointerEvent<HTMLElement>) => {
                if (isOff) return;
                const at = stepAt(event);
                setFocus([rowAt, at]);
                setStroke({ from: [rowAt, at], to: [rowAt, at], isOn: !row[at] });
              },
              onPointerMove: (event: React.PointerEvent<HTMLElement>) => stroke && setStroke({ ...stroke, to: [rowAt, stepAt(event)] }),
            },
            ...row.map((isOn, at) => h("i", { key: at, "data-on": isOn || undefined, "data-focus": (day === rowAt && step === at) || undefined })),
          ),
        ),
      ),
    ),
  );
}

function stepAt(event: React.PointerEvent<HTMLElement>): number {
  const box = event.currentTarget.getBoundingClientRect();
  return Math.min(STEPS - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * STEPS)));
}

function wordsOfRow(row: readonly boolean[]): string {
  const on = row.filter(Boolean).length;
  return on === 0 ? "never" : on === STEPS ? "all day" : `${(on * STEP_MIN) / 60} hours`;
}

function isZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en-GB", { timeZone: name }));
  } catch {
    return false;
  }
}

function Exceptions({ schedule, isOff, give }: { schedule: Schedule; isOff: boolean; give: (next: Schedule, words: string) => void }) {
  // Null while what is typed is none.
  const [date, setDate] = React.useState<string | null>("");
  const [sort, setSort] = React.useState("closed");
  const [from, setFrom] = React.useState<string | null>("08:00");
  const [to, setTo] = React.useState<string | null>("18:00");
  const isWhole = Boolean(date && (sort !== "hours" || (from && to)));
  const add = () => {
    if (!date) return;
    const windows: Window[] = sort === "closed" ? [] : sort === "all" ? [{ from: "00:00", to: "24:00" }] : [{ from: from!, to: to! }];
    const others = schedule.exceptions.filter((each) => each.date !== date);
    give({ ...schedule, exceptions: [...others, { date, windows }].sort((here, there) => here.date.localeCompare(there.date)) }, "add an exception");
    setDate("");
  };
  return h(
    "section",
    null,
    h("h3", null, "Exceptions"),
    h(
      "ul",
      { className: "studio-lines" },
      ...schedule.exceptions.map((each) =>
        h(
          "li",
          { key: each.date },
          h("span", null, each.date),
          h("span", null, each.windows.length ? each.windows.map((window) => (lengthMin(window) === 1440 ? "all day" : `${window.from}-${window.to}`)).join(", ") : "does not hold"),
          h("button", { type: "button", className: "studio-small", disabled: isOff, "aria-label": `Remove the exception of ${each.date}`, onClick: () => give({ ...schedule, exceptions: schedule.exceptions.filter((one) => one !== each) }, "remove an exception") }, "×"),
        ),
      ),
    ),
    h(
      "div",
      { className: "studio-add" },
      h(WhenField, { sort: "day", label: "Date of the exception", value: date, isOff, give: setDate }),
      h(
        "select",
        { value: sort, disabled: isOff, "aria-label": "On that date", onChange: (event: React.ChangeEvent<HTMLSelectElement>) => setSort(event.target.value) },
        h("option", { value: "closed" }, "does not hold"),
        h("option", { value: "all" }, "holds all day"),
        h("option", { value: "hours" }, "holds from, to"),
      ),
      sort === "hours" && h(WhenField, { sort: "time", label: "From", value: from, give: setFrom }),
      sort === "hours" && h(WhenField, { sort: "time", label: "To", value: to, give: setTo }),
      h("button", { type: "button", className: "act", disabled: isOff || !isWhole, onClick: add }, "Add"),
    ),
  );
}

function ClockChange({ schedule, kind }: { schedule: Schedule; kind: "exclusion" | "inclusion" | "neutral" }) {
  const [nights, setNights] = React.useState<Night[] | null>(null);
  const [words, setWords] = React.useState("");
  const asked = JSON.stringify(schedule);
  React.useEffect(() => {
    let isOver = false;
    api.clockChange(schedule, kind).then(
      (found) => !isOver && (setNights(found.nights), setWords("")),
      (error) => !isOver && setWords(wordsOf(error)),
    );
    return () => void (isOver = true);
  }, [asked, kind]);
  return h(
    "section",
    null,
    h("h3", null, "The two nights on which the clock changes"),
    words && h("p", { className: "hint" }, words),
    nights?.length === 0 && h("p", { className: "hint" }, `The clock does not change in ${schedule.time_zone}.`),
    ...(nights ?? []).map((night) =>
      h(
        "div",
        { key: night.date, className: "studio-night" },
        h("p", null, h("strong", null, night.date), ` ${night.words}`),
        night.windows.length === 0 && h("p", { className: "hint" }, "Does not hold in that night."),
        h(
          "ul",
          { className: "studio-lines" },
          ...night.windows.map((window) =>
            h("li", { key: window.from_utc }, h("span", null, `${clock(window.from_local)} to ${clock(window.to_local)}`), h("span", { className: "hint" }, `${clock(window.from_utc)} to ${clock(window.to_utc)} UTC`), h("span", null, `${Math.floor(window.minutes / 60)} h ${window.minutes % 60} min`)),
          ),
        ),
      ),
    ),
  );
}

/** "Sun 07:15" of a wall time or a moment as it is written, whatever zone the browser is in. */
function clock(written: string): string {
  const day = DAY_WORDS[(new Date(`${written.slice(0, 10)}T00:00Z`).getUTCDay() + 6) % 7];
  return `${day} ${written.slice(11, 16)}`;
}

function Permissions({ studio, timeZone, isOff }: { studio: Studio; timeZone: string; isOff: boolean }) {
  const session = studio.session!;
  const [from, setFrom] = React.useState<string | null>("");
  const [to, setTo] = React.useState<string | null>("");
  const [reason, setReason] = React.useState("");
  const permissions = session.fields.permissions;
  const isWhole = Boolean(from && to && to > from && reason.trim());
  const add = () => {
    if (!from || !to) return;
    const made: Permission = { from: momentOf(from, timeZone), to: momentOf(to, timeZone), reason: reason.trim() };
    session.setField("permissions", [...permissions, made], "add a permission");
    setFrom("");
    setTo("");
    setReason("");
  };
  return h(
    "section",
    null,
    h("h3", null, "Temporary permission"),
    h("p", { className: "hint" }, `From and to in ${timeZone}. In that time the zone raises no alert; its end is exact.`),
    h(
      "ul",
      { className: "studio-lines" },
      ...permissions.map((each) =>
        h(
          "li",
          { key: each.from + each.to },
          h("span", null, `${spaced(wallAt(each.from, timeZone))} to ${spaced(wallAt(each.to, timeZone))}`),
          h("span", null, each.reason),
          h("button", { type: "button", className: "studio-small", disabled: isOff, "aria-label": "Remove this permission", onClick: () => session.setField("permissions", permissions.filter((one) => one !== each), "remove a permission") }, "×"),
        ),
      ),
    ),
    h(
      "div",
      { className: "studio-add" },
      h(WhenField, { sort: "moment", label: "Permission from", value: from, isOff, give: setFrom }),
      h(WhenField, { sort: "moment", label: "Permission to", value: to, isOff, give: setTo }),
      h("input", { value: reason, maxLength: 200, disabled: isOff, placeholder: "why, such as: hearing in court", "aria-label": "Reason of the permission", onChange: (event: React.ChangeEvent<HTMLInputElement>) => setReason(event.target.value) }),
      h("button", { type: "button", className: "act", disabled: isOff || !isWhole, onClick: add }, "Add"),
    ),
  );
}

function spaced(wall: string): string {
  return wall.replace("T", " ");
}
