// All zones of the cases one keeps: their state, versions and drafts, and where a new one begins.

import { liveFeed } from "../live/feed.ts";
import { type DashProps, h, React } from "../react.ts";
import type { Kind, ZoneLine, ZoneList as Lines } from "./answers.ts";
import { api, wordsOf } from "./api.ts";
import { KIND_WORDS } from "./inspector.ts";
import { ManyZones } from "./many_zones.ts";
import { Orders } from "./orders.ts";
import { momentWords } from "./words.ts";

export interface ZoneListProps extends DashProps<ZoneListProps> {
  time_zone?: string;
}

export function ZoneList(props: ZoneListProps) {
  const [found, setFound] = React.useState<Lines | null>(null);
  const [words, setWords] = React.useState("Loading the zones");
  const [filter, setFilter] = React.useState("");
  const [isMany, setMany] = React.useState(false);
  const ask = () =>
    void api.zones().then(
      (lines) => (setFound(lines), setWords("")),
      (error) => setWords(wordsOf(error)),
    );
  React.useEffect(() => {
    ask();
    // Of a hand that draws many saves come at once: the list is asked for after them.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => (clearTimeout(timer), (timer = setTimeout(ask, 1_000)));
    const feed = liveFeed();
    const stops = [feed.on("drafts", soon), feed.on("changed", () => feed.lastChanged.includes("zones") && soon())];
    return () => (clearTimeout(timer), stops.forEach((stop) => stop()));
  }, []);
  const when = (moment: string | null) => (moment ? momentWords(moment, props.time_zone) : "–");
  const isWanted = (line: { case_code: string; label: string }) => `${line.case_code} ${line.label}`.toLowerCase().includes(filter.trim().toLowerCase());
  const zones = (found?.zones ?? []).filter(isWanted);
  const drafts = (found?.drafts ?? []).filter(isWanted);
  return h(
    "div",
    { id: props.id, className: "zone-list" },
    words && h("p", { role: "status" }, words),
    found?.may.draw && h(NewZone, { lines: found, many: () => setMany(true) }),
    found && isMany && h(ManyZones, { lines: found, close: () => (setMany(false), ask()) }),
    found && h(Orders, { lines: found, again: ask }),
    found && h("label", { className: "studio-field zone-list-filter" }, "Filter by case or label", h("input", { type: "search", value: filter, onChange: (event: React.ChangeEvent<HTMLInputElement>) => setFilter(event.target.value) })),
    drafts.length > 0 && h(DraftTable, { drafts, when }),
    found && h(ZoneTable, { zones, when, isFiltered: filter.trim() !== "", clear: () => setFilter("") }),
  );
}

function ZoneTable({ zones, when, isFiltered, clear }: { zones: readonly ZoneLine[]; when: (moment: string | null) => string; isFiltered: boolean; clear: () => void }) {
  if (zones.length === 0) {
    return h("p", { className: "empty" }, isFiltered ? "No zone matches. " : "There is no zone yet in the cases you see.", isFiltered && h("button", { type: "button", className: "act", onClick: clear }, "Clear filter"));
  }
  return h(
    "div",
    { className: "sheet-scroll" },
    h(
      "table",
      { className: "sheet" },
      h("caption", { className: "studio-aside" }, `${zones.length} zones`),
      h("thead", null, h("tr", null, ...["Case", "Zone", "Kind", "State", "Version", "Since", "Draft"].map((name) => h("th", { key: name, scope: "col" }, name)))),
      h(
        "tbody",
        null,
        ...zones.map((zone) =>
          h(
            "tr",
            { key: zone.zone_id },
            h("td", null, h("span", { className: "case-code" }, zone.case_code)),
            h("td", null, h("a", { href: `/zones/${zone.zone_id}` }, zone.label)),
            h("td", null, zone.kind),
            h("td", null, zone.state),
            h("td", null, zone.version ? `v${zone.version} of ${zone.versions}` : "–"),
            h("td", null, when(zone.since)),
            h("td", null, zone.draft ? h("a", { href: `/zones/d${zone.draft.draft_id}` }, `${zone.draft.state}, ${zone.draft.author}, ${when(zone.draft.saved_at)}`) : "–"),
          ),
        ),
      ),
    ),
  );
}

function DraftTable({ drafts, when }: { drafts: Lines["drafts"]; when: (moment: string | null) => string }) {
  return h(
    "section",
    null,
    h("h2", null, "Drafts of new zones"),
    h(
      "div",
      { className: "sheet-scroll" },
      h(
        "table",
        { className: "sheet" },
        h("thead", null, h("tr", null, ...["Case", "Draft", "Kind", "Order", "State", "By", "Saved"].map((name) => h("th", { key: name, scope: "col" }, name)))),
        h(
          "tbody",
          null,
          ...drafts.map((draft) =>
            h(
              "tr",
              { key: draft.draft_id },
              h("td", null, h("span", { className: "case-code" }, draft.case_code)),
              h("td", null, h("a", { href: `/zones/d${draft.draft_id}` }, draft.label)),
              h("td", null, draft.kind),
              h("td", null, draft.order_ref || "–"),
              h("td", null, draft.is_tried && draft.state === "editing" ? "editing, rehearsed" : draft.state),
              h("td", null, draft.author),
              h("td", null, when(draft.saved_at)),
            ),
          ),
        ),
      ),
    ),
  );
}

function NewZone({ lines, many }: { lines: Lines; many: () => void }) {
  const [code, setCode] = React.useState("");
  const [template, setTemplate] = React.useState("");
  const [kind, setKind] = React.useState<Kind>("exclusion");
  const [words, setWords] = React.useState("");
  const begin = async () => {
    try {
      const draft = await api.newDraft({ case_code: code, kind, ...(template ? { template } : {}) });
      location.assign(`/zones/d${draft.draft_id}`);
    } catch (error) {
      setWords(wordsOf(error));
    }
  };
  return h(
    "form",
    { className: "zone-new bar", onSubmit: (event: React.FormEvent) => (event.preventDefault(), void begin()) },
    h(
      "label",
      { className: "studio-field" },
      "Case",
      h("input", { list: "zone-cases", value: code, required: true, autoComplete: "off", onChange: (event: React.ChangeEvent<HTMLInputElement>) => setCode(event.target.value.trim()) }),
    ),
    h("datalist", { id: "zone-cases" }, ...lines.cases.map((each) => h("option", { key: each.case_id, value: each.case_code }))),
    h(
      "label",
      { className: "studio-field" },
      "Template",
      h(
        "select",
        {
          value: template,
          onChange: (event: React.ChangeEvent<HTMLSelectElement>) => {
            setTemplate(event.target.value);
            const chosen = lines.templates.find((each) => each.template === event.target.value);
            if (chosen) setKind(chosen.kind);
          },
        },
        h("option", { value: "" }, "none"),
        ...lines.templates.map((each) => h("option", { key: each.template, value: each.template }, each.words)),
      ),
    ),
    h(
      "label",
      { className: "studio-field" },
      "Kind",
      h("select", { value: kind, onChange: (event: React.ChangeEvent<HTMLSelectElement>) => setKind(event.target.value as Kind) }, ...Object.entries(KIND_WORDS).map(([value, text]) => h("option", { key: value, value }, text))),
    ),
    h("button", { type: "submit", className: "act act-main", disabled: !lines.cases.some((each) => each.case_code === code) }, "New zone"),
    h("button", { type: "button", className: "act", onClick: many }, "Several of one order"),
    words && h("p", { role: "alert" }, words),
  );
}
