// How every map of the room is opened: flat, north up, and without keys of its own.

import { type ControlPosition, Map as MapLibre, type MapOptions, ScaleControl, type StyleSpecification } from "maplibre-gl";
import type { MapSources } from "./sources.ts";

/**
 * A map at the middle of the base map, or of the whole world at zoom 1 where there is none.
 * `rest` may take anything of this back. The caller dresses it and listens to its troubles.
 */
export function flatMap(
  container: HTMLElement,
  style: StyleSpecification,
  basemap: MapSources["basemap"],
  zoom: number,
  rest: Partial<MapOptions> = {},
): MapLibre {
  const map = new MapLibre({
    container,
    style,
    center: basemap?.centre ?? [0, 20],
    zoom: basemap?.centre ? zoom : 1,
    attributionControl: false,
    // North stays up: a heading is read against it, and nobody has time to turn a map back.
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxPitch: 0,
    fadeDuration: 0,
    // The keys belong to the page: see keys/keymap.ts.
    keyboard: false,
    canvasContextAttributes: { antialias: false, powerPreference: "default" },
    ...rest,
  });
  map.touchZoomRotate.disableRotation();
  // Nothing to do there by keyboard: buttons, keys, lists and tables serve it.
  map.getCanvas().tabIndex = -1;
  return map;
}

/** The bar that says how far a metre is. */
export function addScale(map: MapLibre, maxWidth = 140, corner: ControlPosition = "bottom-left"): void {
  map.addControl(new ScaleControl({ maxWidth, unit: "metric" }), corner);
}
