// Where the camera should look. Pure: given what is in view and what is wanted, move or stay.

export type Bounds = [west: number, south: number, east: number, north: number];

/** A wall moves at most once in ten seconds. */
export const WALL_REST_MS = 10_000;
/** About 1:5,000 on a desk screen: closer would show which door is a victim's. */
export const CLOSEST_ZOOM = 16;

export function boundsOf(points: Iterable<readonly [number, number]>): Bounds | null {
  let bounds: Bounds | null = null;
  for (const [lon, lat] of points) {
    if (!bounds) bounds = [lon, lat, lon, lat];
    else {
      bounds = [
        Math.min(bounds[0], lon),
        Math.min(bounds[1], lat),
        Math.max(bounds[2], lon),
        Math.max(bounds[3], lat),
      ];
    }
  }
  return bounds;
}

export function join(here: Bounds | null, there: Bounds | null): Bounds | null {
  if (!here || !there) return here ?? there;
  return [
    Math.min(here[0], there[0]),
    Math.min(here[1], there[1]),
    Math.max(here[2], there[2]),
    Math.max(here[3], there[3]),
  ];
}

/** Whether all of `wanted` can be seen, with a margin as a share of the view on each side. */
export function isVisible(wanted: Bounds, view: Bounds, margin = 0.06): boolean {
  const marginLon = (view[2] - view[0]) * margin;
  const marginLat = (view[3] - view[1]) * margin;
  return (
    wanted[0] >= view[0] + marginLon &&
    wanted[2] <= view[2] - marginLon &&
    wanted[1] >= view[1] + marginLat &&
    wanted[3] <= view[3] - marginLat
  );
}

/** Too small to be read: less than this share of the view in both directions. */
export function isTiny(wanted: Bounds, view: Bounds, share = 0.02): boolean {
  return (
    wanted[2] - wanted[0] < (view[2] - view[0]) * share && wanted[3] - wanted[1] < (view[3] - view[1]) * share
  );
}

/** All coordinates of any GeoJSON geometry's `coordinates`. */
export function* positions(coordinates: unknown): Generator<[number, number]> {
  if (!Array.isArray(coordinates)) return;
  if (typeof coordinates[0] === "number") yield coordinates as [number, number];
  else for (const part of coordinates) yield* positions(part);
}
