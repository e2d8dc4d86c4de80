// What the map fetches over HTTP, and how far it has come. Each part may fail alone: the others
// keep working, and the screen says which one is missing.

import type { FeatureCollection } from "geojson";
import type { LayerSpecification } from "maplibre-gl";
import type { Theme } from "./tokens.ts";

export interface BasemapInfo {
  bounds: [number, number, number, number] | null;
  centre: [number, number] | null;
  attribution: string;
  min_zoom: number;
  max_zoom: number;
  version?: number | string;
}

export interface PatternImage {
  width: number;
  height: number;
  pixel_ratio?: number;
  /** base64, row by row. */
  rgba: string;
}

export interface Legend {
  layer: string;
  title: string;
  entries: { symbol: string; text: string }[];
}

export interface Catalogue {
  /** Layers by theme, from the ground up. */
  styles: Partial<Record<Theme, LayerSpecification[]>>;
  legends?: Legend[];
  images?: Partial<Record<Theme, Record<string, PatternImage>>>;
}

export interface TagInfo {
  code: string;
  kind: string;
  role: string;
  /** Its plan, in seconds. */
  report_every_s?: number | null;
}

export type Part = "catalogue" | "basemap" | "zones" | "tags";
export type PartState = "loading" | "ready" | "failed";

/** In the order in which the screen counts them. */
export const PARTS: readonly Part[] = ["catalogue", "basemap", "zones", "tags"];

const WORDS: Record<Part, string> = {
  catalogue: "map styles",
  basemap: "base map",
  zones: "zones",
  tags: "case codes",
};

const RETRY_MS = 5_000;

export class MapSources {
  catalogue: Catalogue | null = null;
  basemap: BasemapInfo | null = null;
  zones: FeatureCollection = { type: "FeatureCollection", features: [] };
  readonly state: Record<Part, PartState> = {
    catalogue: "loading",
    basemap: "loading",
    zones: "loading",
    tags: "loading",
  };
  /** As the server sent them. */
  directory: Record<string, TagInfo> = {};
  private codes = new Map<number, string>();
  /** Of what each part was fetched as last. */
  private readonly tags = new Map<Part, string>();
  private askedMs: Partial<Record<Part, number>> = {};
  private isOver = false;
  private readonly ears = new Set<(part: Part) => void>();
  private waiting: { parts: readonly Part[]; resolve: () => void }[] = [];

  constructor(
    private readonly changed: (part: Part) => void,
    /** Where a part is fetched from, if not from where the desk fetches it. */
    private readonly elsewhere: Partial<Record<Part, string>> = {},
  ) {}

  /** Fetches these parts; a map that needs fewer names them. */
  load(parts: readonly Part[] = PARTS): void {
    for (const part of parts) void this.fetch(part);
  }

  stop(): void {
    this.isOver = true;
  }

  /** Hears of each part that has come or failed, for a second map on the same sources. */
  on(ear: (part: Part) => void): () => void {
    this.ears.add(ear);
    return () => this.ears.delete(ear);
  }

  /** Resolves when these parts have answered, one way or the other. */
  ready(parts: readonly Part[]): Promise<void> {
    if (parts.every((part) => this.state[part] !== "loading")) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ parts, resolve }));
  }

  /** The case code of a tag; null until it is known. */
  codeOf(id: number): string | null {
    return this.codes.get(id) ?? null;
  }

  /** All codes that are known, by tag. */
  codesById(): Iterable<[number, string]> {
    return this.codes;
  }

  /** Fetches this part again, at most once in five seconds. */
  refresh(part: Part): void {
    const askedMs = this.askedMs[part];
    if (askedMs !== undefined && performance.now() - askedMs < RETRY_MS) return;
    void this.fetch(part);
  }

  /** "Loading 3 of 4: zones"; empty once all parts answered one way or the other. */
  progress(): string {
    const waiting = PARTS.filter((part) => this.state[part] === "loading");
    const next = waiting[0];
    if (!next) return "";
    return `Loading ${PARTS.length - waiting.length + 1} of ${PARTS.length}: ${WORDS[next]}`;
  }

  /** "Zones unavailable"; empty when nothing failed. */
  failures(): string {
    const failed = PARTS.filter((part) => this.state[part] === "failed").map((part) => WORDS[part]);
    if (failed.length === 0) return "";
    const words = failed.join(", ");
    return `${words[0]!.toUpperCase()}${words.slice(1)} unavailable`;
  }

  private async fetch(part: Part): Promise<void> {
    this.askedMs[part] = performance.now();
    try {
      const address = this.elsewhere[part] ?? ADDRESS[part];
      const tag = this.tags.get(part);
      const answer = await fetch(address, {
        headers: { accept: "application/json", ...(tag ? { "If-None-Match": tag } : {}) },
      });
      // Asked for each minute and seldom changed: thousands of zones are not cut into tiles for nothing.
      if (answer.status === 304) return;
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      this.take(part, await answer.json());
      this.state[part] = "ready";
      this.tags.set(part, answer.headers.get("ETag") ?? "");
    } catch (error) {
      console.warn("Vigil:", error instanceof Error ? error.message : error);
      // What was fetched before stays on the map; only a part that never came is missing.
      if (this.state[part] !== "ready") this.state[part] = "failed";
      if (!this.isOver) setTimeout(() => !this.isOver && void this.fetch(part), RETRY_MS);
    }
    if (this.isOver) return;
    this.changed(part);
    this.ears.forEach((ear) => ear(part));
    const isReady = ({ parts }: { parts: readonly Part[] }) => parts.every((each) => this.state[each] !== "loading");
    this.waiting.filter(isReady).forEach(({ resolve }) => resolve());
    this.waiting = this.waiting.filter((each) => !isReady(each));
  }

  private take(part: Part, found: unknown): void {
    switch (part) {
      case "catalogue":
        this.catalogue = found as Catalogue;
        break;
      case "basemap":
        this.basemap = found as BasemapInfo;
        break;
      case "zones":
        this.zones = found as FeatureCollection;
        break;
      case "tags":
        this.directory = found as Record<string, TagInfo>;
        this.codes = new Map(
          Object.entries(this.directory).map(([id, tag]) => [Number(id), tag.code]),
        );
    }
  }
}

const ADDRESS: Record<Part, string> = {
  catalogue: "/layers/catalogue.json",
  basemap: "/layers/basemap.json",
  zones: "/layers/zones.geojson",
  tags: "/layers/tags.json",
};
