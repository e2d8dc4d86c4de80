// Every version there was: compare, restore as a draft, retire, take away as a file.

import { h, React } from "../react.ts";
import type { Version } from "./answers.ts";
import { api } from "./api.ts";
import { restore } from "./acts.ts";
import type { Studio } from "./controller.ts";
import { isInForce, momentWords, squareMetres, triedWords } from "./words.ts";
import { hoursWords } from "./week.ts";

const FILES = ["geojson", "kml", "pdf"] as const;

export function History({ studio, timeZone }: { studio: Studio; timeZone: string }) {
  const versions = studio.page?.versions ?? [];
  // Two old versions on the map are nothing to draw on: they go with this panel.
  React.useEffect(() => () => studio.endCompare(), []);
  return h(
    "div",
    { className: "studio-history" },
    versions.length === 0 && h("p", { className: "hint" }, "There is no version yet: the first signature makes v1."),
    versions.length > 1 && h(Compare, { studio, numbers: versions.map(({ number }) => number) }),
    h("ol", null, ...versions.map((version) => h(Line, { key: version.zone_version_id, studio, version, timeZone }))),
    studio.page && versions.some(isInForce) && h(Retire, { studio }),
  );
}

/** Any two versions beside each other: their outlines and the ground between on the map, its size here. */
function Compare({ studio, numbers }: { studio: Studio; numbers: readonly number[] }) {
  const [older, setOlder] = React.useState(numbers[1]!);
  const [newer, setNewer] = React.useState(numbers[0]!);
  const { compare, compared } = studio;
  const choice = (label: string, value: number, give: (value: number) => void) =>
    h(
      "label",
      { className: "studio-field" },
      label,
      h("select", { value, onChange: (event: React.ChangeEvent<HTMLSelectElement>) => give(Number(event.target.value)) }, ...numbers.map((number) => h("option", { key: number, value: number }, `v${number}`))),
    );
  return h(
    "section",
    { className: "studio-two", "aria-label": "Compare two versions" },
    choice("From", older, setOlder),
    choice("to", newer, setNewer),
    h("button", { type: "button", className: "act", disabled: older === newer, onClick: () => void studio.attempt(() => studio.compareVersions(older, newer)) }, "Compare"),
    compared && h("button", { type: "button", className: "act act-quiet", onClick: () => studio.endCompare() }, "Off the map"),
    h("p", { role: "status" }, compare && compared ? `From v${compared.older} to v${compared.newer}: + ${squareMetres(compare.added_m2)}, − ${squareMetres(compare.removed_m2)}` : ""),
  );
}

function Line({ studio, version, timeZone }: { studio: Studio; version: Version; timeZone: string }) {
  const at = (moment: string) => momentWords(moment, timeZone);
  const take = (kind: (typeof FILES)[number]) =>
    studio.attempt(() => api.file(version.zone_version_id, kind));
  return h(
    "li",
    { "data-now": isInForce(version) || undefined },
    h("div", { className: "studio-version" }, h("strong", null, `v${version.number}`), isInForce(version) && h("span", { className: "studio-badge" }, version.is_emergency ? "emergency, in force" : "in force")),
    h("p", null, `${at(version.valid_from)} to ${untilWords(version, at)}`),
    h("p", { className: "hint" }, [version.reason, version.order_ref].filter(Boolean).join(" · ")),
    h("p", { className: "hint" }, [version.drawn_by && `drawn by ${version.drawn_by}`, version.signed_by && `signed by ${version.signed_by}`, `buffer ${version.buffer_m} m`, version.schedule && hoursWords(version.schedule)].filter(Boolean).join(" · ")),
    version.rehearsal?.draft && h("p", { className: "hint" }, triedWords(version.rehearsal)),
    h(
      "div",
      { className: "studio-version-acts" },
      h("button", { type: "button", className: "act act-quiet", onClick: () => void restore(studio, version.zone_version_id) }, "Restore as draft"),
      ...FILES.map((kind) => h("button", { key: kind, type: "button", className: "act act-quiet", onClick: () => void take(kind) }, { geojson: "GeoJSON", kml: "KML", pdf: "PDF map" }[kind])),
    ),
  );
}

function untilWords({ valid_to, expires_at }: Version, at: (moment: string) => string): string {
  if (valid_to) return at(valid_to);
  return expires_at ? `${at(expires_at)}, unless a second person signs` : "further notice";
}

function Retire({ studio }: { studio: Studio }) {
  const [reason, setReason] = React.useState("");
  const [isAsked, setAsked] = React.useState(false);
  const ask = () =>
    studio.attempt(async () => {
      await api.retire(studio.page!.zone.zone_id, { reason: reason.trim(), order_ref: "" });
      setAsked(true);
    });
  if (isAsked) return h("p", { role: "status" }, "It waits for another person's signature. Until then the zone holds.");
  return h(
    "details",
    { className: "studio-retire" },
    h("summary", null, "Retire this zone"),
    h("label", { className: "studio-field" }, "Reason", h("input", { value: reason, maxLength: 500, onChange: (event: React.ChangeEvent<HTMLInputElement>) => setReason(event.target.value) })),
    h("button", { type: "button", className: "act", disabled: !reason.trim(), onClick: () => void ask() }, "Ask for a signature"),
  );
}
