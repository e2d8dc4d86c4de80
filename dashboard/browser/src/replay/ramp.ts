// The speed ramp of tracks: five steps whose lightness rises, so that no colour vision is needed.
// On the day map lightness falls instead: what is fast stands out from the ground in both.

import { rgb, type Theme } from "../map/tokens.ts";

/** Upper ends in km/h: still, walking, cycling, in town, faster. */
export const SPEED_ENDS_KMH = [2, 7, 25, 60] as const;

export const RAMP: Readonly<Record<Theme, readonly string[]>> = {
  night: ["#6f83b5", "#7aa6c2", "#8cc7b4", "#c4de8f", "#fff3a3"],
  day: ["#7c93b0", "#5b84a0", "#3a7279", "#2a5a3c", "#3a3a10"],
};

/** 0 to 4; a speed nobody knows is drawn as 5, in the neutral line colour. */
export function speedClass(mps: number): number {
  if (Number.isNaN(mps)) return 5;
  const kmh = mps * 3.6;
  const found = SPEED_ENDS_KMH.findIndex((end) => kmh < end);
  return found < 0 ? 4 : found;
}

export const SPEED_WORDS = [
  `under ${SPEED_ENDS_KMH[0]}`,
  `${SPEED_ENDS_KMH[0]} to ${SPEED_ENDS_KMH[1]}`,
  `${SPEED_ENDS_KMH[1]} to ${SPEED_ENDS_KMH[2]}`,
  `${SPEED_ENDS_KMH[2]} to ${SPEED_ENDS_KMH[3]}`,
  `${SPEED_ENDS_KMH[3]} and more`,
] as const;

export function rampColours(theme: Theme, unknown: string): Float32Array {
  return Float32Array.from([...RAMP[theme], unknown].flatMap(rgb));
}
