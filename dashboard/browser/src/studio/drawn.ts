// Between the drawing tool's features and our parts: which ring is which, and lengths beside it. Pure.

import type { Feature, LineString } from "geojson";
import type { GeoJSONStoreFeatures } from "terra-draw";
import { circleOf, metresBetween, type Position, type Ring, type Segment } from "./geometry.ts";
import { feature } from "./layers.ts";
import { aCorridor, circleFrom, closed, type Part } from "./shape.ts";

export function idOf(part: number, ring: number): string {
  return `ring-${part}-${ring}`;
}

export function placeOf(id: string): { part: number; ring: number } | null {
  const found = /^ring-(\d+)-(\d+)$/.exec(id);
  return found && { part: Number(found[1]), ring: Number(found[2]) };
}

export function featuresOf(part: Part, number: number): GeoJSONStoreFeatures[] {
  if (part.how === "corridor") {
    const geometry: LineString = { type: "LineString", coordinates: part.line! };
    return [{ type: "Feature", id: idOf(number, 0), geometry, properties: { mode: "corridor" } }];
  }
  return part.rings.map((ring, at) => ({
    type: "Feature",
    id: idOf(number, at),
    geometry: { type: "Polygon", coordinates: [ring] },
    properties: { mode: part.how },
  }));
}

export function ringAt(parts: readonly Part[], { part, ring }: { part: number; ring: number }): readonly Position[] | null {
  const found = parts[part];
  return found ? (found.how === "corridor" ? found.line! : (found.rings[ring] ?? null)) : null;
}

export function rebuilt(old: Part, ring: number, positions: Position[]): Part {
  if (old.how === "corridor") return aCorridor(positions, old.width_m!);
  if (old.how === "circle") return circleFrom(closed(positions));
  return { ...old, rings: old.rings.with(ring, closed(positions)) };
}

export function isEqual(here: readonly Position[], there: readonly Position[]): boolean {
  return here.length === there.length && firstDifference(here, there) === here.length;
}

export function firstDifference(here: readonly Position[], there: readonly Position[]): number {
  const at = there.findIndex((each, index) => each[0] !== here[index]?.[0] || each[1] !== here[index]?.[1]);
  return at < 0 ? there.length : at;
}

export function withoutRepeats(line: Position[]): Position[] {
  return line.filter((each, at) => at === 0 || each[0] !== line[at - 1]![0] || each[1] !== line[at - 1]![1]);
}

export function label(at: Position, words: string): Feature {
  return feature("length", { type: "Point", coordinates: at }, { words });
}

/** The lengths to write beside what is being drawn or moved: of the edges that change. */
export function lengthsOf(mode: string, positions: Position[], before: readonly Position[] | null, isNew: boolean): Feature[] {
  if (mode === "circle") {
    const { centre, radiusM } = circleOf(positions as Ring);
    return [label(centre, `radius ${Math.round(radiusM)} m`)];
  }
  const touched = mode === "rectangle" ? [1] : before ? [firstDifference(before, positions)] : [isNew && mode !== "corridor" ? positions.length - 2 : positions.length - 1];
  const found: Segment[] = touched.flatMap((at) => {
    const isRing = mode !== "corridor";
    const previous = positions[at - 1] ?? (isRing ? positions[positions.length - 2] : undefined);
    const next = positions[at + 1];
    const here = positions[at];
    if (!here) return [];
    return [...(previous ? [[previous, here] as Segment] : []), ...(next ? [[here, next] as Segment] : [])];
  });
  // While a shape is begun two of its corners lie under the hand: that edge has no length to tell.
  return found.filter(([from, to]) => metresBetween(from, to) >= 0.5).map(([from, to]) => label([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2], `${Math.round(metresBetween(from, to))} m`));
}
