// Puts the map's style together: the server's layers, then breached zones, trail and labels of
// the browser's own. One function makes it whole, for the first picture, for a change of theme
// and for a rebuilt map alike.

import type { FeatureCollection } from "geojson";
import type { LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { Catalogue, MapSources } from "./sources.ts";
import type { Theme, Tokens } from "./tokens.ts";
import { MARKED, markedLayers, zoneLayers } from "./zones.ts";
import { trailLayers } from "./trail.ts";
import { labelLayers } from "./labels.ts";

/** The smallest label of a desk's map, against which a wall's are scaled. */
export const DESK_LABEL_PX = 12;

export const EMPTY: FeatureCollection = { type: "FeatureCollection", features: [] };

/** Tags are drawn below this layer: labels stay readable over them. */
export const FIRST_LABEL_LAYER = "vigil-label-stale";

/** The tiles of streets and areas; nothing where none were brought in. */
export function basemapSource(basemap: MapSources["basemap"]): StyleSpecification["sources"] {
  if (!basemap?.bounds) return {};
  const version = encodeURIComponent(String(basemap.version ?? 0));
  return {
    basemap: {
      type: "vector",
      tiles: [`${location.origin}/layers/basemap/{z}/{x}/{y}.mvt?v=${version}`],
      bounds: basemap.bounds,
      minzoom: basemap.min_zoom,
      maxzoom: basemap.max_zoom,
    },
  };
}

export function composeStyle(
  sources: MapSources,
  theme: Theme,
  tokens: Tokens,
  factor: number,
  labelPx = DESK_LABEL_PX * factor,
): StyleSpecification {
  const basemap = sources.basemap;
  const served = servedLayers(sources.catalogue, theme).map((layer) => enlarged(layer, factor, labelPx));
  const zones = served.some((layer) => sourceOf(layer) === "zones") ? [] : zoneLayers(tokens);
  const ground: LayerSpecification = {
    id: "vigil-ground",
    type: "background",
    paint: { "background-color": tokens.mapField },
  };
  return {
    version: 8,
    sources: {
      ...basemapSource(basemap),
      zones: { type: "geojson", data: sources.zones },
      [MARKED]: { type: "geojson", data: EMPTY },
      trail: { type: "geojson", data: EMPTY },
      labels: { type: "geojson", data: EMPTY },
    },
    layers: [
      ground,
      ...served.filter((layer) => basemap?.bounds || sourceOf(layer) !== "basemap"),
      ...zones,
      ...markedLayers(tokens, factor),
      ...trailLayers(tokens, factor),
      ...labelLayers(tokens, labelPx, factor),
    ],
    // A fade would show places half way between two truths, and needs no wall's graphics card.
    transition: { duration: 0, delay: 0 },
  };
}

/** The style with further sources of GeoJSON, empty yet, and the server's layers on them. */
export function withServed(style: StyleSpecification, sources: MapSources, theme: Theme, names: readonly string[]): StyleSpecification {
  const known = new Set(style.layers.map((layer) => layer.id));
  const more = (sources.catalogue?.styles[theme] ?? []).filter((layer) => !known.has(layer.id) && names.includes(sourceOf(layer) ?? ""));
  const empty = names.map((name) => [name, { type: "geojson" as const, data: EMPTY }]);
  return { ...style, sources: { ...style.sources, ...Object.fromEntries(empty) }, layers: [...style.layers, ...more] };
}

function sourceOf(layer: LayerSpecification): string | null {
  return "source" in layer ? String(layer.source) : null;
}

/** The server's layers on the sources this map has. */
function servedLayers(catalogue: Catalogue | null, theme: Theme): LayerSpecification[] {
  return (catalogue?.styles[theme] ?? []).filter((layer) => {
    const source = sourceOf(layer);
    return source === null || source === "basemap" || source === "zones";
  });
}

/** Sizes of layers are those of a usual desk; a wall is read from across the room, and a fine screen has smaller pixels. */
export function enlarged(layer: LayerSpecification, factor: number, labelPx = DESK_LABEL_PX * factor): LayerSpecification {
  if (layer.type === "symbol" && layer.layout?.["text-size"] !== undefined) {
    const by = labelPx / DESK_LABEL_PX;
    const size = scaled(layer.layout["text-size"], by);
    // The room a word keeps round itself grows with it, or a wall's would crowd.
    const padding = scaled(layer.layout["text-padding"] ?? 2, by);
    const spacing = scaled(layer.layout["symbol-spacing"] ?? 250, by);
    return {
      ...layer,
      layout: { ...layer.layout, "text-size": size, "text-padding": padding, "symbol-spacing": spacing },
      paint: { ...layer.paint, "text-halo-width": scaled(layer.paint?.["text-halo-width"] ?? 0, factor) },
    } as LayerSpecification;
  }
  if (layer.type === "circle") {
    const radius = scaled(layer.paint?.["circle-radius"] ?? 5, factor);
    const stroke = scaled(layer.paint?.["circle-stroke-width"] ?? 0, factor);
    return { ...layer, paint: { ...layer.paint, "circle-radius": radius, "circle-stroke-width": stroke } } as LayerSpecification;
  }
  if (layer.type === "line" && layer.source === "zones" && layer.paint?.["line-width"] !== undefined) {
    const width = scaled(layer.paint["line-width"], factor);
    return { ...layer, paint: { ...layer.paint, "line-width": width } } as LayerSpecification;
  }
  return layer;
}

/** A number, or an interpolation over the zoom whose values stand at every second place from 4 on. */
function scaled(size: unknown, by: number): unknown {
  if (typeof size === "number") return size * by;
  if (!Array.isArray(size) || size[0] !== "interpolate") return size;
  return size.map((part, index) => (index >= 4 && index % 2 === 0 && typeof part === "number" ? part * by : part));
}
