// The instant in words and numbers: both times, the fix that holds, and how good it is.

import { h } from "../react.ts";
import { useModel } from "./hooks.ts";
import type { Loaded, ReplayModel } from "./model.ts";
import { herWords } from "./hers.ts";
import { nearWords } from "./near.ts";
import { ageWords, fullIn, lastingWords, stampIn } from "./times.ts";
import { flagWords } from "./track.ts";

export function Facts({ model }: { model: ReplayModel }) {
  useModel(model, "time", "data", "view");
  const nowS = model.nowS();
  const local = stampIn(model.timeZone, nowS);
  const utc = stampIn("UTC", nowS);
  return h(
    "section",
    { className: "replay-facts", "aria-label": "The instant" },
    h(
      "div",
      { className: "replay-times" },
      h("div", { className: "replay-local" }, h("b", null, local.time), ` ${local.zone} (${local.offset})`, h("span", null, ` ${local.weekday} ${local.day}`)),
      h("div", { className: "replay-utc" }, `${utc.time} UTC `, h("span", null, utc.day)),
    ),
    ...model.loaded.map((loaded, index) => h(FixLines, { key: loaded.about.activation_id, model, loaded, nowS, index })),
  );
}

interface FixProps {
  model: ReplayModel;
  loaded: Loaded;
  nowS: number;
  index: number;
}

function FixLines({ model, loaded, nowS, index }: FixProps) {
  const { track, about } = loaded;
  const place = track.placeAt(nowS);
  const who = `${String.fromCharCode(65 + index)} · ${about.case_codes.join(", ") || about.role} · ${about.serial}`;
  const title = model.loaded.length > 1 && h("h3", null, who);
  if (place < 0) {
    const words = track.places.length ? "No fix yet at this instant." : "No fix in this period.";
    return h("div", { className: "replay-fix" }, title, h("p", { className: "hint" }, words));
  }
  const fix = track.facts(place);
  const gap = track.gapAt(nowS);
  const ageS = nowS - fix.fixedAtS;
  const rows: [string, string][] = [
    ["Fix", `${(fix.index + 1).toLocaleString("en-GB")} of ${track.count.toLocaleString("en-GB")}, age ${ageWords(ageS)}`],
    ["Found by", `${fix.mechanism}${fix.satellites === null ? "" : `, ${fix.satellites} satellites`}`],
    ["Error", `±${Math.round(fix.radiusM)} m (95 %)`],
    ["Speed", speedWords(fix.speedMps, track.reportedMps[fix.index]!)],
    ["Heading", fix.headingDeg === null ? "not reported" : `${Math.round(fix.headingDeg)}°`],
    ["Charge", fix.batteryPct === null ? "not reported" : `${fix.batteryPct} %`],
    ...nearWords(loaded, fix),
    ...(index === 0 ? herWords(model, fix) : []),
  ];
  if (fix.flags) rows.push(["Doubts", flagWords(fix.flags)]);
  return h(
    "div",
    { className: "replay-fix" },
    title,
    gap &&
      h(
        "p",
        { className: "replay-gap-words" },
        `No fix for ${lastingWords(gap.toS - gap.fromS)}: from ${stampIn(model.timeZone, gap.fromS).time} to ${stampIn(model.timeZone, gap.toS).time}. Where he was is not known.`,
      ),
    h(
      "dl",
      null,
      ...rows.flatMap(([name, value]) => [h("dt", { key: name }, name), h("dd", { key: `${name}-is`, title: name === "Fix" ? fullIn(model.timeZone, fix.fixedAtS) : undefined }, value)]),
    ),
  );
}

function speedWords(mps: number, reported: number): string {
  if (Number.isNaN(mps)) return "not known";
  return `${(mps * 3.6).toFixed(1)} km/h${Number.isNaN(reported) ? ", worked out" : ""}`;
}
