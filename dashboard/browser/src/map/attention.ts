// Whom to look at. While a first alert holds, everybody who is no part of one, and is not selected,
// grows faint: forty per cent, never gone. Alt held down shows all. Pure.

import type { FeatureCollection } from "geojson";
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

/** Which paint makes a layer of zones faint or full, and what it then is; null where none does. */
export function faintPaint(layer: LayerSpecification, isFaint: boolean): [name: string, value: number] | null {
  const name = SHARES[layer.type];
  const full = name === undefined ? undefined : ((layer.paint as Paint | undefined)?.[name] ?? 1);
  if (name === undefined || typeof full !== "number") return null;
  return [name, isFaint ? full * FAINT_SHARE : full];
}

/** The source of the zones that stand out. */
export const LIT = "lit-zones";

/**
 * The same layers on the few zones that stand out: over all zones grown faint at once, because a
 * paint that tells zone from zone would have thousands of them cut into tiles with each alert.
 */
export function litLayers(layers: readonly LayerSpecification[]): LayerSpecification[] {
  return layers.map((layer) => {
    const filter = "filter" in layer && layer.filter ? [layer.filter] : [];
    const stands = layer.type === "symbol" ? "is_named" : "is_lit";
    return { ...layer, id: `${layer.id}-lit`, source: LIT, filter: ["all", ...filter, ["==", ["get", stands], true]] } as LayerSpecification;
  });
}

/**
 * The zones that keep their full colour while all are faint, with their buffers, and those whose
 * names are shown whatever becomes of the others'.
 */
export function litZones(
  zones: FeatureCollection,
  attention: Attention | null,
  selectedZone: number | null,
  named: ReadonlySet<number> | null,
): FeatureCollection {
  if (attention === null && !named?.size) return { type: "FeatureCollection", features: [] };
  const features = zones.features.flatMap((feature) => {
    const { case_code: code, zone_id: id } = (feature.properties ?? {}) as { case_code?: string; zone_id: number };
    const is_lit = attention !== null && (attention.codes.has(code ?? "") || attention.zones.has(id) || id === selectedZone);
    const is_named = named === null ? is_lit : named.has(id);
    return is_lit || is_named ? [{ ...feature, properties: { ...feature.properties, is_lit, is_named } }] : [];
  });
  return { type: "FeatureCollection", features };
}
