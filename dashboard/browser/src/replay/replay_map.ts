// The map of a replay: base map, the zones of that instant, the tracks, and words at gaps and stops.

import type { GeoJSONSource, Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import { exhibit } from "../exhibit/exhibit.ts";
import { addScale, flatMap } from "../map/flat_map.ts";
import { type Bounds, isVisible, join } from "../map/framing.ts";
import { resolvePatterns } from "../map/patterns.ts";
import type { MapSources } from "../map/sources.ts";
import { composeStyle, enlarged, FIRST_LABEL_LAYER, withServed } from "../map/style.ts";
import { isMotionReduced, readScreenFactor, readTheme, readTokens } from "../map/tokens.ts";
import { drawnOf, type HerCase, HER_LAYERS } from "./hers.ts";
import { lanesOnPaper } from "./lanes_on_paper.ts";
import { wordsLayer, wordsOf } from "./map_words.ts";
import type { ReplayModel } from "./model.ts";
import { exhibitOf, type Paper } from "./on_paper.ts";
import { nearestFix } from "./pick.ts";
import { stampIn } from "./times.ts";
import { shownAt } from "./shown.ts";
import { TRACK_LAYER_ID, TrackLayer } from "./track_layer.ts";
import { zonesAt, zonesKey } from "./zones.ts";

const CLOSEST_ZOOM = 18;
/** What a person does to move a map; the end of a move does not tell by whom it was. */
const HANDS = ["wheel", "dragstart", "dblclick", "boxzoomstart", "touchmove"] as const;
const METRES_A_DEGREE = 111_195;

export interface MapOptions {
  theme: string | undefined;
  hovered(words: string, x: number, y: number): void;
  trouble(words: string): void;
  /** What a picture for paper says beside the map and the model. */
  paper(): Paper;
}

export class ReplayMap {
  readonly map: MapLibre;
  readonly layer: TrackLayer;
  private tokens = readTokens();
  private hasStyle = false;
  private drawnZones = "";
  private drawnLabels = "";
  private isFramed = false;
  private isMoved = false;
  private isOnPaper = false;
  private drawnHers: readonly HerCase[] | null = null;
  private stops: (() => void)[] = [];

  constructor(
    container: HTMLElement,
    private readonly model: ReplayModel,
    private readonly sources: MapSources,
    private readonly options: MapOptions,
  ) {
    this.layer = new TrackLayer(this.tokens, readTheme(options.theme));
    const map = flatMap(container, this.style(), sources.basemap, 11, { maxZoom: CLOSEST_ZOOM });
    this.map = map;
    addScale(map);
    resolvePatterns(map, sources, () => readTheme(options.theme));
    map.on("style.load", () => this.dress());
    map.on("webglcontextrestored", () => map.once("idle", () => this.dress()));
    map.on("webglcontextlost", () => {
      this.hasStyle = false;
      options.trouble("The graphics card lost the map. Restoring it");
    });
    map.on("click", (event) => this.click(event));
    map.on("mousemove", (event) => this.hover(event));
    map.on("mouseout", () => options.hovered("", 0, 0));
    map.on("dragstart", () => model.view.isFollowing && model.change({ isFollowing: false }));
    for (const hand of HANDS) map.on(hand, () => (this.isMoved = true));
    map.on("moveend", () => this.keepPlace());
    // Lanes fill and the map shrinks: until a person has moved it, all of the tracks stay in view.
    map.on("resize", () => !this.isMoved && this.isFramed && this.frame());
    map.on("error", (event) => {
      console.warn("Vigil replay map:", event.error.message);
      options.trouble("Map tiles unavailable - the track is still right");
    });
    model.fit = () => this.fit();
    model.zoomBy = (steps) => this.zoomBy(steps);
    model.picture = () => this.picture();
    this.stops = [
      model.on("time", () => this.draw()),
      model.on("data", () => this.drawAll()),
      model.on("view", () => this.drawAll()),
    ];
  }

  destroy(): void {
    this.stops.forEach((stop) => stop());
    this.model.fit = null;
    this.model.zoomBy = null;
    this.model.picture = null;
    this.map.remove();
  }

  restyle(): void {
    this.tokens = readTokens();
    this.layer.setTokens(this.tokens, readTheme(this.options.theme));
    this.hasStyle = false;
    this.map.setStyle(this.style(), { diff: false });
  }

  fit(): void {
    this.isMoved = false;
    this.model.change({ map: null });
    const bounds = this.boundsOfTracks();
    if (bounds) this.map.fitBounds(bounds, { padding: 60, maxZoom: 16, duration: isMotionReduced() ? 0 : 200 });
  }

  zoomBy(steps: number): void {
    this.isMoved = true;
    this.map.zoomTo(this.map.getZoom() + steps, { duration: isMotionReduced() ? 0 : 200 });
  }

  /** Her places are for a minute on a screen: a picture, which stays, is made without them. */
  private async picture(): Promise<Blob> {
    const redraw = (isOnPaper: boolean) => {
      this.isOnPaper = isOnPaper;
      this.drawnHers = null;
      this.draw();
    };
    redraw(true);
    try {
      const under = (width: number, most: number) => lanesOnPaper(this.model, width, most);
      return await exhibit(this.map, { ...exhibitOf(this.model, this.options.paper()), under });
    } finally {
      redraw(false);
    }
  }

  private style() {
    const theme = readTheme(this.options.theme);
    return withServed(composeStyle(this.sources, theme, this.tokens, readScreenFactor()), this.sources, theme, HER_LAYERS);
  }

  // A style holds no layers of ours: they are put on again after each load.
  private dress(): void {
    this.hasStyle = true;
    this.options.trouble("");
    if (!this.map.getSource("replay-words")) {
      this.map.addSource("replay-words", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    }
    if (!this.map.getLayer(TRACK_LAYER_ID)) {
      this.map.addLayer(this.layer, this.map.getLayer(FIRST_LABEL_LAYER) ? FIRST_LABEL_LAYER : undefined);
    }
    if (!this.map.getLayer("replay-words")) this.map.addLayer(enlarged(wordsLayer(this.tokens), readScreenFactor()));
    this.drawnZones = "-";
    this.drawnHers = null;
    this.drawnLabels = "-";
    this.drawAll();
  }

  private drawAll(): void {
    if (!this.hasStyle) return;
    this.frameAtFirst();
    this.layer.look = { hasRings: this.model.view.hasRings, isRaw: this.model.view.isRaw };
    this.draw();
  }

  /** The picture of this instant. Called for every frame of a scrub, so it does little. */
  private draw(): void {
    if (!this.hasStyle) return;
    const { model } = this;
    const nowS = model.nowS();
    this.layer.show(model.loaded.map((loaded, index) => shownAt(loaded, nowS, model.view, index === 0)));
    const zones = zonesKey(model.zones, nowS);
    if (zones !== this.drawnZones) {
      this.drawnZones = zones;
      this.map.getSource<GeoJSONSource>("zones")?.setData(zonesAt(model.zones, nowS));
    }
    if (this.drawnHers !== model.hers) {
      this.drawnHers = model.hers;
      const hers = this.isOnPaper ? [] : model.hers;
      for (const name of HER_LAYERS) this.map.getSource<GeoJSONSource>(name)?.setData(drawnOf(hers, name));
    }
    this.drawWords(nowS);
    if (model.view.isFollowing) this.follow(nowS);
  }

  private drawWords(nowS: number): void {
    const words = wordsOf(this.model, nowS);
    const key = words.features.map((each) => `${each.properties?.["text"]}${each.properties?.["key"]}`).join();
    if (key === this.drawnLabels) return;
    this.drawnLabels = key;
    this.map.getSource<GeoJSONSource>("replay-words")?.setData(words);
  }

  private follow(nowS: number): void {
    const first = this.model.first;
    const place = first ? first.track.placeAt(nowS) : -1;
    if (!first || place < 0) return;
    const [lon, lat] = first.track.lonLat(place);
    const view = this.map.getBounds().toArray().flat() as Bounds;
    if (isVisible([lon, lat, lon, lat], view, 0.2)) return;
    this.isMoved = true;
    this.map.jumpTo({ center: [lon, lat] });
  }

  private frameAtFirst(): void {
    const track = this.model.first?.track;
    if (this.isFramed || !track?.places.length) return;
    this.isFramed = true;
    this.isMoved = this.model.view.map !== null;
    this.map.once("idle", () => performance.mark("replay-drawn"));
    this.frame();
  }

  /** As the address says, else all of the tracks. */
  private frame(): void {
    const track = this.model.first!.track;
    const { map } = this.model.view;
    if (!map || !this.isMoved) {
      const bounds = this.boundsOfTracks();
      if (bounds) this.map.fitBounds(bounds, { padding: 60, maxZoom: 16, duration: 0 });
      return;
    }
    const [lon, lat] = track.lonLat(0);
    const [east, north, zoom] = map;
    this.map.jumpTo({
      center: [lon + east / (METRES_A_DEGREE * Math.cos((lat * Math.PI) / 180)), lat + north / METRES_A_DEGREE],
      zoom,
    });
  }

  /**
   * The middle as metres from the first fix: a link must not say where. A map that nobody has moved
   * shows all of the tracks, on whatever screen the link is opened.
   */
  private keepPlace(): void {
    const track = this.model.first?.track;
    if (!this.isFramed || !this.isMoved || !track?.places.length) return;
    const [lon, lat] = track.lonLat(0);
    const { lng, lat: middle } = this.map.getCenter();
    const east = (lng - lon) * METRES_A_DEGREE * Math.cos((lat * Math.PI) / 180);
    this.model.change({ map: [east, (middle - lat) * METRES_A_DEGREE, this.map.getZoom()] });
  }

  private boundsOfTracks(): Bounds | null {
    let bounds: Bounds | null = null;
    for (const { track } of this.model.loaded) if (track.bounds) bounds = join(bounds, track.bounds);
    return bounds;
  }

  private click(event: MapMouseEvent): void {
    const found = nearestFix(this.model, event.lngLat, this.map.getZoom());
    if (found) this.model.seek(found.loaded.track.placeS(found.place));
  }

  private hover(event: MapMouseEvent): void {
    const found = nearestFix(this.model, event.lngLat, this.map.getZoom());
    this.map.getCanvas().style.cursor = found ? "pointer" : "";
    if (!found) return this.options.hovered("", 0, 0);
    const { track } = found.loaded;
    const atS = track.placeS(found.place);
    const stamp = stampIn(this.model.timeZone, atS);
    const mps = track.speedMps[found.place]!;
    const words = [
      `${stamp.day} ${stamp.time} ${stamp.zone}`,
      `±${Math.round(track.radiusM[track.places[found.place]!]!)} m`,
      Number.isNaN(mps) ? "" : `${(mps * 3.6).toFixed(0)} km/h`,
    ];
    this.options.hovered(words.filter(Boolean).join(" · "), event.point.x, event.point.y);
  }
}
