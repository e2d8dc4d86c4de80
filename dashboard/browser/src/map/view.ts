// The map itself: owns MapLibre, keeps it in step with the feed, and rebuilds it when the
// graphics card forgets. It knows nothing of React or Dash.

import {
  type GeoJSONSource,
  type LngLatBoundsLike,
  Map as MapLibre,
  type MapMouseEvent,
  ScaleControl,
} from "maplibre-gl";
import type { AlertRow } from "../live/alerts.ts";
import type { LiveFeed, Selection } from "../live/feed.ts";
import { mercatorX, mercatorY } from "../live/tags.ts";
import {
  type Bounds,
  boundsOf,
  CLOSEST_ZOOM,
  isTiny,
  isVisible,
  join,
  positions,
  WALL_REST_MS,
} from "./framing.ts";
import { labelFeatures } from "./labels.ts";
import { nearestTag } from "./picking.ts";
import { ringsOf } from "./rings.ts";
import type { MapSources } from "./sources.ts";
import { composeStyle, DESK_LABEL_PX, EMPTY, FIRST_LABEL_LAYER } from "./style.ts";
import { TAG_LAYER_ID, TagLayer } from "./tag_layer.ts";
import { isMotionReduced, readTheme, readTokens, readWallFactor, rgb } from "./tokens.ts";
import { grown, recent, type TrailRow, trailFeatures } from "./trail.ts";
import { breachedZones, HATCH, hatchImage } from "./zones.ts";

export interface ViewOptions {
  isWall: boolean;
  theme: string | undefined;
  /** A person clicked a tag, or empty ground (null). */
  picked(activationId: number | null): void;
  /** What lies under the pointer, as words; empty for nothing. */
  hovered(words: string, x: number, y: number): void;
  /** The map was moved by hand. */
  moved(): void;
  /** Something about the map is broken (words) or whole again (empty). */
  trouble(words: string): void;
}

export type Visible = Partial<Record<string, boolean>>;

/** Larger than a mark, so that a shaking hand still hits it. */
const PICK_PX = 16;
/** A lost context that is not given back by then is given up, and the map made anew. */
const CONTEXT_PATIENCE_MS = 8_000;
const STALE_AFTER_S = 300;

export class MapView {
  map: MapLibre;
  private readonly tagLayer: TagLayer;
  private tokens = readTokens();
  private visible: Visible = {};
  private trail: readonly TrailRow[] = [];
  private trailOf: number | null = null;
  private breached = new Set<number>();
  private selectedZone: number | null = null;
  private titles = new Map<number, string>();
  private isFramed = false;
  private drawnLabels = "";
  private lastWallMoveMs = -Infinity;
  private follows = false;
  private rebuild: ReturnType<typeof setTimeout> | null = null;
  /** Between a change of style and its load there is nothing to draw on. */
  private hasStyle = false;

  constructor(
    private readonly container: HTMLElement,
    private readonly feed: LiveFeed,
    private readonly sources: MapSources,
    private readonly options: ViewOptions,
  ) {
    this.tagLayer = new TagLayer(this.tokens);
    this.tagLayer.staleAfterS = STALE_AFTER_S;
    this.titles = titlesByTag(feed.alerts.open());
    this.map = this.makeMap();
  }

  destroy(): void {
    if (this.rebuild) clearTimeout(this.rebuild);
    this.map.remove();
  }

  /** Colours, sizes and served layers anew: after a change of theme or when a part has arrived. */
  restyle(): void {
    this.tokens = readTokens();
    this.tagLayer.setTokens(this.tokens);
    this.hasStyle = false;
    this.map.setStyle(this.style(), { diff: false });
  }

  setVisible(visible: Visible): void {
    this.visible = visible;
    this.applyVisible();
  }

  setFollow(follows: boolean): void {
    this.follows = follows;
    if (follows) this.centreOnSelected();
  }

  setZones(): void {
    this.source("zones")?.setData(this.sources.zones);
    this.applyZoneStates();
    this.frameAtFirst();
  }

  /** A new frame is in the store. */
  drawTags(): void {
    const nowS = this.feed.nowS() ?? 0;
    this.tagLayer.nowS = nowS;
    this.tagLayer.setTags(this.feed.tags);
    this.drawRings(nowS);
    this.drawLabels(nowS);
    this.growTrail(nowS);
    if (this.follows) this.centreOnSelected();
    if (this.options.isWall) this.frameForWall();
    this.frameAtFirst();
  }

  /** Alerts changed: which zones are breached, and what is said beside a tag. */
  drawAlerts(): void {
    this.titles = titlesByTag(this.feed.alerts.open());
    this.applyZoneStates();
    if (this.options.isWall) this.frameForWall();
  }

