// Which tag is under the pointer: one pass over the columns, no index to keep up to date.

import type { TagStore } from "../live/tags.ts";

/**
 * The row of the nearest tag within `reach` (mercator units) of a place, or -1. Alerted tags win
 * over calm ones, because they are drawn on top.
 */
export function nearestTag(tags: TagStore, x: number, y: number, reach: number): number {
  let best = -1;
  let bestRank = -1;
  let bestSquare = Infinity;
  for (let slot = 0; slot < tags.count; slot++) {
    const dx = tags.x[slot]! - x;
    if (dx > reach || dx < -reach) continue;
    const dy = tags.y[slot]! - y;
    if (dy > reach || dy < -reach) continue;
    const square = dx * dx + dy * dy;
    if (square > reach * reach) continue;
    const rank = tags.state[slot]!;
    if (rank > bestRank || (rank === bestRank && square < bestSquare)) {
      best = slot;
      bestRank = rank;
      bestSquare = square;
    }
  }
  return best;
}
