// Which pairs of places are joined by a line, at several levels of detail. Pure, and the one place
// that decides: what is no pair here cannot be drawn, so no line can cross a gap.

import type { Track } from "./track.ts";

/** Places at their distance from the first, in mercator units, exact to millimetres in 32 bits. */
export interface Ground {
  originX: number;
  originY: number;
  xy: Float32Array<ArrayBuffer>;
}

export interface Level {
  /** Two places of one unbroken run closer than this (mercator units) may be drawn as one. */
  tolerance: number;
  /** Pairs of places, in time order: from, to, from, to. Worked out when first asked for. */
  readonly pairs: Uint32Array<ArrayBuffer>;
}

/** Metres by which the levels simplify; the first is every fix. */
const TOLERANCES_M = [0, 4, 16, 64, 256] as const;
const WORLD_M = 40_075_017;

export function groundOf(track: Track): Ground {
  const xy = new Float32Array(track.places.length * 2);
  if (!track.places.length) return { originX: 0.5, originY: 0.5, xy };
  const [originX, originY] = track.mercator(track.places[0]!);
  for (let place = 0; place < track.places.length; place++) {
    const [x, y] = track.mercator(track.places[place]!);
    xy[place * 2] = x - originX;
    xy[place * 2 + 1] = y - originY;
  }
  return { originX, originY, xy };
}

export function levelsOf(track: Track, ground: Ground): Level[] {
  const scale = track.places.length ? 1 / Math.cos((track.lonLat(0)[1] * Math.PI) / 180) / WORLD_M : 0;
  return TOLERANCES_M.map((metres) => {
    const tolerance = metres * scale;
    let pairs: Uint32Array<ArrayBuffer> | null = null;
    return {
      tolerance,
      get pairs() {
        return (pairs ??= pairsOf(track, ground.xy, tolerance));
      },
    };
  });
}

/** From the last kept place to the next one far enough away; a run's ends are always kept. */
export function pairsOf(track: Track, xy: Float32Array, tolerance: number): Uint32Array<ArrayBuffer> {
  const count = track.places.length;
  const pairs = new Uint32Array(Math.max(0, count - 1) * 2);
  const limit = tolerance * tolerance;
  let used = 0;
  let kept = 0;
  for (let place = 1; place < count; place++) {
    if (!track.isJoined(place - 1)) {
      kept = place;
      continue;
    }
    const isRunEnd = place === count - 1 || !track.isJoined(place);
    const x = xy[place * 2]! - xy[kept * 2]!;
    const y = xy[place * 2 + 1]! - xy[kept * 2 + 1]!;
    if (!isRunEnd && x * x + y * y < limit) continue;
    pairs[used++] = kept;
    pairs[used++] = place;
    kept = place;
  }
  return pairs.slice(0, used);
}

/** The part of the pairs between two places: [first, end) as places in the array. */
export function pairRange(pairs: Uint32Array, fromPlace: number, toPlace: number): [number, number] {
  // By the later end, so that the newest line on screen is one the marker has come to.
  return [firstAt(pairs, 0, fromPlace), firstAt(pairs, 1, toPlace + 1)];
}

/** The place of the first pair whose from (0) or to (1) is at least `place`. */
function firstAt(pairs: Uint32Array, side: 0 | 1, place: number): number {
  let low = 0;
  let high = pairs.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (pairs[middle * 2 + side]! < place) low = middle + 1;
    else high = middle;
  }
  return low * 2;
}

/** The coarsest level whose simplification nobody can see at this zoom. */
export function levelFor(levels: readonly Level[], zoom: number): number {
  const pixel = 1 / (512 * 2 ** zoom);
  let found = 0;
  levels.forEach((level, index) => {
    if (level.tolerance <= pixel) found = index;
  });
  return found;
}