  select(selection: Selection): void {
    this.tagLayer.selectedId = selection.activationId;
    this.selectedZone = selection.zoneId;
    if (selection.activationId !== this.trailOf) void this.fetchTrail(selection.activationId);
    this.applyZoneStates();
    this.drawTags();
    const wanted = this.boundsOfSelection(selection);
    if (wanted && !this.options.isWall) this.frameIfHidden(wanted);
  }

  zoomBy(steps: number): void {
    this.map.zoomTo(this.map.getZoom() + steps, { duration: isMotionReduced() ? 0 : 200 });
  }

  /** Everything there is: the selection first, then tags and zones, then the base map. */
  fit(): void {
    const wanted = this.boundsOfAll() ?? this.sources.basemap?.bounds ?? null;
    if (wanted) this.moveTo(wanted);
  }

  private makeMap(): MapLibre {
    const basemap = this.sources.basemap;
    const map = new MapLibre({
      container: this.container,
      style: this.style(),
      center: basemap?.centre ?? [0, 20],
      zoom: basemap?.centre ? 11 : 1,
      attributionControl: false,
      // North stays up: a heading is read against it, and nobody has time to turn a map back.
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      fadeDuration: 0,
      interactive: !this.options.isWall,
      // The keys belong to the page: see keys/keymap.ts.
      keyboard: false,
      maxCanvasSize: [8192, 8192],
      canvasContextAttributes: { antialias: false, powerPreference: "default" },
    });
    map.touchZoomRotate.disableRotation();
    // Nothing to do there by keyboard: the buttons, the keys and the table serve it.
    map.getCanvas().tabIndex = -1;
    map.addControl(new ScaleControl({ maxWidth: this.options.isWall ? 320 * this.factor() : 140, unit: "metric" }), "bottom-left");
    map.setMissingStyleImageResolver((id) => this.addPattern(id));
    map.on("style.load", () => this.dress());
    map.on("click", (event) => this.click(event));
    map.on("mousemove", (event) => this.hover(event));
    map.on("mouseout", () => this.options.hovered("", 0, 0));
    map.on("dragstart", () => this.options.moved());
    map.on("error", (event) => this.fail(event));
    map.on("webglcontextlost", () => this.contextLost());
    map.on("webglcontextrestored", () => this.contextRestored());
    return map;
  }

  private source(name: string): GeoJSONSource | undefined {
    return this.hasStyle ? this.map.getSource<GeoJSONSource>(name) : undefined;
  }

  private style() {
    const factor = this.factor();
    const labelPx = this.options.isWall ? 28 * factor : DESK_LABEL_PX;
    return composeStyle(this.sources, readTheme(this.options.theme), this.tokens, factor, labelPx);
  }

  private factor(): number {
    return this.options.isWall ? readWallFactor() : 1;
  }

  // A style holds neither custom layers nor feature states: they are put on again after each load.
  private dress(): void {
    this.hasStyle = true;
    if (!this.map.getLayer(TAG_LAYER_ID)) {
      this.tagLayer.sizePx = this.options.isWall ? 26 * this.factor() : 14;
      this.map.addLayer(this.tagLayer, this.map.getLayer(FIRST_LABEL_LAYER) ? FIRST_LABEL_LAYER : undefined);
    }
    this.breached = new Set();
    this.drawnLabels = "";
    this.applyVisible();
    // What arrived while the style was on its way could not be handed over then.
    this.setZones();
    this.drawTrail();
    this.drawTags();
  }

  private addPattern(id: string): void {
    if (this.map.hasImage(id)) return;
    const theme = readTheme(this.options.theme);
    const served = this.sources.catalogue?.images?.[theme]?.[id];
    if (served) {
      const data = Uint8Array.from(atob(served.rgba), (letter) => letter.charCodeAt(0));
      this.map.addImage(
        id,
        { width: served.width, height: served.height, data },
        { pixelRatio: served.pixel_ratio ?? 1 },
      );
    } else if (id.includes(HATCH)) {
      this.map.addImage(id, hatchImage(rgb(this.tokens.zoneLine), 2), { pixelRatio: 2 });
    }
  }

  private applyVisible(): void {
    this.tagLayer.isVisible = this.visible["tags"] !== false;
    if (!this.hasStyle) return;
    for (const layer of this.map.getStyle().layers) {
      const group = groupOf(layer.id);
      if (!group || layer.type === "background") continue;
      const wanted = this.visible[group] === false ? "none" : "visible";
      if ((this.map.getLayoutProperty(layer.id, "visibility") ?? "visible") !== wanted) {
        this.map.setLayoutProperty(layer.id, "visibility", wanted);
      }
    }
    this.map.triggerRepaint();
  }

