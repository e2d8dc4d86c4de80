// Whom to look at. While a first alert holds, everybody who is no part of one, and is not selected,
// grows faint: forty per cent, never gone. Alt held down shows all. Pure.

import type { LayerSpecification } from "maplibre-gl";
import type { AlertRow } from "../live/alerts.ts";
import { FAINT_SHARE } from "./shaders.ts";

export interface Attention {
  /** Case codes in full colour. */
  codes: ReadonlySet<string>;
  /** The same for tags whose code is not known. */
  tags: ReadonlySet<number>;
  zones: ReadonlySet<number>;
}

/** The cases of the first alerts that hold; null when there is none, so that nobody is faint. */
export function attentionOf(open: readonly AlertRow[]): Attention | null {
  const first = open.filter((row) => row.priority === 1 && row.cleared_at === null);
  if (first.length === 0) return null;
  return {
    codes: new Set(first.flatMap((row) => row.case_code ?? [])),
    tags: new Set(first.flatMap((row) => row.activation_id ?? [])),
    zones: new Set(first.flatMap((row) => row.zone_id ?? [])),
  };
}

/** The tags in full colour; null for all. */
export function litTags(
  attention: Attention | null,
  selectedId: number | null,
  codes: Iterable<[id: number, code: string]>,
): ReadonlySet<number> | null {
  if (attention === null) return null;
  const lit = new Set(attention.tags);
  let selectedCode: string | null = null;
  const all = [...codes];
  if (selectedId !== null) {
    lit.add(selectedId);
    selectedCode = all.find(([id]) => id === selectedId)?.[1] ?? null;
  }
  for (const [id, code] of all) if (attention.codes.has(code) || code === selectedCode) lit.add(id);
  return lit;
}

type Paint = Record<string, unknown>;

const SHARES: Readonly<Record<string, string>> = { line: "line-opacity", fill: "fill-opacity", symbol: "text-opacity" };

/** Which paint of a zones layer makes it faint, and what it is for this attention. */
export function faintZones(
  layer: LayerSpecification,
  attention: Attention | null,
  selectedZone: number | null,
): [name: string, value: unknown] | null {
  const name = SHARES[layer.type];
  if (!name) return null;
  const full = ((layer.paint as Paint | undefined)?.[name] as number | undefined) ?? 1;
  if (attention === null || typeof full !== "number") return [name, full];
  const zones = [...attention.zones, ...(selectedZone === null ? [] : [selectedZone])];
  const isLit = [
    "any",
    ["in", ["get", "case_code"], ["literal", [...attention.codes]]],
    ["in", ["get", "zone_id"], ["literal", zones]],
  ];
  return [name, ["case", isLit, full, full * FAINT_SHARE]];
}
