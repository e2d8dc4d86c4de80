// Circles of true size: how far the true place may be from the mark. Round the selected tag and
// the alerted ones only.

import { mercatorPerMetre, Role, TagState, type TagStore } from "../live/tags.ts";
import { FAINT_SHARE } from "./shaders.ts";
import type { Ring } from "./tag_layer.ts";
import type { Tokens } from "./tokens.ts";

export const MOST_RINGS = 200;
/** A brisk walk and a car in town: how fast the possible place grows while a device is silent. */
const WALK_MPS = 1.4;
const CAR_MPS = 13.9;
/** Beyond an hour the ring says nothing more than "anywhere in town". */
const GROWS_FOR_S = 3600;
/** Small circles would hide the mark under their own fill. */
const FILLED_FROM_M = 50;

export interface RingWishes {
  nowS: number;
  /** Age from which each row is stale. */
  limits: Float32Array;
  selectedId: number | null;
  /** Whether something is open about this tag that is not to be seen in its state: silence. */
  isAlerted(id: number): boolean;
  /** These keep their full colour; null: all do. */
  lit: ReadonlySet<number> | null;
}

export function ringsOf(tags: TagStore, tokens: Tokens, wishes: RingWishes): Ring[] {
  const rings: Ring[] = [];
  for (let slot = 0; slot < tags.count && rings.length < MOST_RINGS; slot++) {
    const state = tags.state[slot]!;
    const id = tags.ids[slot]!;
    const isSelected = id === wishes.selectedId;
    if (!isSelected && state === TagState.CLEAR && !wishes.isAlerted(id)) continue;
    const share = wishes.lit === null || isSelected || wishes.lit.has(id) ? 1 : FAINT_SHARE;
    const radiusM = tags.radiusM[slot]!;
    const colour = colourOf(tags.role[slot]!, state, tokens);
    const ring = (metres: number, alpha: number, isDashed: boolean): Ring => ({
      x: tags.x[slot]!,
      y: tags.y[slot]!,
      radius: metres * mercatorPerMetre(tags.lat(slot)),
      colour,
      alpha: alpha * share,
      fill: metres > FILLED_FROM_M && !isDashed ? 0.06 : 0,
      isDashed,
    });
    rings.push(ring(radiusM, 0.9, false));
    const silentS = wishes.nowS - tags.fixedAtS[slot]!;
    // Where it may have gone since: on foot, and fainter by car. It grows before anything is heard again.
    if (silentS > wishes.limits[slot]!) {
      const grownS = Math.min(silentS, GROWS_FOR_S);
      rings.push(ring(radiusM + WALK_MPS * grownS, 0.9, true));
      rings.push(ring(radiusM + CAR_MPS * grownS, 0.4, true));
    }
  }
  return rings;
}

function colourOf(role: number, state: number, tokens: Tokens): string {
  if (role === Role.VICTIM) return tokens.victim;
  if (state === TagState.INSIDE) return tokens.p1;
  return state > TagState.CLEAR ? tokens.p2 : tokens.text;
}
