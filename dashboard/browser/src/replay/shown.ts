// What of a track is on the map at an instant. Pure: data, view and moment in, picture out.

import type { ViewState } from "./address.ts";
import type { Loaded } from "./model.ts";
import type { Shown } from "./track_layer.ts";

/** One track at an instant. */
export function shownAt(loaded: Loaded, nowS: number, view: Pick<ViewState, "tailMin" | "isGliding">, isFirst: boolean): Shown {
  const { track } = loaded;
  const place = track.placeAt(nowS);
  const tailFrom = view.tailMin ? Math.max(0, track.placeAt(nowS - view.tailMin * 60) + 1) : 0;
  const heading = place < 0 ? 65_535 : track.heading[track.places[place]!]!;
  return {
    track,
    place,
    tailFrom: Math.min(tailFrom, Math.max(place, 0)),
    at: place < 0 ? null : markerAt(loaded, place, nowS, view.isGliding),
    isStale: place >= 0 && nowS - track.placeS(place) > track.gapS,
    headingDeg: heading === 65_535 ? null : heading / 100,
    isFirst,
  };
}

/** Between fixes the marker stays on the last one. Only a glide moves it, and never over a gap. */
export function markerAt({ track }: Loaded, place: number, nowS: number, isGliding: boolean): [number, number] {
  const here = track.mercator(track.places[place]!);
  if (!isGliding || place + 1 >= track.places.length || !track.isJoined(place)) return here;
  const there = track.mercator(track.places[place + 1]!);
  const share = (nowS - track.placeS(place)) / (track.placeS(place + 1) - track.placeS(place));
  return [here[0] + (there[0] - here[0]) * share, here[1] + (there[1] - here[1]) * share];
}
