// Which fix a pointer means: the one nearest in time of those under it. Pure.

import type { Loaded, ReplayModel } from "./model.ts";

const PICK_PX = 14;
const WORLD_M = 40_075_017;
const METRES_A_DEGREE = 111_195;

/** The fix within a few pixels of a place, the one nearest in time where several lie there. */
export function nearestFix(
  model: ReplayModel,
  at: { lng: number; lat: number },
  zoom: number,
): { loaded: Loaded; place: number } | null {
  const shrunk = Math.cos((at.lat * Math.PI) / 180);
  const acrossLat = ((PICK_PX * WORLD_M * shrunk) / (512 * 2 ** zoom) / METRES_A_DEGREE) * 1e7;
  const acrossLon = acrossLat / shrunk;
  const lon = at.lng * 1e7;
  const lat = at.lat * 1e7;
  const nowS = model.nowS();
  let best: { loaded: Loaded; place: number } | null = null;
  let leastS = Infinity;
  for (const loaded of model.loaded) {
    const { track } = loaded;
    for (let place = 0; place < track.places.length; place++) {
      const index = track.places[place]!;
      if (Math.abs(track.lon[index]! - lon) > acrossLon || Math.abs(track.lat[index]! - lat) > acrossLat) continue;
      const apartS = Math.abs(track.placeS(place) - nowS);
      if (apartS >= leastS) continue;
      leastS = apartS;
      best = { loaded, place };
    }
  }
  return best;
}
