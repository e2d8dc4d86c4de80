// Terra Draw on our map: one of its features for each ring, put together to parts again as soon as
// an edit is finished. What is drawn half stays in here; what is finished is told as new parts.

import type { Feature, Polygon } from "geojson";
import {
  type GeoJSONStoreFeatures,
  TerraDraw,
  TerraDrawModeUndoRedo,
  type TerraDrawMouseEvent,
} from "terra-draw";
import { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";
import { crossings, type Position, type Ring, type Segment } from "./geometry.ts";
import { featuresOf, idOf, isEqual, lengthsOf, placeOf, rebuilt, ringAt, withoutRepeats } from "./drawn.ts";
import { feature } from "./layers.ts";
import { modesOf } from "./modes.ts";
import {
  aCorridor,
  aPolygon,
  circleFrom,
  corners,
  type Corner,
  dragged,
  faultOf,
  type Part,
  positionOf,
  withHole,
} from "./shape.ts";
import type { StudioMap } from "./studio_map.ts";
import type { Target } from "./snapping.ts";

export type Tool = "select" | "polygon" | "rectangle" | "circle" | "corridor" | "hole";

export interface EditorOptions {
  /** A finished edit: the parts as they are now, and what was done, in words. */
  changed(parts: Part[], words: string): void;
  /** Parts as they would be if the hand let go now; null when it has. */
  live(parts: Part[] | null): void;
  chosen(corner: Corner | null): void;
  tool(tool: Tool): void;
  say(words: string): void;
  snapped(target: Target | null): void;
  corridorWidth(): number;
}

const CHOOSE_PX = 12;

export class Editor {
  private draw: TerraDraw | null = null;
  private parts: readonly Part[] = [];
  private now: Tool = "select";
  private isSnapping = true;
  private isAltHeld = false;
  private isHeld = false;
  private isLocked = true;
  private isLoading = false;
  private selected: string | null = null;

  constructor(
    private readonly view: StudioMap,
    private readonly options: EditorOptions,
  ) {
    const ground = view.map.getCanvasContainer();
    ground.addEventListener("pointermove", (event) => (this.isAltHeld = event.altKey), true);
    ground.addEventListener("pointerdown", () => (this.isHeld = true), true);
    window.addEventListener("pointerup", () => (this.isHeld = false), true);
    view.map.on("mousedown", (event) => this.choose(event.point.x, event.point.y));
  }

  /** On a style that has just loaded: what was there before is gone with the old one. */
  start(): void {
    try {
      this.draw?.stop();
    } catch {
      // Its layers went with the old style, and it complains of that; it is thrown away anyhow.
    }
    const draw = new TerraDraw({
      adapter: new TerraDrawMapLibreGLAdapter({ map: this.view.map, prefixId: "studio-draw", coordinatePrecision: 9 }),
      modes: modesOf(this.view.tokens, {
        snap: (event) => this.snap(event),
        mayStand: (drawn, isFinished) => this.mayStand(drawn, isFinished),
        isShownHandle: (point) => this.isShownHandle(point),
      }),
      idStrategy: { isValidId: (id) => typeof id === "string", getId: nextId },
      undoRedo: { modeLevel: new TerraDrawModeUndoRedo() },
    });
    draw.start();
    draw.on("change", (ids, kind) => kind !== "styling" && this.follow(ids as string[]));
    draw.on("finish", (id, { action }) => {
      // A corner pulled out of an edge is told when it is made; it is finished when it is let go.
      if (action === "insertMidpoint" && this.isHeld) return;
      setTimeout(() => this.finish(String(id), action));
    });
    draw.on("select", (id) => (this.selected = String(id)));
    draw.on("deselect", () => (this.selected = null));
    this.draw = draw;
    // The mode first: what is loaded is selected in it.
    draw.setMode(this.isLocked ? "static" : this.now);
    this.load();
  }

  setParts(parts: readonly Part[]): void {
    // Loading again would drop what is half drawn.
    if (parts === this.parts) return;
    this.parts = parts;
    this.load();
  }

  setTool(tool: Tool): void {
    this.now = tool;
    this.options.snapped(null);
    this.view.showSnap(null);
    if (!this.draw) return;
    // A second setting of the same mode drops what was half drawn.
    this.draw.setMode(this.isLocked ? "static" : tool);
    this.options.tool(tool);
  }

  setLocked(isLocked: boolean): void {
    if (isLocked === this.isLocked) return;
    this.isLocked = isLocked;
    this.load();
    if (this.draw) this.draw.setMode(isLocked ? "static" : this.now);
  }

  setSnapping(isOn: boolean): void {
    this.isSnapping = isOn;
  }

  /** Whether a shape is begun and not finished. */
  get isDrawing(): boolean {
    return this.draw?.enabled === true && this.draw.getModeState() === "drawing";
  }

  /** Takes back the last corner of what is being drawn. */
  undoCorner(): boolean {
    return this.isDrawing && this.draw!.canUndo() && this.draw!.undo();
  }

  redoCorner(): boolean {
    return this.isDrawing && this.draw!.canRedo() && this.draw!.redo();
  }

  finishDrawing(): void {
    this.sendKey("Enter");
  }

  cancelDrawing(): void {
    this.sendKey("Escape");
    this.view.draw("length", []);
    this.view.draw("fault", []);
    this.options.live(null);
  }

  // Terra Draw hears keys on the map's own element only, and the focus is seldom there.
  private sendKey(key: string): void {
    this.view.map.getCanvas().dispatchEvent(new KeyboardEvent("keyup", { key }));
  }

  private isShownHandle({ properties }: GeoJSONStoreFeatures): boolean {
    const place = placeOf(String(properties["selectionPointFeatureId"]));
    return !place || this.parts[place.part]?.how !== "circle" || Number(properties["index"]) % 24 === 0;
  }

  private mayStand(drawn: GeoJSONStoreFeatures, isFinished: boolean): boolean {
    if (drawn.geometry.type !== "Polygon") return true;
    const ring = drawn.geometry.coordinates[0] as Ring;
    const found = isFinished ? crossings(ring) : crossings(withoutRepeats(ring.slice(0, -1)), false);
    this.showFault(found.flat());
    if (found.length) this.options.say("That edge would cross the outline. Choose another place, or take the last corner back with Ctrl+Z.");
    return found.length === 0;
  }

  private load(): void {
    // Letting go of what was selected reports a change of what is about to be thrown away.
    this.isLoading = true;
    try {
      this.reload();
    } finally {
      this.isLoading = false;
    }
  }

  private reload(): void {
    if (!this.draw) return;
    const again = this.selected;
    this.draw.clear();
    this.selected = null;
    if (this.isLocked) return;
    const features = this.parts.flatMap((part, number) => featuresOf(part, number));
    for (const result of this.draw.addFeatures(features)) {
      // It does not throw: an answer that is not looked at would hide a ring that cannot be edited.
      if (!result.valid) this.options.say(`A ring cannot be edited here: ${result.reason ?? "unknown"}`);
    }
    const wanted = again && this.draw.hasFeature(again) ? again : features.length === 1 ? features[0]!.id! : null;
    if (this.now === "select" && wanted !== null && this.draw.hasFeature(wanted)) this.draw.selectFeature(wanted);
  }

  /** Something moves under the hand: measure it, and show where it would be at fault. */
  private follow(ids: string[]): void {
    if (this.isLoading) return;
    for (const id of ids) {
      const drawn = this.draw?.getSnapshotFeature(id);
      if (!drawn || !["Polygon", "LineString"].includes(drawn.geometry.type)) continue;
      const place = placeOf(id);
      const isNew = drawn.properties["currentlyDrawing"] === true;
      if (!place && !isNew) continue;
      const before = place ? ringAt(this.parts, place) : null;
      const positions = (drawn.geometry.type === "Polygon" ? drawn.geometry.coordinates[0] : drawn.geometry.coordinates) as Position[];
      if (before && isEqual(before, positions)) continue;
      this.view.draw("length", lengthsOf(String(drawn.properties["mode"]), positions, before, isNew));
      if (place) {
        const parts = this.parts.with(place.part, rebuilt(this.parts[place.part]!, place.ring, positions));
        this.showFault(faultOf(parts)?.at ?? []);
        this.options.live(parts);
      } else if (drawn.properties["mode"] !== "hole") {
        const part = this.partOf(drawn);
        if (part) this.options.live([...this.parts, part]);
      }
      return;
    }
  }

  private finish(id: string, action: string): void {
    this.view.draw("length", []);
    this.view.showSnap(null);
    this.options.snapped(null);
    this.options.live(null);
    const drawn = this.draw?.getSnapshotFeature(id);
    if (!drawn) return;
    const place = placeOf(id);
    const parts = place ? this.edited(drawn, place, action) : this.added(drawn);
    const fault = parts && faultOf(parts);
    if (!parts || fault) {
      this.showFault(fault?.at ?? []);
      this.options.say(fault?.words ?? "A hole has to lie wholly inside the zone.");
      this.load();
      return;
    }
    this.showFault([]);
    this.parts = parts;
    if (!place) {
      this.now = "select";
      this.draw!.setMode("select");
      this.options.tool("select");
      this.selected = drawn.properties["mode"] === "hole" ? null : idOf(parts.length - 1, 0);
    }
    this.load();
    this.options.changed(parts, WORDS[action] ?? `draw a ${String(drawn.properties["mode"])}`);
  }

  private edited(drawn: GeoJSONStoreFeatures, place: { part: number; ring: number }, action: string): Part[] {
    const old = this.parts[place.part]!;
    const positions = (drawn.geometry.type === "Polygon" ? drawn.geometry.coordinates[0] : drawn.geometry.coordinates) as Position[];
    // A zone moves with its holes; a hole moves alone.
    const isWhole = action === "dragFeature" && place.ring === 0 && old.rings.length > 1;
    const part = isWhole ? dragged(old, old.rings[0]![0]!, positions[0]!) : rebuilt(old, place.ring, positions);
    return this.parts.with(place.part, part);
  }

  private added(drawn: GeoJSONStoreFeatures): Part[] | null {
    if (drawn.properties["mode"] === "hole") return withHole(this.parts, (drawn as Feature<Polygon>).geometry.coordinates[0] as Ring);
    const part = this.partOf(drawn);
    return part && [...this.parts, part];
  }

  private partOf(drawn: GeoJSONStoreFeatures): Part | null {
    if (drawn.geometry.type === "LineString") return aCorridor(drawn.geometry.coordinates as Position[], this.options.corridorWidth());
    if (drawn.geometry.type !== "Polygon") return null;
    const ring = drawn.geometry.coordinates[0] as Ring;
    if (drawn.properties["mode"] === "circle") return circleFrom(ring);
    return aPolygon(ring, drawn.properties["mode"] === "rectangle" ? "rectangle" : "polygon");
  }

  private snap(event: TerraDrawMouseEvent): Position | undefined {
    if (!this.isSnapping || this.isAltHeld) {
      this.options.snapped(null);
      return undefined;
    }
    const own = this.parts.map((part) => corners(part).map(({ position }) => position));
    const found = this.view.snapAt(event.containerX, event.containerY, own);
    this.options.snapped(found?.target ?? null);
    return found ? ([Number(found.place[0].toFixed(7)), Number(found.place[1].toFixed(7))] as Position) : undefined;
  }

  private choose(x: number, y: number): void {
    if (this.isLocked || this.now !== "select") return;
    let nearest: Corner | null = null;
    let leastPx = CHOOSE_PX;
    for (const [number, part] of this.parts.entries()) {
      for (const { corner, position } of corners(part)) {
        const at = this.view.map.project(position);
        const px = Math.hypot(at.x - x, at.y - y);
        if (px < leastPx) [leastPx, nearest] = [px, { part: number, ...corner }];
      }
    }
    this.options.chosen(nearest);
  }

  showChosen(corner: Corner | null): void {
    const at = corner && positionOf(this.parts, corner);
    this.view.draw("chosen", at ? [feature("chosen", { type: "Point", coordinates: at })] : []);
  }

  showFault(at: readonly Segment[]): void {
    this.view.draw("fault", at.map((segment) => feature("fault", { type: "LineString", coordinates: segment })));
  }
}

const WORDS: Record<string, string> = {
  dragCoordinate: "move a corner",
  dragFeature: "move the shape",
  dragCoordinateResize: "change the size",
  insertMidpoint: "add a corner",
  deleteCoordinate: "delete a corner",
};

let drawnCount = 0;

function nextId(): string {
  return `new-${++drawnCount}`;
}
