// The map of past breaches: tiles of marks or of heat, the visits as tracks, and the one that is
// selected with its track and its zone as it was then. It knows nothing of React or of lists.

import {
  type GeoJSONSource,
  type LayerSpecification,
  type Map as MapLibre,
  type MapMouseEvent,
  type StyleSpecification,
  type VectorTileSource,
} from "maplibre-gl";
import { addScale, flatMap } from "../map/flat_map.ts";
import { boundsOf, positions } from "../map/framing.ts";
import type { MapSources } from "../map/sources.ts";
import { basemapSource, EMPTY, enlarged } from "../map/style.ts";
import { isMotionReduced, readScreenFactor, readTheme, readTokens, rgb, type Tokens } from "../map/tokens.ts";
import { HATCH, hatchImage } from "../map/zones.ts";
import type { PastBreach, Track } from "./answers.ts";
import { collection, trackFeatures } from "./track_features.ts";
import type { Show } from "./view.ts";

/** Larger than a mark, so that a shaking hand still hits it. */
const PICK_PX = 8;
const MARKS = "breaches-marks";

export interface BreachMapOptions {
  /** A mark that stands for one breach was clicked, or empty ground (null). */
  picked(breachId: number | null): void;
  trouble(words: string): void;
}

export class BreachMap {
  readonly map: MapLibre;
  private query = "";
  private show: Show = "points";
  private chosen: PastBreach | null = null;
  private tracks: readonly Track[] = [];

  constructor(
    container: HTMLElement,
    private readonly sources: MapSources,
    private readonly options: BreachMapOptions,
    query: string,
    show: Show,
  ) {
    this.query = query;
    this.show = show;
    const map = flatMap(container, this.style(), sources.basemap, 10);
    this.map = map;
    addScale(map);
    map.setMissingStyleImageResolver((id) => this.addPattern(id));
    map.on("style.load", () => this.dress());
    map.on("click", (event) => this.click(event));
    map.on("mousemove", (event) => {
      map.getCanvas().style.cursor = this.markAt(event) ? "pointer" : "";
    });
    map.on("error", (event) => this.fail(event.error.message));
  }

  destroy(): void {
    this.map.remove();
  }

  restyle(): void {
    this.map.setStyle(this.style(), { diff: false });
  }

  setFilter(query: string): void {
    if (query === this.query) return;
    this.query = query;
    for (const name of ["breaches", "heat"]) {
      this.map.getSource<VectorTileSource>(name)?.setTiles([tilesOf(name, query)]);
    }
  }

  setShow(show: Show): void {
    this.show = show;
    this.applyShow();
  }

  setTracks(tracks: readonly Track[]): void {
    this.tracks = tracks;
    const features = tracks.flatMap((track) => trackFeatures(track, false));
    this.source("tracks")?.setData(collection(features));
  }

  /** The selected one: its track, its zone of then, a ring round its place. */
  choose(breach: PastBreach | null, isFramed: boolean): void {
    this.chosen = breach;
    this.drawChosen();
    if (breach && isFramed) this.frame(extentOf(breach));
  }

  frame(bounds: [number, number, number, number] | null): void {
    if (!bounds) return;
    this.map.fitBounds(bounds, { padding: 70, maxZoom: 16, duration: isMotionReduced() ? 0 : 500 });
  }

  zoomBy(steps: number): void {
    this.map.zoomTo(this.map.getZoom() + steps, { duration: isMotionReduced() ? 0 : 200 });
  }

  private source(name: string): GeoJSONSource | undefined {
    return this.map.getSource<GeoJSONSource>(name);
  }

  private dress(): void {
    this.applyShow();
    this.setTracks(this.tracks);
    this.drawChosen();
  }

  private applyShow(): void {
    if (!this.map.isStyleLoaded() && !this.map.getLayer(MARKS)) return;
    const seen = (layer: string, isSeen: boolean) => {
      if (this.map.getLayer(layer)) this.map.setLayoutProperty(layer, "visibility", isSeen ? "visible" : "none");
    };
    seen("heat-cloud", this.show === "heat");
    seen(MARKS, this.show !== "heat");
    seen("breaches-numbers", this.show === "points");
    seen("vigil-tracks", this.show === "tracks");
  }

  private drawChosen(): void {
    const breach = this.chosen;
    const features = breach ? trackFeatures(breach.track, true) : [];
    if (breach?.place) {
      features.push({
        type: "Feature",
        properties: { role: "place" },
        geometry: { type: "Point", coordinates: breach.place },
      });
    }
    this.source("visit")?.setData(collection(features));
    this.source("then")?.setData(
      breach?.zone_shape ? { type: "Feature", properties: {}, geometry: breach.zone_shape } : EMPTY,
    );
  }

  private click(event: MapMouseEvent): void {
    const mark = this.markAt(event);
    if (!mark) return this.options.picked(null);
    const breachId = mark.properties["breach_id"];
    if (breachId !== undefined && breachId !== null) return this.options.picked(Number(breachId));
    // Several in one place: closer, until they are apart.
    this.map.easeTo({
      center: event.lngLat,
      zoom: Math.min(this.map.getZoom() + 2, 19),
      duration: isMotionReduced() ? 0 : 300,
    });
  }

