// Holds map, editor and draft together and tells the screen when something is different. No React
// in here: panels read it and call it.

import { MapSources } from "../map/sources.ts";
import type { Check, Compare, Door, Draft, Hit, Version, ZonePage } from "./answers.ts";
import { api, Clash, Refusal, wordsOf } from "./api.ts";
import { Editor, type Tool } from "./editor.ts";
import { metresToEdge, type Position } from "./geometry.ts";
import { drawCompare, drawHits, drawShapes } from "./drawing.ts";
import { feature } from "./layers.ts";
import { onNews } from "./news.ts";
import { Session } from "./session.ts";
import { allPositions, area, type Corner, moved, movedBy, type Part, perimeter, removed, vertexCount } from "./shape.ts";
import type { Target } from "./snapping.ts";
import { StudioMap } from "./studio_map.ts";
import { isInForce, positionsOf } from "./words.ts";

export interface Measures {
  areaM2: number;
  perimeterM: number;
  /** As they were set: a circle has one. */
  vertices: number;
  /** Of the outline that is kept, where it has others. */
  outline: number | null;
  doorM: number | null;
  /** Whether the hand is still moving: the server has not measured this yet. */
  isLive: boolean;
}

const SAY_MS = 9_000;
const ZONES_NOW = "/layers/zones.geojson?drafts";

export class Studio {
  session: Session | null = null;
  page: ZonePage | null = null;
  progress = "Loading the zone";
  trouble = "";
  said = "";
  tool: Tool = "select";
  isSnapping = true;
  snapTarget: Target | null = null;
  chosen: Corner | null = null;
  live: readonly Part[] | null = null;
  compare: Compare | null = null;
  compareWords = "";
  p95M: number | null = null;
  door: Door | null = null;
  corridorM = 40;
  thanks = "";
  private map: StudioMap | null = null;
  private editor: Editor | null = null;
  /** The moment whose zones the map shows, ISO UTC; null: now. */
  zonesAt: string | null = null;
  private readonly addresses = { zones: ZONES_NOW };
  private readonly sources: MapSources;
  private readonly ears = new Set<() => void>();
  private isFramed = false;
  private comparedRevision = -1;
  private sayTimer: ReturnType<typeof setTimeout> | null = null;
  private deaf = () => {};
  /** The newest revision that this draft is said to have. */
  private heardRevision = 0;
  private isStopped = false;

  constructor(
    private readonly which: string,
    private readonly theme: string | undefined,
  ) {
    this.sources = new MapSources(
      (part) => {
        if (part === "zones") this.map?.setZones();
        if (part === "basemap") this.thanks = this.sources.basemap?.attribution ?? "";
        this.tell();
      },
      this.addresses,
    );
  }

  on(ear: () => void): () => void {
    this.ears.add(ear);
    return () => this.ears.delete(ear);
  }

  async start(container: HTMLElement): Promise<void> {
    await document.fonts.load('500 12px "Inter"').catch(() => null);
    this.sources.load();
    await Promise.all([this.load(), this.sources.ready(["catalogue", "basemap"])]);
    if (this.isStopped) return;
    try {
      this.map = new StudioMap(container, this.sources, {
        theme: this.theme,
        dressed: () => {
          this.editor ??= this.makeEditor();
          this.editor.start();
          this.show();
        },
        trouble: (words) => ((this.trouble = words), this.tell()),
      });
    } catch (error) {
      console.error("Vigil map:", error);
      this.trouble = "This browser cannot draw the map (it needs WebGL 2). The table of corners still works.";
    }
    this.deaf = onNews({
      draftId: () => this.session?.draft.draft_id ?? null,
      saved: (revision) => {
        this.heardRevision = Math.max(this.heardRevision, revision);
        void this.catchUp();
      },
      zones: () => {
        this.sources.load(["zones"]);
        void this.askVersions();
      },
      back: () => {
        this.session?.again();
        void this.catchUp(true);
      },
    });
    this.tell();
  }

  stop(): void {
    this.isStopped = true;
    this.session?.stop();
    this.sources.stop();
    this.deaf();
    if (this.sayTimer) clearTimeout(this.sayTimer);
    this.map?.destroy();
  }

  restyle(): void {
    this.map?.restyle();
  }

  // ---- what is open

  async load(): Promise<void> {
    try {
      if (this.which.startsWith("d")) {
        this.open(await api.draft(Number(this.which.slice(1))));
      } else {
        this.page = await api.zone(Number(this.which));
        if (this.page.draft) this.open(this.page.draft);
      }
      this.progress = "";
    } catch (error) {
      this.progress = wordsOf(error);
    }
    this.show();
  }

  /** The version in force, which a new one replaces. */
  get base(): Version | null {
    return this.session?.draft.base ?? this.page?.versions.find((each) => isInForce(each)) ?? null;
  }

  get isLocked(): boolean {
    return !this.session || this.session.isLocked;
  }

