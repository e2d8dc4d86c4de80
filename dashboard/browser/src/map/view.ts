// The map itself: owns MapLibre, keeps it in step with the feed, and rebuilds it when the
// graphics card forgets. It knows nothing of React or Dash.

import {
  type GeoJSONSource,
  type LayerSpecification,
  type LngLatBoundsLike,
  Map as MapLibre,
  type MapMouseEvent,
} from "maplibre-gl";
import { type AlertRow, victimWords } from "../live/alerts.ts";
import type { LiveFeed, Selection } from "../live/feed.ts";
import { mercatorX, mercatorY } from "../live/tags.ts";
import { closestZoom } from "../wall/screen.ts";
import { attentionOf, type Attention, faintPaint, LIT, litLayers, litTags, litZones } from "./attention.ts";
import { addScale, flatMap } from "./flat_map.ts";
import { type Bounds, CLOSEST_ZOOM, isTiny, isVisible, join, WALL_REST_MS } from "./framing.ts";
import { labelFeatures } from "./labels.ts";
import { nearestTag } from "./picking.ts";
import { Pace } from "./pace.ts";
import { Places } from "./places.ts";
import { pulseAt } from "./pulse.ts";
import { ringsOf } from "./rings.ts";
import type { MapSources } from "./sources.ts";
import { composeStyle, DESK_LABEL_PX, EMPTY, FIRST_LABEL_LAYER } from "./style.ts";
import { TAG_LAYER_ID, TagLayer } from "./tag_layer.ts";
import { isMotionReduced, readScreenFactor, readTheme, readTokens, readWallFactor, readWallPitch, rgb } from "./tokens.ts";
import { grown, recent, type TrailRow, trailFeatures } from "./trail.ts";
import { rowsOf, sceneOf, type WallPart } from "./wall_camera.ts";
import { breachedZones, HATCH, hatchImage, MARKED, markedZones } from "./zones.ts";

export interface ViewOptions {
  isWall: boolean;
  /** Which of a wall's maps. */
  part?: WallPart;
  /** Pixels at the bottom that something else covers. */
  covered?(): number;
  /** The camera has moved. */
  turned?(): void;
  theme: string | undefined;
  /** A person clicked a tag, or empty ground (null). */
  picked(activationId: number | null): void;
  /** What lies under the pointer, as words; empty for nothing. */
  hovered(words: string, x: number, y: number): void;
  /** The map was moved by hand. */
  moved(): void;
  /** From one picture of moving tags to the next, ms; 0 where the screen keeps up. */
  paced?(everyMs: number): void;
  /** Something about the map is broken (words) or whole again (empty). */
  trouble(words: string): void;
}

export type Visible = Partial<Record<string, boolean>>;

/** Larger than a mark, so that a shaking hand still hits it. */
const PICK_PX = 16;
/** A lost context that is not given back by then is given up, and the map made anew. */
const CONTEXT_PATIENCE_MS = 8_000;
const TILES_AGAIN_MS = 5_000;
/** Longer than from one row to the next with a key held down. */
const SETTLE_MS = 80;
/** Where nothing moves the marks grow old all the same: drawn anew this often. */
const AGES_EVERY_MS = 2_000;
/** The server's layer of the names of zones in force. */
const NAMES_LAYER = "zones-names";

export class MapView {
  map: MapLibre;
  private readonly tagLayer: TagLayer;
  private tokens = readTokens();
  private visible: Visible = {};
  private trail: readonly TrailRow[] = [];
  private trailOf: number | null = null;
  private readonly places: Places;
  private attention: Attention | null = null;
  private lit: ReadonlySet<number> | null = null;
  private showsAll = false;
  private litKey = "";
  /** Whether the zones are; null where a new style may say either. */
  private isFaint: boolean | null = null;
  private markedKey = "";
  private selectedZone: number | null = null;
  private urgent = new Map<number, AlertRow>();
  private isFramed = false;
  private drawnLabels = "";
  private areTagsNew = false;
  private tagsDrawnMs = -Infinity;
  /** Of every picture of this map, whoever asks for it. */
  private readonly pace = new Pace(() => this.paint());
  private lastWallMoveMs = -Infinity;
  private follows = false;
  private retry: ReturnType<typeof setTimeout> | null = null;
  private rebuild: ReturnType<typeof setTimeout> | null = null;
  private settling: ReturnType<typeof setTimeout> | null = null;
  /** Between a change of style and its load there is nothing to draw on. */
  private hasStyle = false;

