// What of a zone is drawn on the studio's map, role by role; how each role looks is in layers.ts.

import type { Feature, MultiPolygon } from "geojson";
import type { Compare, Hit } from "./answers.ts";
import type { Studio } from "./controller.ts";
import { lengthM, type Position } from "./geometry.ts";
import { feature, pixelsAtZero } from "./layers.ts";
import type { StudioMap } from "./studio_map.ts";
import { positionsOf, squareMetres } from "./words.ts";

/** Draws the zone as it is now, in every role it has on the map. */
export function drawShapes(map: StudioMap, studio: Studio): void {
  const { door, p95M, compare, compared } = studio;
  const { live, corridorM } = studio.hand;
  // Of two versions that are compared the map shows these two and not the draft.
  const session = compared ? null : studio.session;
  const parts = session ? studio.parts : [];
  const closed = parts.filter((part) => part.rings.length);
  // Only the server knows a corridor's outline: until it has answered, the width alone is drawn.
  const whole = session?.saving === "saved" && !live ? session.draft.shape : null;
  const corridors = parts.filter((part) => part.line);
  const isWhole = corridors.length > 0 && whole !== null;
  const shape: MultiPolygon = isWhole ? whole : { type: "MultiPolygon", coordinates: closed.map((part) => part.rings) };
  const top = positionsOf(shape).reduce<Position | null>((highest, each) => (highest && highest[1] >= each[1] ? highest : each), null);
  map.draw("draft", top ? [feature("draft", shape)] : []);
  map.draw("label", top ? [feature("label", { type: "Point", coordinates: top }, { words: "DRAFT" })] : []);
  map.draw("corridor", isWhole ? [] : corridors.map((part) => lineOnGround("corridor", part.line!, part.width_m ?? corridorM)));
  if (live) map.draw("chosen", []);
  const ring = whole && session!.draft.ring;
  map.draw("buffer", ring ? [feature("buffer", ring)] : []);
  const [before, now] = compared ? [compare?.before, compare?.now] : session ? [studio.base?.shape, null] : [null, studio.shown?.shape];
  map.draw("ghost", before ? [feature("ghost", before)] : []);
  map.draw("own", now ? [feature("own", now)] : []);
  const theirs = session?.theirs?.shape;
  map.draw("theirs", theirs ? [feature("theirs", theirs)] : []);
  map.draw("door", door?.place ? [feature("door", { type: "Point", coordinates: door.place })] : []);
  map.draw("halo", p95M ? closed.flatMap((part) => part.rings.map((ring) => lineOnGround("halo", ring, 2 * p95M))) : []);
}

/** What one of two versions has and the other has not. */
export function drawCompare(map: StudioMap, compare: Compare | null): void {
  map.draw("added", areaFeatures("added", compare?.added ?? null, `+ ${squareMetres(compare?.added_m2 ?? 0)}`));
  map.draw("removed", areaFeatures("removed", compare?.removed ?? null, `− ${squareMetres(compare?.removed_m2 ?? 0)}`));
}

export function drawHits(map: StudioMap, hits: readonly Hit[], chosen: Hit | null): void {
  const point = (role: "hit" | "hit-chosen", { lon, lat }: Hit) => feature(role, { type: "Point", coordinates: [lon, lat] });
  map.draw("hit", hits.map((hit) => point("hit", hit)));
  map.draw("hit-chosen", chosen ? [point("hit-chosen", chosen)] : []);
}

function areaFeatures(role: "added" | "removed", shape: MultiPolygon | null, words: string): Feature[] {
  // Only the largest piece is labelled: the figure is of all of them.
  const pieces = (shape?.coordinates ?? []).map((rings) => ({ rings, size: lengthM(rings[0] as Position[]) }));
  const largest = Math.max(...pieces.map(({ size }) => size));
  return pieces.map(({ rings, size }) => feature(role, { type: "Polygon", coordinates: rings }, { words: size === largest ? words : "" }));
}

function lineOnGround(role: "corridor" | "halo", line: readonly Position[], widthM: number): Feature {
  return feature(role, { type: "LineString", coordinates: [...line] }, { px0: pixelsAtZero(widthM, line[0]?.[1] ?? 0) });
}
