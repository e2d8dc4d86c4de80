// Where a zone begins, other than by hand: a street, another zone, a file, a template.

import { Dialog } from "../keys/dialog.ts";
import { h, React } from "../react.ts";
import type { Imported, Street, Template, ZoneLine } from "./answers.ts";
import { api, wholePart, wordsOf } from "./api.ts";
import type { Studio } from "./controller.ts";
import type { Position } from "./geometry.ts";
import { Figure } from "./inspector.ts";
import type { Fields } from "./session.ts";
import { Tabs } from "./tabs.ts";
import { aCircle, irregular, MOST_VERTICES, type Part, vertexCount } from "./shape.ts";
import { StreetSearch } from "./street_search.ts";
import { readZoneFile, ZONE_FILES } from "./zone_file.ts";

type Way = "street" | "zone" | "file" | "template";
const WAYS: readonly [Way, string][] = [
  ["street", "A street"],
  ["zone", "Another zone"],
  ["file", "A file"],
  ["template", "A template"],
];

export function StartFrom({ studio, close }: { studio: Studio; close: () => void }) {
  const [way, setWay] = React.useState<Way>("street");
  const [isInstead, setInstead] = React.useState(false);
  const session = studio.session!;
  const put = (parts: readonly Part[], words: string, fields: Partial<Fields> = {}) => {
    studio.view.preview([]);
    session.setAll(isInstead ? parts : [...session.parts, ...parts], fields, words);
    studio.view.fit();
    close();
  };
  const leave = () => {
    studio.view.preview([]);
    close();
  };
  const panel = { street: FromStreet, zone: FromZone, file: FromFile, template: FromTemplate }[way];
  return h(
    Dialog,
    { label: "Start from", className: "studio-dialog studio-beside", close: leave },
    h("header", null, h("h2", null, "Start from"), h("button", { type: "button", className: "act", onClick: leave }, "Close", h("kbd", null, "Esc"))),
    h(Tabs<Way>, { label: "Ways to begin", tabs: WAYS, now: way, give: setWay }),
    h(panel, { studio, put }),
    session.parts.length > 0 &&
      h("label", { className: "studio-tick" }, h("input", { type: "checkbox", checked: isInstead, onChange: () => setInstead(!isInstead) }), " In place of what is drawn; else beside it"),
  );
}

interface Given {
  studio: Studio;
  put: (parts: readonly Part[], words: string, fields?: Partial<Fields>) => void;
}

function FromStreet({ studio, put }: Given) {
  const [chosen, setChosen] = React.useState<Street | null>(null);
  const [radiusM, setRadiusM] = React.useState(300);
  const pick = (street: Street | null) => {
    setChosen(street);
    if (street) studio.view.lookAt([street.lon, street.lat], street.name);
  };
  const at: Position | null = chosen && [chosen.lon, chosen.lat];
  return h(
    "div",
    { className: "studio-from" },
    h(StreetSearch, { near: () => studio.view.middle, chosen, pick }),
    h(
      "div",
      { className: "studio-from-end" },
      h(Figure, { label: "Metres around it", unit: "m", value: radiusM, least: 20, most: 20_000, isOff: false, give: setRadiusM }),
      h("button", { type: "button", className: "act act-main", disabled: !at, onClick: () => at && put([aCircle(at, radiusM)], `a circle at ${chosen!.name}`) }, "Put a circle there"),
      h("button", { type: "button", className: "act", disabled: !at, onClick: () => at && put([irregular(at, radiusM)], `an outline at ${chosen!.name}`) }, "Put an irregular outline there"),
    ),
    h("p", { className: "hint" }, "A circle round a secret address gives its middle away: the irregular outline lies beside it. The middle of a street is not a door: move it."),
  );
}

function FromZone({ put }: Given) {
  const [zones, setZones] = React.useState<ZoneLine[] | null>(null);
  const [words, setWords] = React.useState("");
  React.useEffect(() => void api.zones().then(({ zones }) => setZones(zones), (error) => setWords(wordsOf(error))), []);
  const take = async (zone: ZoneLine) => {
    try {
      const { versions, draft } = await api.zone(zone.zone_id);
      const newest = versions[0];
      const parts = newest ? newest.shape.coordinates.map((rings) => wholePart({ how: "polygon", rings: rings as Position[][] })) : (draft?.parts ?? []);
      put(parts, `the outline of ${zone.case_code} ${zone.label}`);
    } catch (error) {
      setWords(wordsOf(error));
    }
  };
  return h(
    "div",
    { className: "studio-from" },
    words && h("p", { role: "status" }, words),
    zones?.length === 0 && h("p", { className: "hint" }, "You see no other zone."),
    h(
      "ul",
      { className: "studio-found", "aria-label": "Zones" },
      ...(zones ?? []).map((zone) =>
        h("li", { key: zone.zone_id }, h("button", { type: "button", onClick: () => void take(zone) }, h("span", null, h("span", { className: "case-code" }, zone.case_code), ` ${zone.label}`), h("span", { className: "hint" }, `${zone.kind}, ${zone.state}`))),
      ),
    ),
  );
}

