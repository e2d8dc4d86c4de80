// Words on the map of a replay: durations at the ends of gaps, numbers at stops. Pure.

import type { Feature, FeatureCollection } from "geojson";
import type { LayerSpecification } from "maplibre-gl";
import type { Tokens } from "../map/tokens.ts";
import type { ReplayModel } from "./model.ts";
import { lastingWords, minuteIn } from "./times.ts";
import { metresBetween } from "./track.ts";

const MOST_GAP_LABELS = 60;

/** Durations at the ends of gaps, numbers at stops, the day at each end of the track. */
export function wordsOf(model: ReplayModel, nowS: number): FeatureCollection {
  const features: Feature[] = [];
  const put = (lon: number, lat: number, text: string, order: number) =>
    features.push({
      type: "Feature",
      properties: { text, order, key: `${lon.toFixed(5)}${lat.toFixed(5)}` },
      geometry: { type: "Point", coordinates: [lon, lat] },
    });
  for (const { track } of model.loaded) {
    const tailS = model.view.tailMin ? nowS - model.view.tailMin * 60 : -Infinity;
    const near = track.gaps.filter((gap) => gap.toS >= tailS && gap.fromS <= nowS).slice(-MOST_GAP_LABELS);
    for (const gap of near) {
      const [lon, lat] = track.lonLat(gap.place);
      const [nextLon, nextLat] = track.lonLat(gap.place + 1);
      const lasting = lastingWords(gap.toS - gap.fromS);
      const from = minuteIn(model.timeZone, gap.fromS);
      const to = minuteIn(model.timeZone, gap.toS);
      put(lon, lat, `gap ${lasting} from ${from}`, 1);
      // Where he came up again is drawn once the clock has come to it.
      if (gap.toS <= nowS && metresBetween(lon, lat, nextLon, nextLat) > 30) put(nextLon, nextLat, `seen again ${to}`, 2);
    }
  }
  model.lanes.stops.forEach((stop, index) => {
    const tailS = model.view.tailMin ? nowS - model.view.tailMin * 60 : -Infinity;
    if (stop.to_s >= tailS && stop.from_s <= nowS) {
      put(stop.lon, stop.lat, `■ ${index + 1}  ${lastingWords(Math.min(stop.to_s, nowS) - stop.from_s)}`, 3);
    }
  });
  return { type: "FeatureCollection", features };
}

export function wordsLayer(tokens: Tokens): LayerSpecification {
  return {
    id: "replay-words",
    type: "symbol",
    source: "replay-words",
    layout: {
      "text-field": ["get", "text"],
      "text-font": ["Inter"],
      "text-size": 12,
      "text-variable-anchor": ["left", "right", "top", "bottom"],
      "text-radial-offset": 1.2,
      "text-justify": "auto",
      "text-padding": 3,
      "symbol-sort-key": ["get", "order"],
    },
    paint: { "text-color": tokens.text, "text-halo-color": tokens.mapField, "text-halo-width": 2 },
  };
}
