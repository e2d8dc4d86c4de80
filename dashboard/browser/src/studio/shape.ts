// What is being drawn: parts, each of the sort it was drawn as, so that a circle stays a circle.
// Pure; every function gives new parts and leaves the old ones for undo.

import {
  areaM2,
  circleOf,
  circleRing,
  crossings,
  isClosed,
  isInside,
  lengthM,
  type Position,
  type Ring,
  ringsMeet,
  rounded,
  type Segment,
  shifted,
} from "./geometry.ts";

export type How = "polygon" | "rectangle" | "circle" | "corridor";

export interface Part {
  how: How;
  /** The outer ring, then holes. Of a circle its preview; of a corridor nothing. */
  rings: Ring[];
  centre?: Position;
  radius_m?: number;
  line?: Position[];
  width_m?: number;
}

/** Which corner: of a corridor `ring` is 0 and counts along its line. */
export interface Corner {
  part: number;
  ring: number;
  at: number;
}

export const MOST_VERTICES = 500;
export const MOST_RADIUS_M = 20_000;
const LEAST_RADIUS_M = 12; // 400 square metres, the least a zone may be

export function aCircle(centre: Position, radiusM: number): Part {
  const radius_m = Math.max(LEAST_RADIUS_M, Math.round(radiusM * 10) / 10);
  return { how: "circle", centre: rounded(centre), radius_m, rings: [circleRing(centre, radius_m)] };
}

export function aCorridor(line: readonly Position[], widthM: number): Part {
  return { how: "corridor", line: line.map(rounded), width_m: widthM, rings: [] };
}

export function aPolygon(ring: readonly Position[], how: "polygon" | "rectangle" = "polygon"): Part {
  return { how, rings: [closed(ring)] };
}

export function closed(ring: readonly Position[]): Ring {
  const corners = ring.map(rounded);
  return isClosed(corners) ? corners : [...corners, [...corners[0]!]];
}

/** Nine corners at uneven distances round a place that is not its middle, all of the circle inside. */
export function irregular(at: Position, radiusM: number, chance: () => number = Math.random): Part {
  const turn = chance() * 2 * Math.PI;
  const [awayM, awayAt] = [radiusM * (0.2 + 0.3 * chance()), chance() * 2 * Math.PI];
  const ring = Array.from({ length: 9 }, (_, number): Position => {
    const angle = turn + ((number + 0.35 * (chance() - 0.5)) * 2 * Math.PI) / 9;
    // Edges of nine corners come nearer to the middle than the corners do.
    const reachM = (radiusM * (1.15 + 0.45 * chance())) / Math.cos(Math.PI / 9) + awayM;
    const [east, north] = [reachM * Math.cos(angle) + awayM * Math.cos(awayAt), reachM * Math.sin(angle) + awayM * Math.sin(awayAt)];
    return shifted(at, east, north);
  });
  return aPolygon(ring);
}

/** A ring from the drawing tool as a circle of true metres. */
export function circleFrom(ring: Ring): Part {
  const { centre, radiusM } = circleOf(ring);
  return aCircle(centre, radiusM);
}

/** Corners a person set: a circle has its centre, not its 96. */
export function corners(part: Part): { corner: Omit<Corner, "part">; position: Position }[] {
  if (part.how === "corridor") {
    return (part.line ?? []).map((position, at) => ({ corner: { ring: 0, at }, position }));
  }
  if (part.how === "circle") return [{ corner: { ring: 0, at: 0 }, position: part.centre! }];
  return part.rings.flatMap((ring, number) =>
    ring.slice(0, -1).map((position, at) => ({ corner: { ring: number, at }, position })),
  );
}

export function vertexCount(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + corners(part).length, 0);
}

/** Square metres as drawn; where parts overlap, or of a corridor, the server's word is better. */
export function area(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => {
    if (part.how === "corridor") {
      const width = part.width_m ?? 0;
      return sum + lengthM(part.line ?? []) * width + (Math.PI * width * width) / 4;
    }
    if (part.how === "circle") return sum + Math.PI * part.radius_m! ** 2;
    const [outer, ...holes] = part.rings;
    return sum + areaM2(outer!) - holes.reduce((of, hole) => of + areaM2(hole), 0);
  }, 0);
}

export function perimeter(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => {
    if (part.how === "corridor") return sum + 2 * lengthM(part.line ?? []) + Math.PI * (part.width_m ?? 0);
    if (part.how === "circle") return sum + 2 * Math.PI * part.radius_m!;
    return sum + part.rings.reduce((of, ring) => of + lengthM(ring), 0);
  }, 0);
}

export function positionOf(parts: readonly Part[], { part, ring, at }: Corner): Position | null {
  const found = parts[part];
  if (!found) return null;
  if (found.how === "corridor") return found.line?.[at] ?? null;
  if (found.how === "circle") return found.centre ?? null;
  return found.rings[ring]?.[at] ?? null;
}

/** With this corner elsewhere. A circle moves as a whole; a rectangle becomes a polygon. */
export function moved(parts: readonly Part[], corner: Corner, to: Position): Part[] {
  return changed(parts, corner.part, (part) => {
    if (part.how === "circle") return aCircle(to, part.radius_m!);
    if (part.how === "corridor") return { ...part, line: part.line!.with(corner.at, rounded(to)) };
    return withRing(part, corner.ring, (open) => open.with(corner.at, rounded(to)));
  });
}

