// Streets for the palette: asked of our own server, which finds them in the imported base map.

import { shownMap } from "../map/shown.ts";
import type { Choice, Street } from "./choices.ts";

const LEAST_LETTERS = 3;

/** Posted, not put into an address: what somebody types may be where she lives. */
export async function streetsFor(typed: string, signal: AbortSignal): Promise<Choice[]> {
  if (typed.trim().length < LEAST_LETTERS) return [];
  const centre = shownMap()?.map.getCenter();
  try {
    const answer = await fetch("/find-street", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ words: typed.slice(0, 100), near: centre ? [centre.lng, centre.lat] : null }),
      signal,
    });
    if (!answer.ok) return [];
    const { streets } = (await answer.json()) as { streets: Street[] };
    return streets.map((street, index) => ({
      id: `street-${index}`,
      kind: "street",
      words: street.name,
      hint: `street, ${street.source}`,
      street,
    }));
  } catch {
    return [];
  }
}