  private applyZoneStates(): void {
    if (!this.source("zones")) return;
    const breached = breachedZones(this.feed.alerts.open());
    const all = new Set([...breached, ...this.breached]);
    if (this.selectedZone !== null) all.add(this.selectedZone);
    // Wiped first: a zone that is selected no longer is in none of the sets.
    this.map.removeFeatureState({ source: "zones" });
    for (const id of all) {
      this.map.setFeatureState(
        { source: "zones", id },
        { breached: breached.has(id), selected: id === this.selectedZone },
      );
    }
    this.breached = breached;
  }

  private drawRings(nowS: number): void {
    this.tagLayer.setRings(
      ringsOf(this.feed.tags, this.tokens, {
        nowS,
        staleAfterS: STALE_AFTER_S,
        selectedId: this.tagLayer.selectedId,
      }),
    );
  }

  private drawLabels(nowS: number): void {
    const source = this.source("labels");
    if (!source) return;
    const labels = labelFeatures(this.feed.tags, {
      nowS,
      staleAfterS: STALE_AFTER_S,
      selectedId: this.tagLayer.selectedId,
      codeOf: (id) => this.sources.codeOf(id),
      titleOf: (id) => this.titles.get(id) ?? null,
    });
    // New data costs another picture of the whole map, so only what differs is handed over.
    const written = JSON.stringify(labels);
    if (written === this.drawnLabels) return;
    this.drawnLabels = written;
    source.setData(labels);
  }

  private async fetchTrail(activationId: number | null): Promise<void> {
    this.trailOf = activationId;
    this.trail = [];
    this.drawTrail();
    if (activationId === null || this.options.isWall) return;
    try {
      const answer = await fetch(`/layers/trail/${activationId}.json?minutes=6`);
      if (!answer.ok) return;
      const rows = (await answer.json()) as TrailRow[];
      // The person may have chosen another tag while this one was on its way.
      if (this.trailOf !== activationId) return;
      this.trail = rows;
      this.drawTrail();
    } catch {
      // The trail grows from the frames even when its past could not be fetched.
    }
  }

  private growTrail(nowS: number): void {
    if (this.trailOf === null) return;
    const slot = this.feed.tags.slotOf(this.trailOf);
    if (slot < 0) return;
    const { tags } = this.feed;
    const row: TrailRow = [tags.lon(slot), tags.lat(slot), tags.fixedAtS[slot]!, tags.radiusM[slot]!];
    const before = this.trail;
    this.trail = recent(grown(this.trail, row), nowS);
    if (this.trail.length !== before.length || this.trail.at(-1) !== before.at(-1)) this.drawTrail();
  }

  private drawTrail(): void {
    this.source("trail")?.setData(this.trail.length ? trailFeatures(this.trail) : EMPTY);
  }

  private click(event: MapMouseEvent): void {
    const slot = this.tagAt(event);
    this.options.picked(slot < 0 ? null : this.feed.tags.ids[slot]!);
  }

  private hover(event: MapMouseEvent): void {
    const slot = this.tagAt(event);
    this.map.getCanvas().style.cursor = slot < 0 ? "" : "pointer";
    if (slot < 0) return this.options.hovered("", 0, 0);
    const { tags } = this.feed;
    const id = tags.ids[slot]!;
    const ageS = Math.max(0, Math.floor((this.feed.nowS() ?? 0) - tags.fixedAtS[slot]!));
    const code = this.sources.codeOf(id) ?? `tag ${id}`;
    const role = tags.role[slot] === 1 ? " victim" : "";
    const words = `${code}${role} · fix ${ageS} s old · ±${tags.radiusM[slot]} m`;
    this.options.hovered(words, event.point.x, event.point.y);
  }

  private tagAt(event: MapMouseEvent): number {
    const reach = PICK_PX / (512 * 2 ** this.map.getZoom());
    return nearestTag(this.feed.tags, mercatorX(event.lngLat.lng), mercatorY(event.lngLat.lat), reach);
  }

  private fail(event: { error: { message: string }; sourceId?: string }): void {
    console.warn("Vigil map:", event.error.message);
    if (event.sourceId === "basemap") {
      this.options.trouble("Map tiles unavailable - positions still live");
      this.map.once("idle", () => this.options.trouble(""));
    }
  }

  private contextLost(): void {
    this.hasStyle = false;
    this.options.trouble("The graphics card lost the map. Restoring it");
    this.rebuild ??= setTimeout(() => this.makeAnew(), CONTEXT_PATIENCE_MS);
  }

  private contextRestored(): void {
    if (this.rebuild) clearTimeout(this.rebuild);
    this.rebuild = null;
    this.options.trouble("");
    // MapLibre brings its own layers back from a snapshot, and not always style.load with it.
    this.map.once("idle", () => this.dress());
    if (this.map.isStyleLoaded()) this.dress();
  }