  constructor(
    private readonly container: HTMLElement,
    private readonly feed: LiveFeed,
    private readonly sources: MapSources,
    private readonly options: ViewOptions,
  ) {
    this.tagLayer = new TagLayer(this.tokens);
    this.places = new Places(feed, sources);
    this.urgent = urgentByTag(feed.alerts.open(), options.isWall);
    this.attention = attentionOf(feed.alerts.open());
    this.map = this.makeMap();
  }

  destroy(): void {
    if (this.rebuild) clearTimeout(this.rebuild);
    if (this.retry) clearTimeout(this.retry);
    if (this.settling) clearTimeout(this.settling);
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
    this.markedKey = this.litKey = "";
    this.markZones();
    this.attend();
    this.frameAtFirst();
  }

  /** A new frame is in the store. */
  hearTags(): void {
    // Where nobody has moved only ages have, and they are drawn anew seldom enough.
    const { header } = this.feed;
    const hasMoved = header === null || header.isFull || header.count > 0;
    if (!hasMoved && performance.now() - this.tagsDrawnMs < AGES_EVERY_MS) return;
    this.areTagsNew = true;
    this.pace.ask();
  }

  /** What is in the store, as it is by now. */
  drawTags(): void {
    this.areTagsNew = false;
    this.tagsDrawnMs = performance.now();
    const nowS = this.feed.nowS() ?? 0;
    const limits = this.feed.plans.limitsOf(this.feed.tags);
    this.tagLayer.setTags(this.feed.tags, { nowS, limits, lit: this.lit });
    this.drawRings(nowS, limits);
    this.drawLabels(nowS, limits);
    this.growTrail(nowS);
    if (this.follows) this.centreOnSelected();
    if (this.options.isWall) this.frameForWall();
    this.frameAtFirst();
  }

  /** Alerts changed: which zones are breached, and what is said beside a tag. */
  drawAlerts(): void {
    this.urgent = urgentByTag(this.feed.alerts.open(), this.options.isWall);
    this.attention = attentionOf(this.feed.alerts.open());
    this.attend();
    this.markZones();
    if (this.options.isWall) this.frameForWall();
  }

  /** The case codes have come. */
  drawCodes(): void {
    this.attend();
    this.drawTags();
  }

  /** Nobody faint for as long as somebody wants to see all. */
  showAll(isWanted: boolean): void {
    if (this.showsAll === isWanted) return;
    this.showsAll = isWanted;
    this.attend();
    this.drawTags();
  }

  select(selection: Selection): void {
    this.tagLayer.selectedId = selection.activationId;
    this.selectedZone = selection.zoneId;
    // Who goes down the list sees each row at once, and the map where they stop.
    if (this.settling) clearTimeout(this.settling);
    this.settling = setTimeout(() => this.showSelection(selection), SETTLE_MS);
  }

  private showSelection(selection: Selection): void {
    this.settling = null;
    this.attend();
    if (selection.activationId !== this.trailOf) void this.fetchTrail(selection.activationId);
    this.markZones();
    this.drawTags();
    this.pace.ask(true);
    const wanted = this.places.of(selection);
    if (!wanted || this.options.isWall) return;
    // What is in view already is shown where it is: a map that jumps loses its reader.
    if (isVisible(wanted, this.view(), 0.03)) this.pulse(selection);
    else this.moveTo(wanted);
  }

