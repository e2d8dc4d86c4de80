// The map the editor works on: the room's own base map and zones, and over them what is drawn.
// It knows nothing of React, of drafts or of the server's routes.

import type { Feature, FeatureCollection } from "geojson";
import { type GeoJSONSource, type Map as MapLibre } from "maplibre-gl";
import { addScale, flatMap } from "../map/flat_map.ts";
import { boundsOf, type Bounds } from "../map/framing.ts";
import type { MapSources } from "../map/sources.ts";
import { composeStyle, EMPTY, enlarged } from "../map/style.ts";
import { isMotionReduced, readScreenFactor, readTheme, readTokens, rgb, type Tokens } from "../map/tokens.ts";
import { HATCH, hatchImage } from "../map/zones.ts";
import type { Position } from "./geometry.ts";
import { DOOR, doorImage, feature, HATCH_ADDED, type RoleName, SOURCE, studioLayers } from "./layers.ts";
import { type Candidate, snapOf, type Snap } from "./snapping.ts";

const NEAR_PX = 16;
const PADDING_PX = 70;

export interface MapOptions {
  theme: string | undefined;
  /** The style is there, for the first time or after a change of theme. */
  dressed(): void;
  trouble(words: string): void;
}

export class StudioMap {
  readonly map: MapLibre;
  tokens: Tokens = readTokens();
  private readonly drawn = new Map<RoleName, Feature[]>();
  private isDressed = false;
  private isDue = false;
  /** What was last fitted in, until a hand moves the map: it stays in view when panels open. */
  private wanted: Bounds | null = null;
  private own: { zoneId: number | null; draftId: number | null } = { zoneId: null, draftId: null };

  constructor(
    container: HTMLElement,
    private readonly sources: MapSources,
    private readonly options: MapOptions,
  ) {
    this.map = flatMap(container, this.style(), sources.basemap, 12, { doubleClickZoom: false });
    addScale(this.map);
    this.map.setMissingStyleImageResolver((id) => this.addImage(id));
    this.map.on("style.load", () => this.dress());
    this.map.on("movestart", ({ originalEvent }) => originalEvent && (this.wanted = null));
    this.map.on("resize", () => this.fitAgain());
    this.map.on("error", (event) => {
      console.warn("Vigil map:", event.error.message);
      this.options.trouble("A part of the map is not answering");
      this.map.once("idle", () => this.options.trouble(""));
    });
    this.map.on("webglcontextlost", () => this.options.trouble("The graphics card lost the map. Restoring it"));
    this.map.on("webglcontextrestored", () => this.map.once("idle", () => (this.options.trouble(""), this.restyle())));
  }

  get isReady(): boolean {
    return this.isDressed;
  }

  destroy(): void {
    this.isDressed = false;
    this.map.remove();
  }

  restyle(): void {
    this.tokens = readTokens();
    this.isDressed = false;
    this.map.setStyle(this.style(), { diff: false });
  }

  setZones(): void {
    if (this.isDressed) this.map.getSource<GeoJSONSource>("zones")?.setData(this.otherZones());
  }

  /** The zone being edited is drawn by the editor, not among the others. */
  hideOwn(zoneId: number | null, draftId: number | null): void {
    if (this.own.zoneId === zoneId && this.own.draftId === draftId) return;
    this.own = { zoneId, draftId };
    this.setZones();
  }

  draw(role: RoleName, features: Feature[]): void {
    if (features.length === 0 && !this.drawn.get(role)?.length) return;
    this.drawn.set(role, features);
    // A move of the hand draws many roles: the map is given them once.
    if (this.isDue) return;
    this.isDue = true;
    queueMicrotask(() => ((this.isDue = false), this.show()));
  }

  fit(positions: Iterable<readonly [number, number]>): void {
    const bounds = boundsOf(positions);
    if (!bounds) return;
    this.wanted = bounds;
    this.map.fitBounds(bounds, { padding: PADDING_PX, maxZoom: 17, duration: isMotionReduced() ? 0 : 250 });
  }

