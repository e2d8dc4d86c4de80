// What part of the period the lanes show. Pure.

const LEAST_WINDOW_S = 60;

/** The window after a turn of the wheel: nearer or further about the pointer, never past the period. */
export function zoomed(
  [fromS, toS]: readonly [number, number],
  [firstS, lastS]: readonly [number, number],
  share: number,
  turn: number,
  pan: number,
): [number, number] | null {
  const width = toS - fromS;
  const wanted = Math.min(lastS - firstS, Math.max(LEAST_WINDOW_S, width * 1.0015 ** turn));
  const anchorS = fromS + share * width;
  const start = Math.min(Math.max(firstS, anchorS - share * wanted + pan * width), lastS - wanted);
  return wanted >= lastS - firstS ? null : [start, start + wanted];
}