  /** Where these bounds lie on this map's element, in pixels. */
  project(bounds: Bounds): { left: number; top: number; right: number; bottom: number } {
    const first = this.map.project([bounds[0], bounds[3]]);
    const last = this.map.project([bounds[2], bounds[1]]);
    return { left: first.x, top: first.y, right: last.x, bottom: last.y };
  }

  zoomBy(steps: number): void {
    this.map.zoomTo(this.map.getZoom() + steps, { duration: isMotionReduced() ? 0 : 200 });
  }

  /** Everything there is: the selection first, then tags and zones, then the base map. */
  fit(): void {
    const wanted = this.places.ofAll() ?? this.sources.basemap?.bounds ?? null;
    if (wanted) this.moveTo(wanted);
  }

  /** Brings this part of the world into view. */
  show(bounds: Bounds): void {
    this.moveTo(bounds);
  }

  private makeMap(): MapLibre {
    const map = flatMap(this.container, this.style(), this.sources.basemap, 11, {
      interactive: !this.options.isWall,
      maxCanvasSize: [8192, 8192],
    });
    if (this.part === "main") {
      if (this.options.isWall) addScale(map, 220 * this.factor(), "top-left");
      else addScale(map);
    }
    // What MapLibre asks for by itself waits its turn as well.
    map.triggerRepaint = () => this.pace.ask();
    map.setMissingStyleImageResolver((id) => this.addPattern(id));
    map.on("style.load", () => this.dress());
    map.on("click", (event) => this.click(event));
    map.on("mousemove", (event) => this.hover(event));
    map.on("mouseout", () => this.options.hovered("", 0, 0));
    // Whoever moves the map looks at it. A hand is felt before MapLibre has moved anything.
    const moves = () => this.pace.ask(true);
    map.on("movestart", moves);
    map.on("move", moves);
    map.on("move", () => this.options.turned?.());
    map.on("wheel", moves);
    map.on("touchmove", moves);
    map.on("mousemove", (event) => event.originalEvent.buttons > 0 && moves());
    map.on("dragstart", () => this.options.moved());
    map.on("error", (event) => this.fail(event));
    map.on("webglcontextlost", () => this.contextLost());
    map.on("webglcontextrestored", () => this.contextRestored());
    return map;
  }

  private paint(): void {
    if (this.areTagsNew) this.drawTags();
    this.options.paced?.(this.pace.everyMs);
    MapLibre.prototype.triggerRepaint.call(this.map);
  }

  private source(name: string): GeoJSONSource | undefined {
    return this.hasStyle ? this.map.getSource<GeoJSONSource>(name) : undefined;
  }

  private style() {
    const factor = this.factor();
    const labelPx = (this.options.isWall ? 28 : DESK_LABEL_PX) * factor;
    const style = composeStyle(this.sources, readTheme(this.options.theme), this.tokens, factor, labelPx);
    style.sources[LIT] = { type: "geojson", data: EMPTY };
    style.layers.splice(style.layers.findIndex((layer) => sourceOf(layer) === MARKED), 0, ...litLayers(style.layers.filter(isOfZones)));
    if (this.options.isWall) style.layers = style.layers.filter((layer) => layer.id !== NAMES_LAYER);
    // Handed over once the style stands: with it they would be cut into tiles twice.
    style.sources["zones"] = { type: "geojson", data: EMPTY };
    // An inset is too small for words of a wall's size; its caption says what it shows.
    if (this.part !== "main") style.layers = style.layers.filter((layer) => layer.type !== "symbol");
    return style;
  }

  private factor(): number {
    return this.options.isWall ? readWallFactor() : readScreenFactor();
  }

