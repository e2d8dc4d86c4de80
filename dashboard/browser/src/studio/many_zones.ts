// The zones of one order begun together: each from a template at a street, or from an area of a
// file. All of them become drafts or none does; they are drawn on, tried and sent like any other.

import { Dialog } from "../keys/dialog.ts";
import { h, React } from "../react.ts";
import type { Street, Template, ZoneList } from "./answers.ts";
import { api, sentPart, wordsOf } from "./api.ts";
import type { Position } from "./geometry.ts";
import { Figure } from "./inspector.ts";
import { aCircle, irregular, MOST_VERTICES, type Part, vertexCount } from "./shape.ts";
import { StreetSearch } from "./street_search.ts";
import { readZoneFile, ZONE_FILES } from "./zone_file.ts";

const MOST = 50;

interface Entry {
  key: number;
  template: string;
  /** Where its outline comes from, in words. */
  source: string;
  parts: readonly Part[];
}

export function ManyZones({ lines, close }: { lines: ZoneList; close: () => void }) {
  const [code, setCode] = React.useState("");
  const [orderRef, setOrderRef] = React.useState("");
  const [reason, setReason] = React.useState("");
  const [entries, setEntries] = React.useState<readonly Entry[]>([]);
  const [words, setWords] = React.useState("");
  const [isBusy, setBusy] = React.useState(false);
  const next = React.useRef(0);
  const { templates } = lines;
  const known = lines.cases.find((each) => each.case_code === code);
  const add = (found: readonly Omit<Entry, "key">[]) => {
    const room = MOST - entries.length;
    setEntries([...entries, ...found.slice(0, room).map((each) => ({ ...each, key: ++next.current }))]);
    setWords(found.length > room ? `At most ${MOST} zones are begun together: ${found.length - room} were left out.` : "");
  };
  const change = (entry: Entry, template: string) => {
    // A circle that nobody drew has the template's radius; an area out of a file stays as it is.
    const [only] = entry.parts;
    const radiusM = templates.find((each) => each.template === template)?.radius_m;
    const parts = only?.how === "circle" && radiusM ? [aCircle(only.centre!, radiusM)] : entry.parts;
    setEntries(entries.map((each) => (each === entry ? { ...entry, template, parts } : each)));
  };
  const begin = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await api.newDrafts({
        case_code: code,
        order_ref: orderRef.trim(),
        reason: reason.trim(),
        zones: entries.map(({ template, parts }) => ({ ...(template ? { template } : {}), parts: parts.map(sentPart) })),
      });
      close();
    } catch (error) {
      setWords(wordsOf(error));
      setBusy(false);
    }
  };
  const missing = !known ? "Choose the case." : !orderRef.trim() ? "Write which order they follow." : !reason.trim() ? "Write the reason." : entries.length === 0 ? "Add a zone." : "";
  const typed = (give: (value: string) => void) => (event: React.ChangeEvent<HTMLInputElement>) => give(event.target.value);
  return h(
    Dialog,
    { label: "Several zones of one order", className: "studio-dialog many-zones", close },
    h("header", null, h("h2", null, "Several zones of one order"), h("button", { type: "button", className: "act", onClick: close }, "Close", h("kbd", null, "Esc"))),
    h(
      "form",
      { className: "studio-from", onSubmit: (event: React.FormEvent) => void begin(event) },
      h(
        "div",
        { className: "many-zones-order" },
        h("label", { className: "studio-field" }, "Case", h("input", { list: "many-zones-cases", value: code, autoComplete: "off", onChange: typed((value) => (setCode(value.trim()), setOrderRef(lines.cases.find((each) => each.case_code === value.trim())?.order_ref ?? orderRef))) })),
        h("datalist", { id: "many-zones-cases" }, ...lines.cases.map((each) => h("option", { key: each.case_id, value: each.case_code }))),
        h("label", { className: "studio-field" }, "Court order reference", h("input", { value: orderRef, maxLength: 100, autoComplete: "off", onChange: typed(setOrderRef) })),
        h("label", { className: "studio-field" }, "Reason", h("input", { value: reason, maxLength: 500, autoComplete: "off", onChange: typed(setReason) })),
      ),
      h(Entries, { entries, templates, change, remove: (entry: Entry) => setEntries(entries.filter((each) => each !== entry)) }),
      h("div", { className: "many-zones-more" }, h(ByStreet, { templates, add }), h(ByFile, { add, say: setWords })),
      h(
        "div",
        { className: "studio-from-end" },
        h("button", { type: "submit", className: "act act-main", disabled: isBusy || Boolean(missing) }, entries.length === 1 ? "Begin 1 draft" : `Begin ${entries.length} drafts`),
        h("p", { className: "hint", role: "status" }, words || missing),
      ),
    ),
  );
}