export function movedBy(parts: readonly Part[], corner: Corner, eastM: number, northM: number): Part[] {
  const from = positionOf(parts, corner);
  return from ? moved(parts, corner, shifted(from, eastM, northM)) : [...parts];
}

/** With a corner more, half way to the next one. */
export function inserted(parts: readonly Part[], { part, ring, at }: Corner): Part[] {
  return changed(parts, part, (old) => {
    if (old.how === "circle") return old;
    if (old.how === "corridor") {
      const line = old.line!;
      const next = line[at + 1] ?? line[at - 1]!;
      return { ...old, line: line.toSpliced(at + (at + 1 < line.length ? 1 : 0), 0, half(line[at]!, next)) };
    }
    return withRing(old, ring, (open) => open.toSpliced(at + 1, 0, half(open[at]!, open[(at + 1) % open.length]!)));
  });
}

/** Without this corner; a ring of three loses itself, and an outer ring its part. */
export function removed(parts: readonly Part[], { part, ring, at }: Corner): Part[] {
  const old = parts[part];
  if (!old) return [...parts];
  if (old.how === "circle" || (old.how === "corridor" && old.line!.length <= 2)) return parts.toSpliced(part, 1);
  if (old.how === "corridor") return parts.with(part, { ...old, line: old.line!.toSpliced(at, 1) });
  if (old.rings[ring]!.length > 4) return changed(parts, part, (each) => withRing(each, ring, (open) => open.toSpliced(at, 1)));
  if (ring === 0) return parts.toSpliced(part, 1);
  return parts.with(part, { ...old, rings: old.rings.toSpliced(ring, 1) });
}

/** With a hole in the part it lies in; null where it lies in none. */
export function withHole(parts: readonly Part[], ring: readonly Position[]): Part[] | null {
  const hole = closed(ring);
  const at = parts.findIndex((part) => part.how !== "corridor" && hole.every((corner) => isInside(corner, part.rings[0]!)));
  if (at < 0) return null;
  const old = parts[at]!;
  // A circle with a hole is a circle no longer: only a polygon can have one.
  return parts.with(at, { how: "polygon", rings: [...old.rings, hole] });
}

/** The whole part moved as its outer ring was. */
export function dragged(part: Part, from: Position, to: Position): Part {
  const [lon, lat] = [to[0] - from[0], to[1] - from[1]];
  const move = (each: Position): Position => rounded([each[0] + lon, each[1] + lat]);
  return { ...part, rings: part.rings.map((ring) => ring.map(move)) };
}

export interface Fault {
  words: string;
  at: Segment[];
}

/** Why these parts cannot be a zone; null where the browser sees no reason. */
export function faultOf(parts: readonly Part[]): Fault | null {
  for (const part of parts) {
    if (part.how === "circle" && part.radius_m! > MOST_RADIUS_M) return { words: `A circle has a radius of at most ${MOST_RADIUS_M / 1000} km.`, at: edges(part.rings[0]!) };
    if (part.how === "circle") continue;
    // A rectangle of two clicks on one place, a line that leads nowhere.
    const flat = part.line ? different(part.line) < 2 && part.line : part.rings.find((ring) => different(ring) < 3);
    if (flat) return { words: "That is no shape yet: it has no width. Draw it larger.", at: edges([...flat]) };
    if (part.how === "corridor") continue;
    for (const ring of part.rings) {
      const found = crossings(ring);
      if (found.length) return { words: "The outline crosses itself here. The last good outline is kept.", at: found.flat() };
    }
    const [outer, ...holes] = part.rings;
    for (const [number, hole] of holes.entries()) {
      const met = [outer!, ...holes.slice(0, number)].flatMap((ring) => ringsMeet(hole, ring));
      if (met.length) return { words: "A hole touches another edge here. The last good outline is kept.", at: met.flat() };
      if (!isInside(hole[0]!, outer!)) return { words: "A hole lies outside its zone. The last good outline is kept.", at: edges(hole) };
    }
  }
  return null;
}

function different(positions: readonly Position[]): number {
  return new Set(positions.map(String)).size;
}

export function edges(ring: Ring): Segment[] {
  return ring.slice(1).map((to, at) => [ring[at]!, to]);
}

/** Every position there is, to frame the map by. */
export function allPositions(parts: readonly Part[]): Position[] {
  return parts.flatMap((part) => [...part.rings.flat(), ...(part.line ?? [])]);
}

function changed(parts: readonly Part[], at: number, change: (part: Part) => Part): Part[] {
  const old = parts[at];
  return old ? parts.with(at, change(old)) : [...parts];
}

function withRing(part: Part, ring: number, change: (open: Position[]) => Position[]): Part {
  const open = change(part.rings[ring]!.slice(0, -1));
  return { how: "polygon", rings: part.rings.with(ring, closed(open)) };
}

function half(here: Position, there: Position): Position {
  return rounded([(here[0] + there[0]) / 2, (here[1] + there[1]) / 2]);
}