  // A style holds neither custom layers nor feature states: they are put on again after each load.
  private dress(): void {
    this.hasStyle = true;
    if (!this.map.getLayer(TAG_LAYER_ID)) {
      this.tagLayer.sizePx = (this.part === "overview" ? 9 : this.options.isWall ? 26 : 14) * this.factor();
      this.map.addLayer(this.tagLayer, this.map.getLayer(FIRST_LABEL_LAYER) ? FIRST_LABEL_LAYER : undefined);
    }
    this.drawnLabels = "";
    this.litKey = "";
    this.isFaint = null;
    this.applyVisible();
    this.attend();
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

  private markZones(): void {
    const source = this.source(MARKED);
    if (!source) return;
    const breached = breachedZones(this.feed.alerts.open());
    const key = JSON.stringify([[...breached], this.selectedZone]);
    if (key === this.markedKey) return;
    this.markedKey = key;
    source.setData(markedZones(this.sources.zones, breached, this.selectedZone));
  }

  /** Lets all but the cases at hand grow faint, or all stand out again. */
  private attend(): void {
    const attention = this.showsAll ? null : this.attention;
    this.lit = litTags(attention, this.tagLayer.selectedId, this.sources.codesById());
    if (!this.hasStyle) return;
    this.lightZones(attention);
    const isFaint = attention !== null;
    if (isFaint === this.isFaint) return;
    this.isFaint = isFaint;
    for (const layer of this.style().layers.filter(isOfZones)) {
      const paint = faintPaint(layer, isFaint);
      if (paint) this.map.setPaintProperty(layer.id, paint[0] as never, paint[1] as never);
    }
  }

  private lightZones(attention: Attention | null): void {
    // A wall's words are large: only zones that somebody is wanted for are named.
    const named = this.options.isWall ? new Set([...this.urgent.values()].flatMap((row) => row.zone_id ?? [])) : null;
    const key = JSON.stringify([attention && [...attention.codes, ...attention.zones], this.selectedZone, named && [...named]]);
    if (key === this.litKey) return;
    this.litKey = key;
    this.source(LIT)?.setData(litZones(this.sources.zones, attention, this.selectedZone, named));
  }

  private pulse(selection: Selection): void {
    const bounds = this.places.ofTag(selection.activationId);
    if (!bounds) return;
    const { x, y } = this.map.project([bounds[0], bounds[1]]);
    pulseAt(this.container, x, y);
  }

  private drawRings(nowS: number, limits: Float32Array): void {
    this.tagLayer.setRings(
      ringsOf(this.feed.tags, this.tokens, {
        nowS,
        limits,
        selectedId: this.tagLayer.selectedId,
        isAlerted: (id) => this.urgent.has(id),
        lit: this.lit,
      }),
    );
  }

  private drawLabels(nowS: number, limits: Float32Array): void {
    const source = this.source("labels");
    if (!source) return;
    const labels = labelFeatures(this.feed.tags, {
      nowS,
      limits,
      isOld: ["old", "lost"].includes(this.feed.freshness().level),
      isShort: this.options.isWall,
      lit: this.lit,
      selectedId: this.tagLayer.selectedId,
      codeOf: (id) => this.sources.codeOf(id),
      titleOf: (id) => this.urgent.get(id)?.title ?? null,
      minutesOf: (id) => this.minutesOf(id),
    });
    // New data costs another picture of the whole map, so only what differs is handed over.
    const written = JSON.stringify(labels);
    if (written === this.drawnLabels) return;
    this.drawnLabels = written;
    source.setData(labels);
  }

  private minutesOf(id: number): string {
    const row = this.urgent.get(id);
    const words = row ? victimWords(row) : "";
    return this.options.isWall ? words.replace("victim ", "") : words;
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
    const gapS = this.feed.plans.gapAfterS(this.trailOf ?? -1);
    this.source("trail")?.setData(this.trail.length ? trailFeatures(this.trail, gapS) : EMPTY);
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
    if (event.sourceId !== "basemap" || this.retry) return;
    this.options.trouble("Map tiles unavailable - positions still live");
    // A tile that failed is not asked for again by itself.
    this.retry = setTimeout(() => {
      this.retry = null;
      if (!this.hasStyle) return;
      this.map.once("idle", () => !this.retry && this.options.trouble(""));
      this.map.refreshTiles("basemap");
    }, TILES_AGAIN_MS);
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

  /** What can be seen: the map without the part that something else covers. */
  private view(): Bounds {
    const { clientWidth, clientHeight } = this.container;
    const first = this.map.unproject([0, 0]);
    const last = this.map.unproject([clientWidth, clientHeight - (this.options.covered?.() ?? 0)]);
    return [first.lng, last.lat, last.lng, first.lat];
  }

  /** The whole map as it is now, covered or not. */
  get bounds(): Bounds {
    const bounds = this.map.getBounds();
    return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  }

  private closestZoom(wanted: Bounds): number {
    return this.options.isWall ? closestZoom((wanted[1] + wanted[3]) / 2, readWallPitch()) : CLOSEST_ZOOM;
  }

  private moveTo(wanted: Bounds): void {
    const covered = this.options.covered?.() ?? 0;
    const side = Math.min(this.container.clientWidth, this.container.clientHeight - covered);
    const padding = Math.round(side * 0.12);
    this.map.fitBounds(wanted as LngLatBoundsLike, {
      padding: { top: padding, right: padding, bottom: padding + covered, left: padding },
      maxZoom: this.closestZoom(wanted),
      // MapLibre itself jumps instead of flying under prefers-reduced-motion.
      duration: isMotionReduced() ? 0 : 700,
    });
  }

  private centreOnSelected(): void {
    const bounds = this.places.ofTag(this.tagLayer.selectedId);
    if (bounds) this.map.easeTo({ center: [bounds[0], bounds[1]], duration: isMotionReduced() ? 0 : 300 });
  }

  // Once: the first picture should show the city's tags and zones, not the middle of the world.
  private frameAtFirst(): void {
    if (this.isFramed) return;
    const wanted = this.places.ofAll();
    if (!wanted) return;
    this.isFramed = true;
    const maxZoom = Math.min(14, this.closestZoom(wanted));
    this.map.fitBounds(wanted as LngLatBoundsLike, { padding: 40, maxZoom, duration: 0 });
  }

  private frameForWall(): void {
    const nowMs = performance.now();
    if (nowMs - this.lastWallMoveMs < WALL_REST_MS) return;
    let wanted: Bounds | null = null;
    for (const row of rowsOf(sceneOf(this.feed.alerts.open()), this.part)) {
      wanted = join(wanted, this.places.of({ activationId: row.activation_id, zoneId: row.zone_id }));
    }
    // An inset whose alert has no place keeps what it shows.
    if (!wanted && this.part === "second") return;
    wanted ??= this.places.ofAll();
    if (!wanted) return;
    const view = this.view();
    const canGoNearer = this.map.getZoom() < this.closestZoom(wanted) - 0.1;
    if (isVisible(wanted, view, 0.03) && !(canGoNearer && isTiny(wanted, view, 0.3))) return;
    this.lastWallMoveMs = nowMs;
    this.isFramed = true;
    this.moveTo(wanted);
  }

  private get part(): WallPart {
    return this.options.part ?? "main";
  }
}

/** Each tag's most urgent alert that still holds; of P3 a wall says nothing. */
function urgentByTag(open: readonly AlertRow[], isWall: boolean): Map<number, AlertRow> {
  const urgent = new Map<number, AlertRow>();
  for (const row of open) {
    if (row.activation_id === null || row.cleared_at !== null || urgent.has(row.activation_id)) continue;
    if (!isWall || row.priority < 3) urgent.set(row.activation_id, row);
  }
  return urgent;
}

function sourceOf(layer: LayerSpecification): unknown {
  return "source" in layer ? layer.source : null;
}

function isOfZones(layer: LayerSpecification): boolean {
  return sourceOf(layer) === "zones";
}

/** Which switch of `visible` a layer hangs on; null for none. */
function groupOf(layerId: string): string | null {
  if (layerId === TAG_LAYER_ID || layerId === "vigil-ground") return null;
  if (layerId.startsWith("vigil-label")) return "labels";
  if (layerId.startsWith("vigil-trail")) return "trail";
  if (layerId.startsWith("vigil-breached") || layerId.startsWith("vigil-selected")) return "zones";
  return layerId.split("-")[0] ?? null;
}
