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

/** The six most urgent. */
export function cardsOf(open: readonly AlertRow[], nowS: number): Card[] {
  let grown = 0;
  return open.slice(0, MOST_CARDS).map((row) => {
    const isWaiting = row.state === "new" && row.priority < 3;
    const age = ageS(row, nowS);
    const isGrown = isWaiting && age >= GROWS_AFTER_S && grown < MOST_GROWN;
    if (isGrown) grown += 1;
    return {
      row,
      // At 15 s exactly, and at 30 s, it has waited long enough.
      isNotTaken: isWaiting && age >= NOT_TAKEN_AFTER_S,
      isGrown,
    };
  });
}