  private markAt(event: MapMouseEvent) {
    if (this.show === "heat" || !this.map.getLayer(MARKS)) return undefined;
    const { x, y } = event.point;
    return this.map.queryRenderedFeatures(
      [
        [x - PICK_PX, y - PICK_PX],
        [x + PICK_PX, y + PICK_PX],
      ],
      { layers: [MARKS] },
    )[0];
  }

  private fail(message: string): void {
    console.warn("Vigil map:", message);
    this.options.trouble("Some of the map is unavailable; the list still works");
    this.map.once("idle", () => this.options.trouble(""));
  }

  private addPattern(id: string): void {
    if (this.map.hasImage(id)) return;
    if (id.includes(HATCH)) {
      this.map.addImage(id, hatchImage(rgb(readTokens().zoneLine), 2), { pixelRatio: 2 });
    }
  }

  private style(): StyleSpecification {
    const tokens = readTokens();
    const { basemap, catalogue } = this.sources;
    const served = catalogue?.styles[readTheme(undefined)] ?? [];
    const of = (source: string) => served.filter((layer) => "source" in layer && layer.source === source);
    const marks = { type: "vector" as const, minzoom: 0, maxzoom: 16 };
    const factor = readScreenFactor();
    const layers: LayerSpecification[] = [
      { id: "vigil-ground", type: "background", paint: { "background-color": tokens.mapField } },
      ...(basemap?.bounds ? of("basemap") : []),
      ...thenLayers(tokens),
      ...of("heat"),
      {
        id: "vigil-tracks",
        type: "line",
        source: "tracks",
        layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": tokens.text, "line-width": 1.5, "line-opacity": 0.55 },
      },
      ...of("breaches"),
      ...visitLayers(tokens),
    ];
    return {
      version: 8,
      sources: {
        ...basemapSource(basemap),
        breaches: { ...marks, tiles: [tilesOf("breaches", this.query)] },
        heat: { ...marks, tiles: [tilesOf("heat", this.query)] },
        tracks: { type: "geojson", data: EMPTY },
        visit: { type: "geojson", data: EMPTY },
        then: { type: "geojson", data: EMPTY },
      },
      layers: layers.map((layer) => enlarged(layer, factor)),
      transition: { duration: 0, delay: 0 },
    };
  }
}

function tilesOf(name: string, query: string): string {
  return `${location.origin}/layers/${name}/{z}/{x}/{y}.mvt${query ? `?${query}` : ""}`;
}

function thenLayers(tokens: Tokens): LayerSpecification[] {
  return [
    { id: "vigil-then-fill", type: "fill", source: "then", paint: { "fill-pattern": HATCH } },
    { id: "vigil-then-line", type: "line", source: "then", paint: { "line-color": tokens.zoneLine, "line-width": 2.5 } },
  ];
}

function visitLayers(tokens: Tokens): LayerSpecification[] {
  const is = (role: string) => ["==", ["get", "role"], role] as never;
  return [
    {
      id: "vigil-visit-line",
      type: "line",
      source: "visit",
      filter: is("line"),
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": tokens.text, "line-width": 2.5 },
    },
    {
      id: "vigil-visit-fixes",
      type: "circle",
      source: "visit",
      filter: is("fix"),
      minzoom: 13,
      paint: {
        "circle-radius": 3,
        "circle-color": tokens.mapField,
        "circle-stroke-color": tokens.text,
        "circle-stroke-width": 1.5,
      },
    },
    {
      id: "vigil-visit-gaps",
      type: "circle",
      source: "visit",
      filter: is("gap"),
      paint: {
        "circle-radius": 6,
        "circle-color": tokens.mapField,
        "circle-stroke-color": tokens.stale,
        "circle-stroke-width": 2,
      },
    },
    {
      id: "vigil-visit-gap-words",
      type: "symbol",
      source: "visit",
      filter: is("gap"),
      layout: {
        "text-field": ["get", "words"],
        "text-font": ["Inter"],
        "text-size": 12,
        "text-offset": [0, 1.2],
        "text-anchor": "top",
      },
      paint: { "text-color": tokens.text, "text-halo-color": tokens.mapField, "text-halo-width": 2 },
    },
    {
      id: "vigil-visit-place",
      type: "circle",
      source: "visit",
      filter: is("place"),
      paint: {
        "circle-radius": 13,
        "circle-opacity": 0,
        "circle-stroke-color": tokens.text,
        "circle-stroke-width": 3,
      },
    },
  ];
}

function extentOf(breach: PastBreach): [number, number, number, number] | null {
  const places = breach.track.fixes.map(([lon, lat]): [number, number] => [lon, lat]);
  if (breach.place) places.push(breach.place);
  return boundsOf([...places, ...positions(breach.zone_shape?.coordinates)]);
}
