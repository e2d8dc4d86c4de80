// What a picture of a replay says beside the map. Pure: data, view and moment in, words out.

import type { Exhibit, LegendLine } from "../exhibit/exhibit.ts";
import { leftS } from "./hers.ts";
import type { Loaded, ReplayModel } from "./model.ts";
import { nearWords } from "./near.ts";
import { RAMP, SPEED_WORDS } from "./ramp.ts";
import { ageWords, fullIn, lastingWords } from "./times.ts";
import { versionsAt, versionWords } from "./zones.ts";

export interface Paper {
  isDemo: boolean;
  thanks: string;
}

/** Of this instant. An interpolated picture is none: whoever calls has switched the glide off. */
export function exhibitOf(model: ReplayModel, paper: Paper): Exhibit {
  const nowS = model.nowS();
  const { fromS, toS } = model.view;
  const isOne = model.loaded.length === 1;
  const zones = versionsAt(model.zones, nowS).map((each) => versionWords(each, isOne));
  const codes = new Set(model.loaded.flatMap(({ about }) => about.case_codes));
  return {
    title: `Replay, case ${[...codes].join(", ") || "–"}`,
    notes: [...model.loaded.map((each) => fixWords(each, nowS, model.timeZone)), `In force: ${zones.join(", ") || "no zone"}`],
    legend: legendOf(model),
    times: [
      { words: "instant", unixS: nowS },
      ...(fromS === null ? [] : [{ words: "from", unixS: fromS }]),
      ...(toS === null ? [] : [{ words: "to", unixS: toS }]),
      { words: "printed", unixS: Math.floor(Date.now() / 1000) },
    ],
    timeZone: model.timeZone,
    hashes: [
      ...model.loaded.map(({ about, track }) => ({ words: `fixes, ${about.serial}`, sha256: track.dataset })),
      ...[...model.hashes].filter(([words]) => isOnPage(words, model)).map(([words, sha256]) => ({ words, sha256 })),
    ],
    thanks: paper.thanks,
    isDemo: paper.isDemo,
  };
}

/** While she is revealed the lanes' answer holds what is hers, and that is not on the page. */
function isOnPage(words: string, { hers }: ReplayModel): boolean {
  return words.startsWith("zones") || (words.startsWith("lanes") && leftS(hers) === null);
}

/** "tag SN 77-1031: fix 812 of 1,440, age 0:38, GNSS, ±18 m (95 %), 12 m outside, P(inside) 0.31" */
function fixWords(loaded: Loaded, nowS: number, timeZone: string): string {
  const { about, track } = loaded;
  const who = `${about.kind} ${about.serial}`;
  const place = track.placeAt(nowS);
  if (place < 0) return `${who}: no fix yet at this instant`;
  const fix = track.facts(place);
  const gap = track.gapAt(nowS);
  const near = nearWords(loaded, fix).map(([name, words]) => `${name.toLowerCase()} ${words}`);
  return [
    `${who}: fix ${(fix.index + 1).toLocaleString("en-GB")} of ${track.count.toLocaleString("en-GB")} at ${fullIn(timeZone, fix.fixedAtS)}, age ${ageWords(nowS - fix.fixedAtS)}`,
    `${fix.mechanism} ±${Math.round(fix.radiusM)} m (95 %)`,
    ...near,
    ...(gap ? [`in a gap of ${lastingWords(gap.toS - gap.fromS)}`] : []),
  ].join("; ");
}

function legendOf(model: ReplayModel): LegendLine[] {
  const gapS = model.first?.track.gapS ?? 0;
  return [
    ...RAMP.day.map((ink, step): LegendLine => ({ mark: "line", words: `${SPEED_WORDS[step]} km/h`, ink })),
    { mark: "full", words: "the fix that holds; its circle has the true place in it with 95 %" },
    { mark: "hollow", words: `no line where no fix came for more than ${lastingWords(gapS)}; both ends are marked` },
    ...(model.view.isRaw ? [{ mark: "cross" as const, words: "a fix that is not believed to be a place" }] : []),
    { mark: "zone", words: "zones as they were in force at that instant" },
  ];
}
