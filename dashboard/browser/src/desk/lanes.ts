// Where things lie on the strip, and what stands under its cursor. Pure.

import type { Hour, Span } from "./hour.ts";

const KMH_LEAST = 20;

/** Across the strip, 0 to 1. */
export function across(hour: Hour, atS: number): number {
  return (atS - hour.from_s) / (hour.to_s - hour.from_s);
}

/** The top of the speed lane: a round figure over the fastest, so that a walk is not drawn as a drive. */
export function topKmh(hour: Hour): number {
  const fastest = Math.max(0, ...hour.speed.map(([, kmh]) => kmh ?? 0));
  return Math.max(KMH_LEAST, Math.ceil(fastest / 10) * 10);
}

/** The speed as SVG path data in a box of this size; a gap breaks the line. */
export function speedPath(hour: Hour, width: number, height: number): string {
  const top = topKmh(hour);
  let isDown = false;
  return hour.speed
    .map(([atS, kmh]) => {
      if (kmh === null) {
        isDown = false;
        return "";
      }
      const sign = isDown ? "L" : "M";
      isDown = true;
      return `${sign}${(across(hour, atS) * width).toFixed(1)} ${(height - (kmh / top) * height).toFixed(1)}`;
    })
    .join("");
}

/** Whole ten minutes of the room's time within the hour: all zones differ by whole quarters. */
export function ticksOf(hour: Hour): number[] {
  const ticks: number[] = [];
  for (let atS = Math.ceil(hour.from_s / 600) * 600; atS <= hour.to_s; atS += 600) ticks.push(atS);
  return ticks;
}

function at(spans: readonly Span[], atS: number): string {
  return spans.find(([from, to]) => from <= atS && atS < to)?.[2] ?? spans.at(-1)?.[2] ?? "";
}

const ZONE_WORDS: Record<string, string> = {
  inside: "inside the zone",
  buffer: "in the buffer",
  outside: "outside",
  unseen: "not seen",
};

/** What is known of one moment, as words; without its time. */
export function wordsAt(hour: Hour, atS: number): string {
  if (at(hour.signal, atS) === "unseen") return `no signal (a pause of more than ${Math.round(hour.limit_s / 60)} min)`;
  const before = hour.speed.filter(([t, kmh]) => t <= atS && kmh !== null).at(-1);
  const speed = before ? `${Math.round(before[1]!)} km/h` : "";
  return [ZONE_WORDS[at(hour.zone, atS)] ?? "", speed].filter(Boolean).join(" · ") || "seen";
}
