// Measures on the ground for the editor: what a person reads while drawing. PostGIS measures again
// and decides. Lon before lat, EPSG:4326; metres on WGS 84 by the radii of curvature at the place,
// which within 10 km of it holds to a few millimetres a kilometre.

export type Position = [lon: number, lat: number];
/** Closed: the first position again at the end. */
export type Ring = Position[];

const EQUATOR_M = 6_378_137;
const ECCENTRICITY_2 = 0.00669437999014;
const CIRCLE_STEPS = 96;
const DIGITS = 1e7; // 1.1 cm; terra-draw refuses more than nine decimals

export interface Scale {
  /** Metres of one degree of longitude and of latitude at this latitude. */
  lonM: number;
  latM: number;
}

export function scaleAt(lat: number): Scale {
  const phi = (lat * Math.PI) / 180;
  const bend = 1 - ECCENTRICITY_2 * Math.sin(phi) ** 2;
  const across = EQUATOR_M / Math.sqrt(bend);
  const along = (EQUATOR_M * (1 - ECCENTRICITY_2)) / bend ** 1.5;
  return { lonM: (across * Math.cos(phi) * Math.PI) / 180, latM: (along * Math.PI) / 180 };
}

export function rounded([lon, lat]: readonly number[]): Position {
  return [Math.round(lon! * DIGITS) / DIGITS, Math.round(lat! * DIGITS) / DIGITS];
}

export function metresBetween(here: Position, there: Position): number {
  const scale = scaleAt((here[1] + there[1]) / 2);
  return Math.hypot((there[0] - here[0]) * scale.lonM, (there[1] - here[1]) * scale.latM);
}

/** The place so many metres east and north of another. */
export function shifted(from: Position, eastM: number, northM: number): Position {
  const scale = scaleAt(from[1]);
  return rounded([from[0] + eastM / scale.lonM, from[1] + northM / scale.latM]);
}

export function lengthM(line: readonly Position[]): number {
  let total = 0;
  for (let at = 1; at < line.length; at++) total += metresBetween(line[at - 1]!, line[at]!);
  return total;
}

/** Square metres inside a closed ring, whichever way it runs. */
export function areaM2(ring: Ring): number {
  if (ring.length < 4) return 0;
  const origin = ring[0]!;
  const scale = scaleAt(middle(ring)[1]);
  let twice = 0;
  for (let at = 1; at < ring.length; at++) {
    const [x1, y1] = [(ring[at - 1]![0] - origin[0]) * scale.lonM, (ring[at - 1]![1] - origin[1]) * scale.latM];
    const [x2, y2] = [(ring[at]![0] - origin[0]) * scale.lonM, (ring[at]![1] - origin[1]) * scale.latM];
    twice += x1 * y2 - x2 * y1;
  }
  return Math.abs(twice) / 2;
}

/** The middle of a ring's corners, its closing one not counted twice. */
export function middle(ring: Ring): Position {
  const corners = isClosed(ring) ? ring.slice(0, -1) : ring;
  const sum = corners.reduce<[number, number]>(([lon, lat], each) => [lon + each[0], lat + each[1]], [0, 0]);
  return [sum[0] / corners.length, sum[1] / corners.length];
}

export function isClosed(ring: readonly Position[]): boolean {
  const [first, last] = [ring[0], ring.at(-1)];
  return ring.length > 1 && first![0] === last![0] && first![1] === last![1];
}

/** A ring every corner of which lies `radiusM` from the centre. */
export function circleRing(centre: Position, radiusM: number, steps = CIRCLE_STEPS): Ring {
  const ring: Ring = [];
  for (let step = 0; step < steps; step++) {
    const angle = (2 * Math.PI * step) / steps;
    ring.push(shifted(centre, radiusM * Math.cos(angle), radiusM * Math.sin(angle)));
  }
  ring.push([...ring[0]!]);
  return ring;
}

/** Centre and radius that a drawn ring stands for: read from the ring, for what the drawing tool
    says of them is not updated when it is resized. */
export function circleOf(ring: Ring): { centre: Position; radiusM: number } {
  const centre = rounded(middle(ring));
  const corners = ring.slice(0, -1);
  const radiusM = corners.reduce((sum, corner) => sum + metresBetween(centre, corner), 0) / corners.length;
  return { centre, radiusM: Math.round(radiusM * 10) / 10 };
}

