// A street that somebody looked for: shown on the map, and marked until something else is done.

import type { Street } from "../keys/choices.ts";
import { shownMap } from "../map/shown.ts";

let found: Street | null = null;
const ears = new Set<() => void>();

export function foundStreet(): Street | null {
  return found;
}

export function onFound(ear: () => void): () => void {
  ears.add(ear);
  return () => ears.delete(ear);
}

export function findOnMap(street: Street | null): void {
  found = street;
  if (street) shownMap()?.show(street.bounds);
  for (const ear of ears) ear();
}
