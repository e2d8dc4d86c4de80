// How large what is drawn is: measured here while the hand moves, by PostGIS when it rests.

import type { Studio } from "./controller.ts";
import { metresToEdge } from "./geometry.ts";
import { area, perimeter, vertexCount } from "./shape.ts";

export interface Measures {
  areaM2: number;
  perimeterM: number;
  /** As they were set: a circle has one. */
  vertices: number;
  /** Of the outline that is kept, where it has others. */
  outline: number | null;
  doorM: number | null;
  /** Whether the hand is still moving: the server has not measured this yet. */
  isLive: boolean;
}

export function measuresOf({ parts, hand, session, door }: Studio): Measures {
  const saved = hand.live || session?.saving !== "saved" ? null : session.draft.measures;
  const rings = parts.flatMap((part) => part.rings);
  return {
    areaM2: saved?.area_m2 ?? area(parts),
    perimeterM: saved?.perimeter_m ?? perimeter(parts),
    vertices: vertexCount(parts),
    outline: saved?.vertices && saved.vertices !== vertexCount(parts) ? saved.vertices : null,
    doorM: saved?.door_m ?? (door?.place && rings.length ? metresToEdge(door.place, rings) : null),
    isLive: saved === null,
  };
}
