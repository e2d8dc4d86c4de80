// Distances and rings on the map. Pure: degrees in, metres and words out.

export type Place = readonly [lon: number, lat: number];

const EARTH_M = 6_371_008.8;
export const RING_MINUTES = [1, 3, 5] as const;

/** Along the ground, in metres, on a round earth: within half a percent. */
export function metresBetween(here: Place, there: Place): number {
  const radians = Math.PI / 180;
  const dLat = (there[1] - here[1]) * radians;
  const dLon = (there[0] - here[0]) * radians;
  const half =
    Math.sin(dLat / 2) ** 2 +
    Math.cos(here[1] * radians) * Math.cos(there[1] * radians) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(half)));
}

export function lengthM(places: readonly Place[]): number {
  return places.slice(1).reduce((sum, place, index) => sum + metresBetween(places[index]!, place), 0);
}

export function metreWords(metres: number): string {
  return metres < 995 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(metres < 9950 ? 2 : 1)} km`;
}

export function paceWords(mps: number): string {
  return `${Math.round(mps * 3.6)} km/h`;
}

/** The place so many metres to the north: for how many pixels a metre has there. */
export function northOf(place: Place, metres: number): Place {
  return [place[0], place[1] + (metres / EARTH_M) * (180 / Math.PI)];
}
