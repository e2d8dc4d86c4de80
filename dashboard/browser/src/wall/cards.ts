// Which alerts a wall shows, and how urgently. Pure.

import { ageS, type AlertRow } from "../live/alerts.ts";

export const MOST_CARDS = 6;
/** From then on the card says that nobody has taken it. */
export const NOT_TAKEN_AFTER_S = 15;
/** From then on it also grows; not more than two at once, or the others fall off the wall. */
export const GROWS_AFTER_S = 30;
export const MOST_GROWN = 2;

export interface Card {
  row: AlertRow;
  isNotTaken: boolean;
  isGrown: boolean;
}

/** The six most urgent; where the wall has no room for that, fewer of them large, then fewer. */
export function cardsOf(open: readonly AlertRow[], nowS: number, tightness = 0): Card[] {
  const mostGrown = tightness > 0 ? 1 : MOST_GROWN;
  const mostCards = Math.max(1, MOST_CARDS - Math.max(0, tightness - 1));
  let grown = 0;
  return open.slice(0, mostCards).map((row) => {
    const isWaiting = row.state === "new" && row.priority < 3;
    const age = ageS(row, nowS);
    // What has ended still wants a hand, but not the room of what goes on.
    const isGrown = isWaiting && row.cleared_at === null && age >= GROWS_AFTER_S && grown < mostGrown;
    if (isGrown) grown += 1;
    return {
      row,
      // At 15 s exactly, and at 30 s, it has waited long enough.
      isNotTaken: isWaiting && age >= NOT_TAKEN_AFTER_S,
      isGrown,
    };
  });
}
