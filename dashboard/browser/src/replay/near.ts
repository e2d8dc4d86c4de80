// Each fix against the nearest exclusion zone in force at its moment (layers/replay_zones.py): the
// distance to its edge, and the chance of being inside as the judge stored it.

import { shareWords } from "../live/alerts.ts";
import type { Loaded } from "./model.ts";
import type { FixFacts } from "./track.ts";

const HEADER_BYTES = 8;

export interface Near {
  /** Metres to the edge, negative inside; NaN where no zone was in force. */
  edgeM: Float32Array;
  /** NaN where the judge stored none: nowhere near. */
  pInside: Float32Array;
  versionId: Uint32Array;
}

export function readNear(buffer: ArrayBuffer): Near {
  const n = new DataView(buffer).getUint32(0, true);
  return {
    edgeM: new Float32Array(buffer, HEADER_BYTES, n),
    pInside: new Float32Array(buffer, HEADER_BYTES + 4 * n, n),
    versionId: new Uint32Array(buffer, HEADER_BYTES + 8 * n, n),
  };
}

/** "To edge: −12 m, inside 0.93". */
export function nearWords({ near }: Loaded, fix: FixFacts): [string, string][] {
  if (!near) return [["To edge", "…"]];
  const edge = near.edgeM[fix.index]!;
  if (Number.isNaN(edge)) return [["To edge", "no exclusion zone in force"]];
  const p = near.pInside[fix.index]!;
  const metres = Math.abs(edge) >= 1000 ? `${(Math.abs(edge) / 1000).toFixed(1)} km` : `${Math.abs(edge).toFixed(0)} m`;
  const where = edge <= 0 ? `−${metres}, inside the line` : `${metres}, outside`;
  return [
    ["To edge", where],
    ["P(inside)", Number.isNaN(p) ? "none stored: nowhere near" : shareWords(p)],
  ];
}