function FromFile({ studio, put }: Given) {
  const [found, setFound] = React.useState<Imported | null>(null);
  const [at, setAt] = React.useState(0);
  const [isSimple, setSimple] = React.useState(false);
  const [words, setWords] = React.useState("");
  const feature = found?.features[at];
  const parts = isSimple && feature?.simplified ? feature.simplified.parts : feature?.parts;
  React.useEffect(() => studio.view.preview(parts ?? []), [parts]);
  const read = async (file: File | undefined) => {
    setFound(null);
    if (!file) return;
    setWords("Reading the file");
    try {
      const answer = await readZoneFile(file);
      setFound(answer);
      setAt(0);
      setSimple((answer.features[0]?.vertices ?? 0) > MOST_VERTICES);
      setWords("");
    } catch (error) {
      setWords(wordsOf(error));
    }
  };
  return h(
    "div",
    { className: "studio-from" },
    h("label", { className: "studio-field" }, "GeoJSON, KML, GPX or GeoPackage", h("input", { type: "file", accept: ZONE_FILES, onChange: (event: React.ChangeEvent<HTMLInputElement>) => void read(event.target.files?.[0]) })),
    words && h("p", { role: "status" }, words),
    found && h("p", { className: "hint" }, `Coordinates: ${found.crs}`),
    found &&
      h(
        "ul",
        { className: "studio-found", "aria-label": "Areas in the file" },
        ...found.features.map((each, number) =>
          h(
            "li",
            { key: number },
            h("button", { type: "button", "aria-pressed": number === at, onClick: () => (setAt(number), setSimple(each.vertices > MOST_VERTICES)) }, each.name || `Area ${number + 1}`, h("span", { className: "hint" }, sizeWords(each.parts))),
          ),
        ),
      ),
    parts && !studio.view.isOnMap(parts) && h("p", { className: "studio-fault" }, "It lies outside this room's map. Longitude and latitude may be exchanged in the file."),
    ...(feature?.faults ?? []).map((fault) => h("p", { key: fault, className: "studio-fault" }, fault)),
    feature?.simplified &&
      h(
        "label",
        { className: "studio-tick" },
        h("input", { type: "checkbox", checked: isSimple, disabled: feature.vertices > MOST_VERTICES, onChange: () => setSimple(!isSimple) }),
        ` Simplify to ${feature.simplified.vertices} corners: the edge moves by ${feature.simplified.error_m.toFixed(1)} m at most`,
      ),
    h("div", { className: "studio-from-end" }, h("button", { type: "button", className: "act act-main", disabled: !parts?.length, onClick: () => parts && put(parts, `import ${feature!.name || "an area"}`) }, "Take this area")),
  );
}

function sizeWords(parts: readonly Part[]): string {
  const [only] = parts;
  if (!only) return "nothing to draw";
  if (parts.length === 1 && only.how === "circle") return "a point";
  if (parts.every((part) => part.how === "corridor")) return `a line of ${vertexCount(parts)} corners`;
  const holes = parts.reduce((sum, part) => sum + Math.max(0, part.rings.length - 1), 0);
  return `${vertexCount(parts)} corners, ${holes === 0 ? "no holes" : holes === 1 ? "1 hole" : `${holes} holes`}`;
}

function FromTemplate({ studio, put }: Given) {
  const [templates, setTemplates] = React.useState<Template[] | null>(null);
  const [words, setWords] = React.useState("");
  React.useEffect(() => void api.zones().then(({ templates }) => setTemplates(templates), (error) => setWords(wordsOf(error))), []);
  const take = (template: Template) => {
    const { buffer_m, schedule, radius_m } = template;
    // Another kind is another zone.
    const kind = studio.session!.draft.zone_id === null ? { kind: template.kind } : {};
    put([aCircle(studio.view.middle, radius_m)], `take the template ${template.words}`, { ...kind, buffer_m, schedule });
  };
  return h(
    "div",
    { className: "studio-from" },
    words && h("p", { role: "status" }, words),
    h("p", { className: "hint" }, "Kind, buffer and hours of the template, and a circle at the middle of the map."),
    h(
      "ul",
      { className: "studio-found", "aria-label": "Templates" },
      ...(templates ?? []).map((each) =>
        h("li", { key: each.template }, h("button", { type: "button", onClick: () => take(each) }, each.words, h("span", { className: "hint" }, `${each.kind}, radius ${each.radius_m} m, buffer ${each.buffer_m} m${each.schedule ? ", by hours" : ""}`))),
      ),
    ),
  );
}
