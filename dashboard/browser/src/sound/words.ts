// What the voice says after a first alert's burst: priority, case code, minutes. Pure.
//
// Never a name, a zone or a street: a room has visitors, and a desk a telephone off the hook.

import type { AlertRow } from "../live/alerts.ts";

const DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
/** A code is read sign by sign; what is longer than that is no code. */
const MOST_SIGNS = 12;
/** So many letters in a row may be a word, and a word may be a name. */
const WORD = /\p{L}{3,}/gu;
/** More cases in one sentence nobody keeps apart. */
const MOST_CASES = 2;
/** Beyond it minutes are no hurry to be told of. */
const MOST_MINUTES = 60;

/** "Priority one. Case zero one four two. 2 minutes." for alerts that share a burst. */
export function spokenWords(rows: readonly AlertRow[]): string {
  const soonest = [...rows].sort((here, there) => minutesOf(here) - minutesOf(there));
  const said = soonest.slice(0, MOST_CASES).map((row) => `${caseWords(row.case_code)}${minutesWords(row)}`);
  const more = rows.length - said.length;
  return ["Priority one.", ...said, ...(more > 0 ? [`And ${more} more.`] : [])].join(" ");
}

function caseWords(code: string | null): string {
  const signs = (code ?? "").replace(WORD, "").replace(/[^0-9a-z]/gi, "").slice(0, MOST_SIGNS);
  if (!signs) return "No case.";
  return `Case ${[...signs].map((sign) => DIGITS[Number(sign)] ?? sign.toUpperCase()).join(" ")}.`;
}

function minutesOf(row: AlertRow): number {
  return row.minutes_to_contact ?? Infinity;
}

function minutesWords(row: AlertRow): string {
  // A lower bound: cut, never rounded up.
  const minutes = Math.floor(minutesOf(row));
  if (minutes > MOST_MINUTES) return "";
  return minutes < 1 ? " Less than 1 minute." : ` ${minutes} minute${minutes === 1 ? "" : "s"}.`;
}
