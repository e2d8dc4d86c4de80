// The filter of past breaches: plain controls, each with its words, nothing that needs a mouse.

import { WhenField } from "../forms/when_field.ts";
import { h, React } from "../react.ts";
import { ask } from "./answers.ts";
import { DAYS, type Filter, FINDINGS, GRADES, KINDS, WORDS } from "./view.ts";

interface FilterFormProps {
  filter: Filter;
  change(filter: Filter): void;
  clear: (() => void) | null;
}

interface ZoneChoice {
  zone_id: number;
  name: string;
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const AFTER_MS = 400;

export function FilterForm({ filter, change, clear }: FilterFormProps) {
  const [code, setCode] = React.useState(filter.case);
  const [zones, setZones] = React.useState<ZoneChoice[]>([]);
  const set = (changed: Partial<Filter>) => change({ ...filter, ...changed });
  // A code is asked for once it is written, not at each letter of it.
  React.useEffect(() => setCode(filter.case), [filter.case]);
  React.useEffect(() => {
    if (code === filter.case) return undefined;
    const later = setTimeout(() => set({ case: code, zone: "" }), AFTER_MS);
    return () => clearTimeout(later);
  }, [code]);
  React.useEffect(() => {
    const written = filter.case.trim();
    if (!written) {
      setZones([]);
      return undefined;
    }
    const stop = new AbortController();
    ask<ZoneChoice[]>(`/history/zones.json?case=${encodeURIComponent(written)}`, stop.signal).then(
      (answer) => setZones(answer.found),
      () => setZones([]),
    );
    return () => stop.abort();
  }, [filter.case]);

  const [first = "", last = ""] = filter.hours.split("-");
  const hours = (from: string, to: string) =>
    set({ hours: from === "" && to === "" ? "" : `${from || 0}-${to || 24}` });
  return h(
    "form",
    { onSubmit: (event: React.FormEvent) => event.preventDefault(), autoComplete: "off" },
    h(
      "div",
      { className: "vigil-history-head" },
      h("h1", null, "Past breaches"),
      clear && h("button", { type: "button", className: "act", onClick: clear }, "Clear filter"),
    ),
    field("Offender", h("input", {
      type: "text",
      id: "history-case",
      value: code,
      maxLength: 40,
      placeholder: "case code",
      onChange: (event: React.ChangeEvent<HTMLInputElement>) => setCode(event.target.value),
    })),
    field(
      "Zone",
      h(
        "select",
        {
          value: filter.zone,
          disabled: zones.length === 0,
          onChange: (event: React.ChangeEvent<HTMLSelectElement>) => set({ zone: event.target.value }),
        },
        h("option", { value: "" }, zones.length ? "every zone of the case" : "name a case first"),
        zones.map((zone) => h("option", { key: zone.zone_id, value: String(zone.zone_id) }, zone.name)),
      ),
    ),
    chips("What", KINDS, filter.kind, (kind) => set({ kind })),
    chips("How sure", GRADES, filter.grade, (grade) => set({ grade })),
    chips("Finding", FINDINGS, filter.finding, (finding) => set({ finding })),
    h(
      "div",
      { className: "vigil-history-two" },
      field("From", day("From", filter.from, (from) => set({ from }))),
      field("To", day("To", filter.to, (to) => set({ to }))),
      field("Hours from", hour(first, "any", (chosen) => hours(chosen, last), 0)),
      field("until", hour(last, "any", (chosen) => hours(first, chosen), 1)),
    ),
    chips("Days", ["1", "2", "3", "4", "5", "6", "7"], filter.days, (days) => set({ days }), (day) => DAYS[Number(day) - 1]!),
  );
}

function field(words: string, control: React.ReactElement) {
  return h("label", { className: "vigil-history-field" }, h("span", null, words), control);
}

function day(label: string, value: string, changed: (value: string) => void) {
  return h(WhenField, {
    sort: "day",
    label,
    // An address may also name an hour of the day; the control shows the day.
    value: value.slice(0, 10),
    give: (day) => day !== null && changed(day),
  });
}

function hour(value: string, none: string, changed: (value: string) => void, first: number) {
  return h(
    "select",
    { value, onChange: (event: React.ChangeEvent<HTMLSelectElement>) => changed(event.target.value) },
    h("option", { value: "" }, none),
    HOURS.map((each) => {
      const written = String(each + first);
      return h("option", { key: written, value: written }, `${written.padStart(2, "0")}:00`);
    }),
  );
}

function chips(
  words: string,
  all: readonly string[],
  chosen: readonly string[],
  changed: (chosen: string[]) => void,
  wordOf: (each: string) => string = (each) => WORDS[each] ?? each,
) {
  return h(
    "fieldset",
    { className: "vigil-history-chips" },
    h("legend", null, words),
    all.map((each) => {
      const isOn = chosen.includes(each);
      const turn = () => changed(all.filter((one) => (one === each ? !isOn : chosen.includes(one))));
      return h(
        "label",
        { key: each, className: isOn ? "is-on" : "" },
        h("input", { type: "checkbox", checked: isOn, onChange: turn }),
        wordOf(each),
      );
    }),
  );
}