  private fitAgain(): void {
    if (this.wanted) this.map.fitBounds(this.wanted, { padding: PADDING_PX, maxZoom: 17, duration: 0 });
  }

  zoomBy(steps: number): void {
    this.wanted = null;
    this.map.zoomTo(this.map.getZoom() + steps, { duration: isMotionReduced() ? 0 : 150 });
  }

  /** Where a corner at this pixel belongs: own corners, other zones, streets. */
  snapAt(x: number, y: number, own: readonly Position[][]): Snap | null {
    if (!this.isDressed) return null;
    const box: [[number, number], [number, number]] = [[x - NEAR_PX, y - NEAR_PX], [x + NEAR_PX, y + NEAR_PX]];
    const near: Candidate[] = own.map((places) => this.candidate("vertex", places, true));
    for (const found of this.map.queryRenderedFeatures(box)) {
      const target = found.sourceLayer === "streets" ? "street" : found.source === "zones" ? "zone" : null;
      if (!target) continue;
      for (const places of linesOf(found.geometry)) near.push(this.candidate(target, places));
    }
    return snapOf([x, y], near);
  }

  showSnap(snap: Snap | null): void {
    this.draw("snap", snap ? [feature("snap", { type: "Point", coordinates: snap.place })] : []);
  }

  private candidate(target: Candidate["target"], places: readonly Position[], cornersOnly = false): Candidate {
    const points = places.map((place) => {
      const { x, y } = this.map.project(place);
      return [x, y] as [number, number];
    });
    return { target, points, places, cornersOnly };
  }

  private style() {
    const factor = readScreenFactor();
    const composed = composeStyle(this.sources, readTheme(this.options.theme), this.tokens, factor);
    return {
      ...composed,
      sources: {
        ...composed.sources,
        zones: { type: "geojson" as const, data: this.otherZones(), promoteId: "zone_id" },
        [SOURCE]: { type: "geojson" as const, data: EMPTY },
      },
      layers: [...composed.layers, ...studioLayers(this.tokens).map((layer) => enlarged(layer, factor))],
    };
  }

  private otherZones(): FeatureCollection {
    const { zones } = this.sources;
    const isOwn = (of: Feature["properties"]) =>
      (this.own.zoneId !== null && of?.["zone_id"] === this.own.zoneId) || (this.own.draftId !== null && of?.["draft_id"] === this.own.draftId);
    return { ...zones, features: zones.features.filter((each) => !isOwn(each.properties)) };
  }

  private dress(): void {
    this.isDressed = true;
    this.setZones();
    this.show();
    this.options.dressed();
    this.fitAgain();
  }

  private show(): void {
    if (!this.isDressed) return;
    const features = [...this.drawn.values()].flat();
    this.map.getSource<GeoJSONSource>(SOURCE)?.setData({ type: "FeatureCollection", features });
  }

  private addImage(id: string): void {
    if (this.map.hasImage(id)) return;
    const served = this.sources.catalogue?.images?.[readTheme(this.options.theme)]?.[id];
    if (served) {
      const data = Uint8Array.from(atob(served.rgba), (letter) => letter.charCodeAt(0));
      this.map.addImage(id, { width: served.width, height: served.height, data }, { pixelRatio: served.pixel_ratio ?? 1 });
    } else if (id === DOOR) this.map.addImage(id, doorImage(this.tokens.victim), { pixelRatio: 2 });
    else if (id === HATCH_ADDED || id.includes(HATCH)) this.map.addImage(id, hatchImage(rgb(this.tokens.zoneLine), 2), { pixelRatio: 2 });
  }
}

function linesOf(geometry: GeoJSON.Geometry): Position[][] {
  switch (geometry.type) {
    case "LineString":
      return [geometry.coordinates as Position[]];
    case "MultiLineString":
    case "Polygon":
      return geometry.coordinates as Position[][];
    case "MultiPolygon":
      return geometry.coordinates.flat() as Position[][];
    default:
      return [];
  }
}
