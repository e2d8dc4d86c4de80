// Which alerts a wall shows, and how urgently. Pure.

import { ageS, type AlertRow } from "../live/alerts.ts";

export const MOST_CARDS = 6;
/** From then on the card says that nobody has taken it. */
export const NOT_TAKEN_AFTER_S = 15;
/** From then on it also grows. */
export const GROWS_AFTER_S = 30;

export interface Card {
  row: AlertRow;
  isNotTaken: boolean;
  isGrown: boolean;
}

/** The most urgent six; a small wall shows no P3 while there is anything worse. */
export function cardsOf(open: readonly AlertRow[], nowS: number): Card[] {
  return open.slice(0, MOST_CARDS).map((row) => {
    const isWaiting = row.state === "new" && row.priority < 3;
    const age = ageS(row, nowS);
    return {
      row,
      // At 15 s and at 30 s exactly it has waited long enough.
      isNotTaken: isWaiting && age >= NOT_TAKEN_AFTER_S,
      isGrown: isWaiting && age >= GROWS_AFTER_S,
    };
  });
}
