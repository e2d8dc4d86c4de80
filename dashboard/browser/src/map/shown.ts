// The map of this page, for what lies over it: measuring, rings of minutes, a street that was found.

import type { MapView } from "./view.ts";

let shown: MapView | null = null;
const ears = new Set<() => void>();

export function shownMap(): MapView | null {
  return shown;
}

export function showMap(view: MapView | null): void {
  shown = view;
  for (const ear of ears) ear();
}

/** Hears each map that comes or goes, until the returned function is called. */
export function onShownMap(ear: () => void): () => void {
  ears.add(ear);
  return () => ears.delete(ear);
}
