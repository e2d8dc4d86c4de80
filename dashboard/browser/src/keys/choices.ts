// What the palette offers for a few letters: open alerts first, then cases, zones, commands. Pure.

import { type AlertRow, whoseWords } from "../live/alerts.ts";
import { KEYS, type KeyAction, keyWords, screensHere } from "./keymap.ts";

export const MOST_CHOICES = 14;

export interface Choice {
  id: string;
  kind: "alert" | "case" | "zone" | "street" | "command" | "place";
  words: string;
  hint: string;
  alertId?: number;
  activationId?: number;
  zoneId?: number;
  action?: KeyAction;
  path?: string;
  street?: Street;
}

/** A street of the base map, as /find-street gives it; degrees. */
export interface Street {
  name: string;
  source: string;
  lon: number;
  lat: number;
  bounds: [number, number, number, number];
}

export interface Findable {
  alerts: readonly AlertRow[];
  /** Tags by id: the case they belong to and whose they are. */
  tags: Readonly<Record<string, { code: string; role: string }>>;
  zones: readonly { zoneId: number; name: string; code: string }[];
}

function everything(found: Findable): Choice[] {
  const alerts = found.alerts.map(
    (row): Choice => ({
      id: `alert-${row.alert_id}`,
      kind: "alert",
      words: `${whoseWords(row)} ${row.title}`.trim(),
      hint: `P${row.priority}${row.owner ? ` ${row.owner}` : ""}`,
      alertId: row.alert_id,
    }),
  );
  const cases = Object.entries(found.tags).map(
    ([id, tag]): Choice => ({
      id: `tag-${id}`,
      kind: "case",
      words: tag.code ? `${tag.code} ${tag.role}` : `${tag.role} without a case`,
      hint: "on the map",
      activationId: Number(id),
    }),
  );
  const zones = found.zones.map(
    (zone): Choice => ({
      id: `zone-${zone.zoneId}`,
      kind: "zone",
      words: `${zone.name} ${zone.code}`.trim(),
      hint: "zone",
      zoneId: zone.zoneId,
    }),
  );
  const commands = KEYS.filter((entry) => entry.action !== "go" && entry.action !== "palette").map(
    (entry): Choice => ({
      id: `key-${entry.action}`,
      kind: "command",
      words: entry.words,
      hint: keyWords(entry).join(" "),
      action: entry.action,
    }),
  );
  const places = screensHere().map(
    (screen): Choice => ({
      id: `place-${screen.letter}`,
      kind: "place",
      words: `Go to: ${screen.words}`,
      hint: `G ${screen.letter.toUpperCase()}`,
      path: screen.path,
    }),
  );
  return [...alerts, ...cases, ...zones, ...commands, ...places];
}

/** Choices that hold every word that was typed; those that begin with the first word come first. */
export function choicesFor(typed: string, found: Findable): Choice[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const all = everything(found).filter((choice) => {
    const text = `${choice.words} ${choice.hint} ${choice.kind}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const begins = (choice: Choice) => Number(!choice.words.toLowerCase().startsWith(words[0] ?? ""));
  return all
    .map((choice, index) => ({ choice, index }))
    .sort((here, there) => begins(here.choice) - begins(there.choice) || here.index - there.index)
    .slice(0, MOST_CHOICES)
    .map(({ choice }) => choice);
}