interface EntriesGiven {
  entries: readonly Entry[];
  templates: readonly Template[];
  change: (entry: Entry, template: string) => void;
  remove: (entry: Entry) => void;
}

function Entries({ entries, templates, change, remove }: EntriesGiven) {
  if (entries.length === 0) return h("p", { className: "hint" }, "No zone yet. Add one at a street, or all areas of a file.");
  return h(
    "ol",
    { className: "studio-lines", "aria-label": "Zones of this order" },
    ...entries.map((entry, at) =>
      h(
        "li",
        { key: entry.key },
        h("span", null, `${at + 1}.`),
        h("span", null, entry.source, h("span", { className: "hint" }, ` ${sizeWords(entry.parts)}`)),
        h(Choice, { label: `Template of zone ${at + 1}`, value: entry.template, templates, give: (template: string) => change(entry, template) }),
        h("button", { type: "button", className: "studio-small", "aria-label": `Remove zone ${at + 1}`, onClick: () => remove(entry) }, "×"),
      ),
    ),
  );
}

function Choice({ label, value, templates, give }: { label: string; value: string; templates: readonly Template[]; give: (template: string) => void }) {
  return h(
    "select",
    { value, "aria-label": label, onChange: (event: React.ChangeEvent<HTMLSelectElement>) => give(event.target.value) },
    h("option", { value: "" }, "no template"),
    ...templates.map((each) => h("option", { key: each.template, value: each.template }, each.words)),
  );
}

function ByStreet({ templates, add }: { templates: readonly Template[]; add: (found: Omit<Entry, "key">[]) => void }) {
  const [street, setStreet] = React.useState<Street | null>(null);
  const [template, setTemplate] = React.useState(templates[0]?.template ?? "");
  const [radiusM, setRadiusM] = React.useState(templates[0]?.radius_m ?? 300);
  const choose = (name: string) => {
    setTemplate(name);
    setRadiusM(templates.find((each) => each.template === name)?.radius_m ?? radiusM);
  };
  const take = (sort: string, make: (at: Position, radiusM: number) => Part) => street && add([{ template, source: `${sort} at ${street.name}`, parts: [make([street.lon, street.lat], radiusM)] }]);
  return h(
    "section",
    null,
    h("h3", null, "At a street"),
    h(StreetSearch, { near: () => null, chosen: street, pick: setStreet }),
    h(
      "div",
      { className: "studio-from-end" },
      h("label", { className: "studio-field" }, "Template", h(Choice, { label: "Template", value: template, templates, give: choose })),
      h(Figure, { label: "Metres around it", unit: "m", value: radiusM, least: 20, most: 20_000, isOff: false, give: setRadiusM }),
      h("button", { type: "button", className: "act", disabled: !street, onClick: () => take("Irregular outline", irregular) }, "Add an irregular outline"),
      h("button", { type: "button", className: "act", disabled: !street, onClick: () => take("Circle", aCircle) }, "Add a circle"),
    ),
  );
}

function ByFile({ add, say }: { add: (found: Omit<Entry, "key">[]) => void; say: (words: string) => void }) {
  const read = async (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    if (!file) return;
    say("Reading the file");
    try {
      const { features } = await readZoneFile(file);
      const found = features.map((each, number) => ({
        template: "",
        source: each.name || `Area ${number + 1} of the file`,
        parts: each.vertices > MOST_VERTICES && each.simplified ? each.simplified.parts : each.parts,
      }));
      add(found.filter((each) => each.parts.length > 0));
    } catch (error) {
      say(wordsOf(error));
    }
    // The same file can be chosen again.
    input.value = "";
  };
  return h(
    "section",
    null,
    h("h3", null, "From a file"),
    h("label", { className: "studio-field" }, "GeoJSON, KML, GPX or GeoPackage", h("input", { type: "file", accept: ZONE_FILES, onChange: (event: React.ChangeEvent<HTMLInputElement>) => void read(event.target) })),
    h("p", { className: "hint" }, `Each area becomes a zone. One of more than ${MOST_VERTICES} corners is simplified; its draft shows what came of it.`),
  );
}

function sizeWords(parts: readonly Part[]): string {
  const [only] = parts;
  if (parts.length === 1 && only?.how === "circle") return `radius ${Math.round(only.radius_m!)} m`;
  return `${vertexCount(parts)} corners`;
}