  /** The draft as the server has it now, where nothing of ours is on its way. */
  async refresh(): Promise<void> {
    const { session } = this;
    if (session) session.adopt(await api.draft(session.draft.draft_id));
  }

  open(draft: Draft): void {
    this.session?.stop();
    this.session = new Session(draft, () => this.changed());
    this.comparedRevision = -1;
    this.heardRevision = 0;
    this.chosen = null;
    this.changed();
    void this.askDoor(draft.case_id);
    void this.askVersions();
  }

  /** The versions there are by now: a signature or an emergency made another. */
  private async askVersions(): Promise<void> {
    const zoneId = this.session?.draft.zone_id ?? this.page?.zone.zone_id;
    const found = zoneId ? await api.zone(zoneId).catch(() => null) : null;
    if (!found || this.isStopped) return;
    this.page = found;
    this.show();
  }

  /** Her door, as far as it may be seen just now; asked again after a reveal, by hand. */
  async askDoor(caseId: number): Promise<void> {
    this.door = await api.door(caseId).catch(() => null);
    this.show();
  }

  /** Does this and says what went wrong with it; answers whether nothing did. */
  async attempt(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      this.tell();
      return true;
    } catch (error) {
      if (error instanceof Clash && this.session) {
        this.session.theirs = error.theirs;
        this.session.saving = "clash";
      }
      this.say(wordsOf(error));
      return false;
    }
  }

  // ---- editing

  /** What is drawn; of a zone that nobody edits, what holds. */
  get parts(): readonly Part[] {
    return this.live ?? this.session?.parts ?? this.baseParts();
  }

  private baseParts(): readonly Part[] {
    const rings = (this.base?.shape.coordinates ?? []) as Position[][][];
    return rings.map((each) => ({ how: "polygon", rings: each }));
  }

  setTool(tool: Tool): void {
    if (this.isLocked) return;
    this.tool = tool;
    this.editor?.setTool(tool);
    this.tell();
  }

  setSnapping(isOn: boolean): void {
    this.isSnapping = isOn;
    this.editor?.setSnapping(isOn);
    this.say(isOn ? "Corners snap to vertices, streets and other zones. Hold Alt to draw freely." : "Corners do not snap.");
  }

  /** New parts by other means than the hand: a table, an import, a template. */
  setParts(parts: readonly Part[], words: string, isFramed = false): void {
    if (this.isLocked) return;
    this.session!.setParts(parts, words);
    this.editor?.setParts(this.session!.parts);
    if (isFramed) this.fit();
  }

  choose(corner: Corner | null): void {
    this.chosen = corner;
    this.editor?.showChosen(corner);
    this.tell();
  }

  moveChosen(eastM: number, northM: number): boolean {
    if (this.isLocked || !this.chosen) return false;
    this.setParts(movedBy(this.session!.parts, this.chosen, eastM, northM), "move a corner by key");
    this.editor?.showChosen(this.chosen);
    return true;
  }

  placeCorner(corner: Corner, at: Position): void {
    if (this.isLocked) return;
    this.setParts(moved(this.session!.parts, corner, at), "place a corner by figures");
    this.choose(corner);
  }

  deleteChosen(): boolean {
    if (this.isLocked || !this.chosen) return false;
    const corner = this.chosen;
    this.setParts(removed(this.session!.parts, corner), "delete a corner");
    this.choose(null);
    return true;
  }

  undo(): void {
    if (this.editor?.undoCorner()) return;
    this.stepped(this.session?.undo() ?? null, "Undone");
  }

  redo(): void {
    if (this.editor?.redoCorner()) return;
    this.stepped(this.session?.redo() ?? null, "Redone");
  }

  finishDrawing(): boolean {
    if (!this.editor?.isDrawing) return false;
    this.editor.finishDrawing();
    return true;
  }

  /** What is half drawn, then the chosen corner, then the tool. */
  escape(): boolean {
    if (this.editor?.isDrawing) this.editor.cancelDrawing();
    else if (this.chosen) this.choose(null);
    else if (this.tool !== "select") this.setTool("select");
    else return false;
    return true;
  }

  settle(goOnWith: "mine" | "theirs"): void {
    this.session?.settle(goOnWith);
    this.editor?.setParts(this.session?.parts ?? []);
    this.say(goOnWith === "mine" ? "Yours goes on. Theirs is one step back (Ctrl+Z)." : "Theirs goes on. Yours is one step forward (Ctrl+Shift+Z).");
  }

  // ---- what is seen

  measures(): Measures {
    const { parts } = this;
    const saved = this.live || this.session?.saving !== "saved" ? null : (this.session?.draft.measures ?? null);
    const door = this.door?.place ?? null;
    const rings = parts.flatMap((part) => part.rings);
    return {
      areaM2: saved?.area_m2 ?? area(parts),
      perimeterM: saved?.perimeter_m ?? perimeter(parts),
      vertices: vertexCount(parts),
      outline: saved?.vertices && saved.vertices !== vertexCount(parts) ? saved.vertices : null,
      doorM: saved?.door_m ?? (door && rings.length ? metresToEdge(door, rings) : null),
      isLive: saved === null,
    };
  }

  get checks(): readonly Check[] {
    return this.session?.draft.checks ?? [];
  }

  fit(): void {
    const own = allPositions(this.session?.parts ?? []);
    const base = this.base ? positionsOf(this.base.shape) : [];
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
    this.sources.load(["zones"]);
    this.show();
  }

  /** A file's outline before it is taken; nothing takes it, and a place that was found, off again. */
  preview(parts: readonly Part[]): void {
    if (parts.length === 0) this.map?.draw("found", []);
    this.map?.draw("preview", parts.flatMap((part) => part.rings.map((ring) => feature("preview", { type: "LineString", coordinates: ring }))));
    if (parts.length) this.map?.fit(allPositions(parts));
  }

  showHits(hits: readonly Hit[], chosen: Hit | null): void {
    if (this.map) drawHits(this.map, hits, chosen);
    if (chosen) this.map?.fit([[chosen.lon, chosen.lat], ...allPositions(this.session?.parts ?? [])]);
  }

  /** What one of two versions has and the other has not; null takes it off again. */
  showCompare(compare: Compare | null, words = ""): void {
    this.compare = compare;
    this.compareWords = words;
    if (this.map) drawCompare(this.map, compare);
    this.tell();
  }

  say(words: string): void {
    this.said = words;
    if (this.sayTimer) clearTimeout(this.sayTimer);
    this.sayTimer = setTimeout(() => ((this.said = ""), this.tell()), SAY_MS);
    this.tell();
  }

  private makeEditor(): Editor {
    return new Editor(this.map!, {
      changed: (parts, words) => {
        this.session?.setParts(parts, words);
        this.editor?.showChosen(this.chosen);
      },
      live: (parts) => {
        this.live = parts;
        this.tell();
      },
      chosen: (corner) => this.choose(corner),
      tool: (tool) => {
        this.tool = tool;
        this.tell();
      },
      say: (words) => this.say(words),
      snapped: (target) => {
        if (this.snapTarget === target) return;
        this.snapTarget = target;
        this.tell();
      },
      corridorWidth: () => this.corridorM,
    });
  }

  private stepped(words: string | null, verb: string): void {
    if (words === null) return;
    this.editor?.setParts(this.session!.parts);
    this.choose(null);
    this.say(`${verb}: ${words}`);
  }

  private changed(): void {
    this.show();
    const { session } = this;
    void this.catchUp();
    if (session?.saving === "saved" && session.draft.revision !== this.comparedRevision) {
      this.comparedRevision = session.draft.revision;
      void this.measureOnServer(session.draft);
    }
  }

  /** What only the database can tell of the draft that was just saved. */
  private async measureOnServer(draft: Draft): Promise<void> {
    if (draft.parts.length === 0) return;
    const isNow = () => this.session?.draft.revision === draft.revision;
    if (draft.base) {
      const found = await api.compareDraft(draft.draft_id).catch(() => null);
      if (found && isNow()) this.showCompare(found, `against v${draft.base.number} in force`);
    }
    const halo = await api.halo(draft.draft_id).catch(() => null);
    if (halo && isNow()) {
      this.p95M = halo.p95_m;
      this.show();
    }
  }

  /** What somebody else has saved of this draft meanwhile. Ours go out first, and may clash. */
  private async catchUp(isAsked = false): Promise<void> {
    const { session } = this;
    if (!session || session.saving !== "saved" || this.editor?.isDrawing) return;
    if (!isAsked && this.heardRevision <= session.draft.revision) return;
    try {
      const newest = await api.draft(session.draft.draft_id);
      if (this.session !== session || session.saving !== "saved" || newest.revision <= session.draft.revision) return;
      session.adopt(newest);
      this.editor?.setParts(session.parts);
      this.say(`${newest.author} changed this draft; you see it as it is now.`);
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) this.say("This draft is no longer there.");
    }
  }

  private show(): void {
    const { map } = this;
    if (map?.isReady) {
      const parts = this.session?.parts ?? [];
      // A zone that nobody edits is drawn like any other that holds.
      if (this.zonesAt) map.hideOwn(null, null);
      else map.hideOwn(this.session?.draft.zone_id ?? null, this.session?.draft.draft_id ?? null);
      this.editor?.setLocked(this.isLocked);
      if (this.session && !this.live) this.editor?.setParts(parts);
      drawShapes(map, this);
      // Once, when the zone is opened: a map that jumps while somebody draws on it is a nuisance.
      if (!this.isFramed && !this.progress) {
        this.isFramed = true;
        if (parts.length || this.base) this.fit();
      }
    }
    this.tell();
  }

  private tell(): void {
    if (this.live && this.map?.isReady) drawShapes(this.map, this);
    for (const ear of this.ears) ear();
  }
}
