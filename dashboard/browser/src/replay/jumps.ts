// Where the keys jump to: events, stops, gaps; and what "skip quiet" jumps over. Pure.

import type { Lane } from "./lane_data.ts";
import type { Loaded, ReplayModel } from "./model.ts";
import { lastingWords } from "./times.ts";

export type JumpKind = "event" | "stop" | "gap";

export interface Moment {
  atS: number;
  kind: JumpKind;
  words: string;
  lastsS: number | null;
}

/** Stillness or silence shorter than this is not skipped: the jump would cost more than it saves. */
const QUIET_LEAST_S = 300;
/** What is left of the quiet on either side, so that one sees it begin and end. */
const QUIET_EDGE_S = 20;

export function eventsOf(model: ReplayModel): Moment[] {
  const found: Moment[] = [];
  model.loaded.forEach((loaded, index) => {
    const letter = model.loaded.length > 1 ? `${String.fromCharCode(65 + index)} ` : "";
    for (const each of momentsOf(loaded)) found.push({ ...each, words: letter + each.words });
  });
  return found.sort((here, there) => here.atS - there.atS);
}

function momentsOf({ track, lanes }: Loaded): Moment[] {
  const gaps = track.gaps.map(
    (gap): Moment => ({ atS: gap.fromS, kind: "gap", words: "Gap: no fix", lastsS: gap.toS - gap.fromS }),
  );
  const stops = lanes.stops.map(
    (stop): Moment => ({
      atS: stop.from_s,
      kind: "stop",
      words: `Stop at ${stop.place}`,
      lastsS: stop.to_s - stop.from_s,
    }),
  );
  const marks = lanes.lanes.flatMap((lane: Lane) =>
    lane.marks.map(([atS, , words]): Moment => ({ atS, kind: "event", words, lastsS: null })),
  );
  return [...gaps, ...stops, ...marks];
}

/** The next moment of this kind after an instant, or the one before it; null at the end. */
export function jumpFrom(moments: readonly Moment[], kind: JumpKind, atS: number, step: 1 | -1): Moment | null {
  const of = moments.filter((each) => each.kind === kind);
  // A tenth of a second: standing on a moment, the next one is meant.
  if (step > 0) return of.find((each) => each.atS > atS + 0.1) ?? null;
  return of.findLast((each) => each.atS < atS - 0.1) ?? null;
}

export interface Quiet {
  fromS: number;
  toS: number;
  words: string;
}

/** Stretches of one track in which nothing changes: stops and gaps, the long ones. */
export function quietOf({ track, lanes }: Loaded): Quiet[] {
  const found: Quiet[] = [
    ...track.gaps.map((gap) => ({ fromS: gap.fromS, toS: gap.toS, words: "no signal" })),
    ...lanes.stops.map((stop) => ({ fromS: stop.from_s, toS: stop.to_s, words: "still" })),
  ];
  return found
    .filter((each) => each.toS - each.fromS >= QUIET_LEAST_S)
    .sort((here, there) => here.fromS - there.fromS);
}

/** Where to jump at this instant, and what to say; null where something goes on. */
export function skipAt(quiet: readonly Quiet[], atS: number): { toS: number; words: string } | null {
  const inside = quiet.find((each) => each.fromS + QUIET_EDGE_S <= atS && atS < each.toS - QUIET_EDGE_S);
  if (!inside) return null;
  const toS = inside.toS - QUIET_EDGE_S;
  return { toS, words: `skipped ${lastingWords(toS - atS)}: ${inside.words}` };
}
