// What a wall's maps look at: the first alert alone, a second in its inset, all else in a small
// overview; without a first, all second ones together. Pure but for the clock it is handed.

import type { AlertRow } from "../live/alerts.ts";

/** Which of a wall's maps this is. */
export type WallPart = "main" | "second" | "overview";

export interface Scene {
  main: AlertRow[];
  /** A second P1, of another tag than the first. */
  second: AlertRow | null;
}

/** By the queue's own order; what is cleared needs no map. */
export function sceneOf(open: readonly AlertRow[]): Scene {
  const urgent = open.filter((row) => row.priority < 3 && row.cleared_at === null);
  const first = urgent.find((row) => row.priority === 1);
  if (!first) return { main: urgent, second: null };
  const second = urgent.find((row) => row.priority === 1 && row.activation_id !== first.activation_id);
  return { main: [first], second: second ?? null };
}

export function rowsOf(scene: Scene, part: WallPart): AlertRow[] {
  if (part === "overview") return [];
  return part === "main" ? scene.main : scene.second ? [scene.second] : [];
}
