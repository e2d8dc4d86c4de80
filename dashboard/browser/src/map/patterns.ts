// Patterns a style names: as the server drew them, else the hatch of exclusion zones made here.

import type { Map as MapLibre } from "maplibre-gl";
import type { MapSources } from "./sources.ts";
import { readTokens, rgb, type Theme } from "./tokens.ts";
import { HATCH, hatchImage } from "./zones.ts";

/** Answers the map when it misses an image; without it hatched zones are drawn empty. */
export function resolvePatterns(map: MapLibre, sources: MapSources, theme: () => Theme): void {
  map.setMissingStyleImageResolver((id) => {
    if (map.hasImage(id)) return;
    const served = sources.catalogue?.images?.[theme()]?.[id];
    if (served) {
      const data = Uint8Array.from(atob(served.rgba), (letter) => letter.charCodeAt(0));
      map.addImage(id, { width: served.width, height: served.height, data }, { pixelRatio: served.pixel_ratio ?? 1 });
    } else if (id.includes(HATCH)) {
      map.addImage(id, hatchImage(rgb(readTokens().zoneLine), 2), { pixelRatio: 2 });
    }
  });
}
