// What of a zone the map shows and where it looks. It asks the studio what there is to show and
// decides nothing of it.

import { MapSources } from "../map/sources.ts";
import type { Compare, Hit } from "./answers.ts";
import type { Studio } from "./controller.ts";
import { drawCompare, drawHits, drawShapes } from "./drawing.ts";
import type { Position } from "./geometry.ts";
import { feature } from "./layers.ts";
import { allPositions, type Part } from "./shape.ts";
import { StudioMap } from "./studio_map.ts";
import { positionsOf } from "./words.ts";

const ZONES_NOW = "/layers/zones.geojson?drafts";

export class View {
  map: StudioMap | null = null;
  trouble = "";
  thanks = "";
  /** The moment whose zones the map shows, ISO UTC; null: now. */
  zonesAt: string | null = null;
  private readonly addresses = { zones: ZONES_NOW };
  private readonly sources: MapSources;
  private isFramed = false;
  /** The alerts of the rehearsal that are marked. */
  hits: readonly Hit[] = [];

  constructor(
    private readonly studio: Studio,
    private readonly theme: string | undefined,
  ) {
    this.sources = new MapSources((part) => {
      if (part === "zones") this.map?.setZones();
      if (part === "basemap") this.thanks = this.sources.basemap?.attribution ?? "";
      studio.tell();
    }, this.addresses);
  }

  async load(): Promise<void> {
    await document.fonts.load('500 12px "Inter"').catch(() => null);
    this.sources.load();
    await this.sources.ready(["catalogue", "basemap"]);
  }

  /** Puts the map into its frame; `dressed` is called on each style that is there anew. */
  start(container: HTMLElement, dressed: (map: StudioMap) => void): void {
    try {
      const map = new StudioMap(container, this.sources, {
        theme: this.theme,
        dressed: () => dressed(map),
        trouble: (words) => ((this.trouble = words), this.studio.tell()),
      });
      this.map = map;
      // What was answered before there was a map to show it on.
      drawCompare(map, this.studio.compare);
      drawHits(map, this.hits, null);
    } catch (error) {
      console.error("Vigil map:", error);
      this.trouble = "This browser cannot draw the map (it needs WebGL 2). The table of corners still works.";
    }
  }

  stop(): void {
    this.sources.stop();
    this.map?.destroy();
  }

  restyle(): void {
    this.map?.restyle();
  }

  loadZones(): void {
    this.sources.load(["zones"]);
  }

  /** All shapes as they are now. */
  show(): void {
    const { map, studio } = this;
    if (!map?.isReady) return;
    const draft = studio.session?.draft;
    // A zone that nobody edits is drawn like any other that holds.
    map.hideOwn(this.zonesAt ? null : (draft?.zone_id ?? null), this.zonesAt ? null : (draft?.draft_id ?? null));
    drawShapes(map, studio);
    // Once, when the zone is opened: a map that jumps while somebody draws on it is a nuisance.
    if (!this.isFramed && !studio.progress) {
      this.isFramed = true;
      if (studio.parts.length || studio.shown) this.fit();
    }
  }

  /** The same while the hand moves: nothing else can have changed. */
  showLive(): void {
    if (this.map?.isReady) drawShapes(this.map, this.studio);
  }

  fit(): void {
    const own = allPositions(this.studio.session?.parts ?? []);
    const { shown } = this.studio;
    const base = shown ? positionsOf(shown.shape) : [];
    const all = [...own, ...base];
    if (all.length) this.map?.fit(all);
    else if (this.sources.basemap?.bounds) {
      const [west, south, east, north] = this.sources.basemap.bounds;
      this.map?.fit([[west, south], [east, north]]);
    }
  }

  lookAt(position: Position, words = ""): void {
    this.map?.draw("found", [feature("found", { type: "Point", coordinates: position }, { words })]);
    this.map?.fit([position]);
  }

  /** Whether any of these lie on the room's own map; also where there is none to say. */
  isOnMap(parts: readonly Part[]): boolean {
    const bounds = this.sources.basemap?.bounds;
    if (!bounds || parts.length === 0) return true;
    const [west, south, east, north] = bounds;
    return allPositions(parts).some(([lon, lat]) => lon >= west && lon <= east && lat >= south && lat <= north);
  }

  get middle(): Position {
    const centre = this.map?.map.getCenter();
    return centre ? [centre.lng, centre.lat] : [0, 0];
  }

  zoomBy(steps: number): void {
    this.map?.zoomBy(steps);
  }

  /** The zones that were in force at a moment, this one as well; null: those of now. */
  showZonesAt(moment: string | null): void {
    this.zonesAt = moment;
    this.addresses.zones = moment ? `/layers/zones.geojson?at=${encodeURIComponent(moment)}` : ZONES_NOW;
    this.loadZones();
    this.studio.show();
  }

  /** A file's outline before it is taken; nothing takes it, and a place that was found, off again. */
  preview(parts: readonly Part[]): void {
    if (parts.length === 0) this.map?.draw("found", []);
    this.map?.draw("preview", parts.flatMap((part) => [...part.rings, ...(part.line ? [part.line] : [])].map((line) => feature("preview", { type: "LineString", coordinates: line }))));
    if (parts.length) this.map?.fit(allPositions(parts));
  }

  showHits(hits: readonly Hit[], chosen: Hit | null): void {
    this.hits = hits;
    if (this.map) drawHits(this.map, hits, chosen);
    if (chosen) this.map?.fit([[chosen.lon, chosen.lat], ...allPositions(this.studio.session?.parts ?? [])]);
  }

  showCompare(compare: Compare | null): void {
    if (this.map) drawCompare(this.map, compare);
  }
}