/** Where the segment comes nearest to the point. */
export function nearestOnSegment(point: Position, from: Position, to: Position): Position {
  const scale = scaleAt(point[1]);
  const [dx, dy] = [(to[0] - from[0]) * scale.lonM, (to[1] - from[1]) * scale.latM];
  const squared = dx * dx + dy * dy;
  if (squared === 0) return from;
  const along = ((point[0] - from[0]) * scale.lonM * dx + (point[1] - from[1]) * scale.latM * dy) / squared;
  const share = Math.min(1, Math.max(0, along));
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

/** Metres from a point to the nearest edge, inside or out; Infinity without an edge. */
export function metresToEdge(point: Position, rings: readonly Ring[]): number {
  let least = Infinity;
  for (const ring of rings) {
    for (let at = 1; at < ring.length; at++) {
      least = Math.min(least, metresBetween(point, nearestOnSegment(point, ring[at - 1]!, ring[at]!)));
    }
  }
  return least;
}

/** Whether the point lies inside; on the edge it may come out either way. */
export function isInside(point: Position, ring: Ring): boolean {
  let inside = false;
  for (let at = 0, before = ring.length - 1; at < ring.length; before = at++) {
    const [here, there] = [ring[at]!, ring[before]!];
    const crosses = here[1] > point[1] !== there[1] > point[1];
    if (crosses && point[0] < ((there[0] - here[0]) * (point[1] - here[1])) / (there[1] - here[1]) + here[0]) inside = !inside;
  }
  return inside;
}

export type Segment = [Position, Position];

/** The pairs of edges of a ring that cross or lie on each other; empty for a ring that is simple.
    An open line (`isRing` false) is looked at without an edge from its end to its start. */
export function crossings(line: readonly Position[], isRing = true): [Segment, Segment][] {
  const edges: Segment[] = [];
  for (let at = 1; at < line.length; at++) {
    if (!isSame(line[at - 1]!, line[at]!)) edges.push([line[at - 1]!, line[at]!]);
  }
  const found: [Segment, Segment][] = [];
  for (let here = 0; here < edges.length; here++) {
    for (let there = here + 1; there < edges.length; there++) {
      const areNeighbours = there === here + 1 || (isRing && here === 0 && there === edges.length - 1);
      const [earlier, later] = [edges[here]!, edges[there]!];
      if (areNeighbours ? foldsBack(earlier, later) : crosses(earlier, later)) found.push([earlier, later]);
    }
  }
  return found;
}

/** Whether edges of two rings meet: a hole may not touch the edge of its zone. */
export function ringsMeet(here: Ring, there: Ring): [Segment, Segment][] {
  const found: [Segment, Segment][] = [];
  for (let at = 1; at < here.length; at++) {
    for (let other = 1; other < there.length; other++) {
      const pair: [Segment, Segment] = [[here[at - 1]!, here[at]!], [there[other - 1]!, there[other]!]];
      if (crosses(...pair)) found.push(pair);
    }
  }
  return found;
}

function crosses([from, to]: Segment, [start, end]: Segment): boolean {
  const sides = [side(from, to, start), side(from, to, end), side(start, end, from), side(start, end, to)];
  if (sides[0]! * sides[1]! < 0 && sides[2]! * sides[3]! < 0) return true;
  return (
    (sides[0] === 0 && isBetween(from, to, start)) ||
    (sides[1] === 0 && isBetween(from, to, end)) ||
    (sides[2] === 0 && isBetween(start, end, from)) ||
    (sides[3] === 0 && isBetween(start, end, to))
  );
}

/** Neighbours share a corner; only running back over itself is a fault. */
function foldsBack(earlier: Segment, later: Segment): boolean {
  const shared = [earlier[0], earlier[1]].find((each) => isSame(each, later[0]) || isSame(each, later[1]));
  if (!shared) return crosses(earlier, later);
  const [here, there] = [other(earlier, shared), other(later, shared)];
  if (side(shared, here, there) !== 0) return false;
  return (here[0] - shared[0]) * (there[0] - shared[0]) + (here[1] - shared[1]) * (there[1] - shared[1]) > 0;
}

function other(segment: Segment, shared: Position): Position {
  return isSame(segment[0], shared) ? segment[1] : segment[0];
}

function side(from: Position, to: Position, point: Position): number {
  return Math.sign((to[0] - from[0]) * (point[1] - from[1]) - (to[1] - from[1]) * (point[0] - from[0]));
}

function isBetween(from: Position, to: Position, point: Position): boolean {
  return (
    Math.min(from[0], to[0]) <= point[0] && point[0] <= Math.max(from[0], to[0]) &&
    Math.min(from[1], to[1]) <= point[1] && point[1] <= Math.max(from[1], to[1])
  );
}

export function isSame(here: Position, there: Position): boolean {
  return here[0] === there[0] && here[1] === there[1];
}
