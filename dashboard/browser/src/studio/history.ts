// Every version there was: compare, restore as a draft, retire, take away as a file.

import { h, React } from "../react.ts";
import { timesIn } from "../live/times.ts";
import type { Version } from "./answers.ts";
import { api } from "./api.ts";
import { restore } from "./acts.ts";
import type { Studio } from "./controller.ts";
import { isInForce, squareMetres } from "./words.ts";
import { hoursWords } from "./week.ts";

const FILES = ["geojson", "kml", "pdf"] as const;

export function History({ studio, timeZone }: { studio: Studio; timeZone: string }) {
  const versions = studio.page?.versions ?? [];
  const [shown, setShown] = React.useState<number | null>(null);
  const compare = (version: Version, other: Version) =>
    studio.attempt(async () => {
      studio.showCompare(await api.compareVersions(studio.page!.zone.zone_id, other.number, version.number), `v${version.number} against v${other.number}`);
      setShown(version.number);
    });
  return h(
    "div",
    { className: "studio-history" },
    versions.length === 0 && h("p", { className: "hint" }, "There is no version yet: the first signature makes v1."),
    shown !== null && studio.compare && h("p", { role: "status" }, `${studio.compareWords}: + ${squareMetres(studio.compare.added_m2)}, − ${squareMetres(studio.compare.removed_m2)}`),
    h("ol", null, ...versions.map((version, at) => h(Line, { key: version.zone_version_id, studio, version, before: versions[at + 1], timeZone, compare }))),
    studio.page && versions.some(isInForce) && h(Retire, { studio }),
  );
}

interface LineGiven {
  studio: Studio;
  version: Version;
  before: Version | undefined;
  timeZone: string;
  compare: (version: Version, other: Version) => void;
}

function Line({ studio, version, before, timeZone, compare }: LineGiven) {
  const times = timesIn(timeZone);
  const at = (moment: string) => `${times.date(Date.parse(moment) / 1000)} ${times.localMinute(Date.parse(moment) / 1000)}`;
  const take = (kind: (typeof FILES)[number]) =>
    studio.attempt(() => api.file(version.zone_version_id, kind));
  return h(
    "li",
    { "data-now": isInForce(version) || undefined },
    h("div", { className: "studio-version" }, h("strong", null, `v${version.number}`), isInForce(version) && h("span", { className: "studio-badge" }, version.is_emergency ? "emergency, in force" : "in force")),
    h("p", null, `${at(version.valid_from)} to ${untilWords(version, at)}`),
    h("p", { className: "hint" }, [version.reason, version.order_ref].filter(Boolean).join(" · ")),
    h("p", { className: "hint" }, [version.drawn_by && `drawn by ${version.drawn_by}`, version.signed_by && `signed by ${version.signed_by}`, `buffer ${version.buffer_m} m`, version.schedule && hoursWords(version.schedule)].filter(Boolean).join(" · ")),
    h(
      "div",
      { className: "studio-version-acts" },
      before && h("button", { type: "button", className: "act act-quiet", onClick: () => compare(version, before) }, `Compare with v${before.number}`),
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
