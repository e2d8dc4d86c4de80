// Where a corner goes when something it should lie on is near the pointer. Pure: lines as they
// appear on the screen, in pixels, and the place of the pointer among them.

export type Target = "vertex" | "street" | "zone";

export interface Candidate {
  target: Target;
  /** On the screen. */
  points: readonly [x: number, y: number][];
  /** The same places on the ground. */
  places: readonly [lon: number, lat: number][];
  /** Corners only: the line between them is not to lie on. */
  cornersOnly?: boolean;
}

export interface Snap {
  target: Target;
  place: [lon: number, lat: number];
}

/** A corner is wanted more than the line beside it, so it may be farther from the pointer. */
export const CORNER_REACH_PX = 14;
export const LINE_REACH_PX = 9;

export function snapOf(pointer: readonly [number, number], candidates: readonly Candidate[]): Snap | null {
  let corner: Snap | null = null;
  let line: Snap | null = null;
  let [cornerPx, linePx] = [CORNER_REACH_PX, LINE_REACH_PX];
  for (const { target, points, places, cornersOnly } of candidates) {
    for (const [at, point] of points.entries()) {
      const px = Math.hypot(point[0] - pointer[0], point[1] - pointer[1]);
      if (px < cornerPx) {
        cornerPx = px;
        corner = { target: target === "street" ? "street" : "vertex", place: [...places[at]!] };
      }
      const before = points[at - 1];
      if (!before || cornersOnly) continue;
      const share = shareAlong(pointer, before, point);
      const [x, y] = [before[0] + (point[0] - before[0]) * share, before[1] + (point[1] - before[1]) * share];
      const away = Math.hypot(x - pointer[0], y - pointer[1]);
      if (away < linePx) {
        linePx = away;
        const [from, to] = [places[at - 1]!, places[at]!];
        line = { target, place: [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share] };
      }
    }
  }
  return corner ?? line;
}

function shareAlong(pointer: readonly [number, number], from: readonly [number, number], to: readonly [number, number]): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const squared = dx * dx + dy * dy;
  if (squared === 0) return 0;
  return Math.min(1, Math.max(0, ((pointer[0] - from[0]) * dx + (pointer[1] - from[1]) * dy) / squared));
}
