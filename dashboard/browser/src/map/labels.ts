// Words beside the few marks that need them: selected, alerted, stale. Never more than 200.

import type { FeatureCollection } from "geojson";
import type { LayerSpecification } from "maplibre-gl";
import { Role, TagState, type TagStore } from "../live/tags.ts";
import { FAINT_SHARE } from "./shaders.ts";
import type { Tokens } from "./tokens.ts";

export const MOST_LABELS = 200;
const AGE_FROM_S = 30;
/** A CSS font: with no glyph files in the style the browser draws the letters itself. */
const FONT = ["Inter"];

export function labelLayers(tokens: Tokens, sizePx: number, factor = 1): LayerSpecification[] {
  const layer = (id: string, isUrgent: boolean): LayerSpecification => ({
    id,
    type: "symbol",
    source: "labels",
    filter: ["==", ["get", "urgent"], isUrgent],
    layout: {
      "text-field": ["get", "text"],
      "text-font": FONT,
      "text-size": sizePx,
      "text-variable-anchor": ["left", "right", "bottom", "top"],
      "text-radial-offset": 1.1,
      "text-justify": "auto",
      "text-max-width": 16,
      // What is alerted must be readable even when it covers something calm.
      "text-allow-overlap": isUrgent,
      "symbol-sort-key": ["get", "order"],
    },
    paint: {
      "text-opacity": ["case", ["boolean", ["get", "faint"], false], FAINT_SHARE, 1],
      "text-color": isUrgent ? tokens.text : tokens.text2,
      "text-halo-color": tokens.mapField,
      "text-halo-width": 2 * factor,
    },
  });
  return [layer("vigil-label-stale", false), layer("vigil-label-urgent", true)];
}

/** "12 s", "4 min", "2 h", "3 d": the age of a fix, cut, never rounded up. */
export function fixAgeWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 48 * 3600) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86400)} d`;
}

const STATE_WORDS: Record<number, string> = {
  [TagState.IN_BUFFER]: "in buffer",
  [TagState.POSSIBLY_INSIDE]: "possibly inside",
  [TagState.INSIDE]: "inside",
};

export function stateWords(state: number): string {
  return STATE_WORDS[state] ?? "clear";
}

export interface LabelWishes {
  nowS: number;
  /** Age from which each row is stale. */
  limits: Float32Array;
  /** The picture itself is old: every mark says its age. */
  isOld: boolean;
  /** A wall's words are large, so they are few: codes and minutes of what is alerted. */
  isShort: boolean;
  /** These keep their full colour; null: all do. */
  lit: ReadonlySet<number> | null;
  selectedId: number | null;
  codeOf(id: number): string | null;
  /** What is open about this tag, in words; null for nothing. */
  titleOf(id: number): string | null;
  /** How soon at the victim, in words; empty for unknown. */
  minutesOf(id: number): string;
}

/** The labels to draw, the most urgent kept when there are too many. */
export function labelFeatures(tags: TagStore, wishes: LabelWishes): FeatureCollection {
  // Five lists of rows instead of one sorted list of objects: there may be 20,000 rows to look through.
  const ranks: number[][] = [[], [], [], [], []];
  for (let slot = 0; slot < tags.count; slot++) {
    const rank = rankOf(tags, slot, wishes);
    if (rank >= 0 && ranks[rank]!.length < MOST_LABELS) ranks[rank]!.push(slot);
  }
  const features: FeatureCollection["features"] = [];
  ranks.forEach((slots, rank) => {
    for (const slot of slots) {
      if (features.length >= MOST_LABELS) return;
      features.push({
        type: "Feature",
        properties: {
          text: labelText(tags, slot, wishes),
          urgent: rank < 4,
          order: rank,
          faint: rank > 0 && wishes.lit !== null && !wishes.lit.has(tags.ids[slot]!),
        },
        geometry: { type: "Point", coordinates: [tags.lon(slot), tags.lat(slot)] },
      });
    }
  });
  return { type: "FeatureCollection", features };
}

function rankOf(tags: TagStore, slot: number, wishes: LabelWishes): number {
  if (tags.ids[slot] === wishes.selectedId) return 0;
  const state = tags.state[slot]!;
  if (state > TagState.CLEAR) return 4 - state;
  if (wishes.isShort) return wishes.titleOf(tags.ids[slot]!) === null ? -1 : 4;
  return wishes.isOld || wishes.nowS - tags.fixedAtS[slot]! > wishes.limits[slot]! ? 4 : -1;
}

function labelText(tags: TagStore, slot: number, wishes: LabelWishes): string {
  const parts: string[] = [];
  const code = wishes.codeOf(tags.ids[slot]!);
  const isVictim = tags.role[slot] === Role.VICTIM;
  if (code) parts.push(isVictim ? `${code} victim` : code);
  const minutes = isVictim ? "" : wishes.minutesOf(tags.ids[slot]!);
  // A victim's state is that of the pair: somebody nears her, and she breaks no rule.
  const state = tags.state[slot]!;
  if (state > TagState.CLEAR && !isVictim && !wishes.isShort) {
    // The state says how near, not to what: "possibly inside" may be a zone or a victim's circle.
    parts.push(wishes.titleOf(tags.ids[slot]!) ?? stateWords(state));
  }
  if (minutes) parts.push(minutes);
  const ageS = wishes.nowS - tags.fixedAtS[slot]!;
  // A fresh fix needs no age, and a count of seconds would have every label drawn again each second.
  if (ageS >= AGE_FROM_S) parts.push(fixAgeWords(ageS < 60 ? ageS - (ageS % 10) : ageS));
  return parts.join(" · ");
}
