// The fixes round the instant as a table: the map in words, with the same selection.

import { h } from "../react.ts";
import { useModel } from "./hooks.ts";
import { flagWords, MECHANISMS, type Track } from "./track.ts";
import { stampIn } from "./times.ts";
import type { TabProps } from "./tabs.ts";

const AROUND = 60;

export function FixesTab({ model }: TabProps) {
  useModel(model, "data", "time", "view");
  const track = model.first?.track;
  if (!track?.count) return h("p", { className: "empty" }, "No fix in this period.");
  const nowS = model.nowS();
  const here = indexAt(track, nowS);
  const from = Math.max(0, Math.min(here - AROUND / 2, track.count - AROUND));
  const rows = Array.from({ length: Math.min(AROUND, track.count) }, (_, k) => from + k);
  const isDoubted = new Set(track.doubted);
  return h(
    "table",
    { className: "replay-table is-fixes" },
    h("caption", null, `Fixes ${from + 1} to ${from + rows.length} of ${track.count.toLocaleString("en-GB")}; × is not drawn as a place`),
    h("thead", null, h("tr", null, ...["Time", "±m", "km/h", "By", "Sat", "Doubts"].map((word) => h("th", { key: word, scope: "col" }, word)))),
    h(
      "tbody",
      null,
      ...rows.map((index) => {
        const atS = track.originS + track.t[index]!;
        const mps = track.reportedMps[index]!;
        return h(
          "tr",
          { key: index, className: index === here ? "is-here" : "", onClick: () => model.seek(atS) },
          h("td", null, h("button", { type: "button" }, stampIn(model.timeZone, atS).time)),
          h("td", { className: "is-number" }, Math.round(track.radiusM[index]!)),
          h("td", { className: "is-number" }, Number.isNaN(mps) ? "–" : (mps * 3.6).toFixed(1)),
          h("td", null, MECHANISMS[track.mechanism[index]!] ?? ""),
          h("td", { className: "is-number" }, track.satellites[index] === 255 ? "–" : track.satellites[index]!),
          h("td", { className: "is-doubts", title: flagWords(track.flags[index]!) }, isDoubted.has(index) ? "× " : "", flagWords(track.flags[index]!)),
        );
      }),
    ),
  );
}

/** The newest fix of any kind at an instant. */
function indexAt(track: Track, atS: number): number {
  const t = atS - track.originS;
  let low = 0;
  let high = track.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (track.t[middle]! <= t) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