  private makeAnew(): void {
    this.rebuild = null;
    this.hasStyle = false;
    const { lng, lat } = this.map.getCenter();
    const zoom = this.map.getZoom();
    try {
      this.map.remove();
    } catch {
      // A map whose context is dead cannot always clear up after itself; the element is emptied below.
    }
    this.container.replaceChildren();
    try {
      this.map = this.makeMap();
    } catch {
      this.options.trouble("The map cannot be drawn on this screen. Use the table (T)");
      return;
    }
    this.map.jumpTo({ center: [lng, lat], zoom });
    this.options.trouble("");
  }

  private boundsOfSelection(selection: Selection): Bounds | null {
    return join(this.boundsOfTag(selection.activationId), this.boundsOfZone(selection.zoneId));
  }

  private boundsOfTag(activationId: number | null): Bounds | null {
    const slot = activationId === null ? -1 : this.feed.tags.slotOf(activationId);
    return slot < 0 ? null : boundsOf([[this.feed.tags.lon(slot), this.feed.tags.lat(slot)]]);
  }

  private boundsOfZone(zoneId: number | null): Bounds | null {
    if (zoneId === null) return null;
    let bounds: Bounds | null = null;
    for (const feature of this.sources.zones.features) {
      if (feature.properties?.["zone_id"] !== zoneId || !("coordinates" in feature.geometry)) continue;
      bounds = join(bounds, boundsOf(positions(feature.geometry.coordinates)));
    }
    return bounds;
  }

  private boundsOfAll(): Bounds | null {
    const { tags } = this.feed;
    let bounds: Bounds | null = null;
    for (let slot = 0; slot < tags.count; slot++) {
      bounds = join(bounds, boundsOf([[tags.lon(slot), tags.lat(slot)]]));
    }
    for (const feature of this.sources.zones.features) {
      if ("coordinates" in feature.geometry) {
        bounds = join(bounds, boundsOf(positions(feature.geometry.coordinates)));
      }
    }
    return bounds;
  }

  private view(): Bounds {
    const bounds = this.map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  private frameIfHidden(wanted: Bounds): void {
    if (!isVisible(wanted, this.view(), 0.03)) this.moveTo(wanted);
  }

  private moveTo(wanted: Bounds): void {
    const side = Math.min(this.container.clientWidth, this.container.clientHeight);
    this.map.fitBounds(wanted as LngLatBoundsLike, {
      padding: Math.round(side * 0.12),
      maxZoom: CLOSEST_ZOOM,
      // MapLibre itself jumps instead of flying under prefers-reduced-motion.
      duration: isMotionReduced() ? 0 : 700,
    });
  }

  private centreOnSelected(): void {
    const bounds = this.boundsOfTag(this.tagLayer.selectedId);
    if (bounds) this.map.easeTo({ center: [bounds[0], bounds[1]], duration: isMotionReduced() ? 0 : 300 });
  }

  // Once: the first picture should show the city's tags and zones, not the middle of the world.
  private frameAtFirst(): void {
    if (this.isFramed) return;
    const wanted = this.boundsOfAll();
    if (!wanted) return;
    this.isFramed = true;
    this.map.fitBounds(wanted as LngLatBoundsLike, { padding: 40, maxZoom: 14, duration: 0 });
  }

  private frameForWall(): void {
    const nowMs = performance.now();
    if (nowMs - this.lastWallMoveMs < WALL_REST_MS) return;
    let wanted: Bounds | null = null;
    for (const row of this.feed.alerts.open()) {
      if (row.priority > 2 || row.cleared_at !== null) continue;
      wanted = join(wanted, this.boundsOfTag(row.activation_id));
      wanted = join(wanted, this.boundsOfZone(row.zone_id));
    }
    wanted ??= this.boundsOfAll();
    if (!wanted) return;
    const view = this.view();
    if (isVisible(wanted, view, 0.03) && !isTiny(wanted, view, 0.3)) return;
    this.lastWallMoveMs = nowMs;
    this.isFramed = true;
    this.moveTo(wanted);
  }
}

/** The title of each tag's most urgent alert that still holds. */
function titlesByTag(open: readonly AlertRow[]): Map<number, string> {
  const titles = new Map<number, string>();
  for (const row of open) {
    if (row.activation_id === null || row.cleared_at !== null || titles.has(row.activation_id)) continue;
    titles.set(row.activation_id, row.title);
  }
  return titles;
}

/** Which switch of `visible` a layer hangs on; null for none. */
function groupOf(layerId: string): string | null {
  if (layerId === TAG_LAYER_ID || layerId === "vigil-ground") return null;
  if (layerId.startsWith("vigil-label")) return "labels";
  if (layerId.startsWith("vigil-trail")) return "trail";
  if (layerId.startsWith("vigil-breached") || layerId.startsWith("vigil-selected")) return "zones";
  return layerId.split("-")[0] ?? null;
}
