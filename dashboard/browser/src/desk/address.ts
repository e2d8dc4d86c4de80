// Where the desk leads: numbers of records and moments, no more.

const REPLAY_BEFORE_S = 15 * 60;

/** Where the replay of this begins: a quarter of an hour before the alert did, or before now. */
export function replayAddress(path: string, activationId: number, beganS: number): string {
  const at = new Date((beganS - REPLAY_BEFORE_S) * 1000).toISOString().replace(/\.\d+Z$/, "Z");
  return `${path}?activation=${activationId}&at=${at}`;
}
