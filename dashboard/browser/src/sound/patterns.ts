// What each priority sounds like. Pure: pulses in seconds from the start of the burst.

export interface Pulse {
  atS: number;
  lengthS: number;
  hz: number;
  /** 1 is a full pulse; a soft one is less. */
  loudness: number;
}

const P1_PULSE_S = 0.15;
const P1_STEP_S = 0.25;
const P1_PAUSE_S = 0.6;
/** Between the three and the two of a group. */
const P1_BREATH_S = 0.3;

function group(atS: number): Pulse[] {
  const at = [0, P1_STEP_S, 2 * P1_STEP_S, 3 * P1_STEP_S + P1_BREATH_S, 4 * P1_STEP_S + P1_BREATH_S];
  return at.map((startS, index) => ({
    atS: atS + startS,
    lengthS: P1_PULSE_S,
    hz: index === at.length - 1 ? 880 : 660,
    loudness: 1,
  }));
}

/** P1: 3 + 2 pulses, a pause, 3 + 2 again. P2: three. P3: one, soft. */
export function burst(priority: number): Pulse[] {
  if (priority === 1) {
    const first = group(0);
    const last = first.at(-1)!;
    return [...first, ...group(last.atS + last.lengthS + P1_PAUSE_S)];
  }
  if (priority === 2) {
    return [0, 0.35, 0.7].map((atS) => ({ atS, lengthS: 0.2, hz: 523, loudness: 1 }));
  }
  return [{ atS: 0, lengthS: 0.2, hz: 392, loudness: 0.5 }];
}
