// What a hand or a key does to the drawing: tools, corners, steps back. Half of it passes through
// the drawing tool on the map, half of it needs no map at all.

import type { Studio } from "./controller.ts";
import { Editor, type Tool } from "./editor.ts";
import type { Position } from "./geometry.ts";
import { type Corner, faultOf, moved, movedBy, type Part, removed } from "./shape.ts";
import type { Target } from "./snapping.ts";
import type { StudioMap } from "./studio_map.ts";

export class Hand {
  tool: Tool = "select";
  isSnapping = true;
  snapTarget: Target | null = null;
  chosen: Corner | null = null;
  /** The parts as they would be if the hand let go now; null: nothing moves. */
  live: readonly Part[] | null = null;
  corridorM = 40;
  private editor: Editor | null = null;

  constructor(private readonly studio: Studio) {}

  /** On a map whose style has just loaded. */
  start(map: StudioMap): void {
    this.editor ??= this.makeEditor(map);
    this.editor.start();
  }

  get isDrawing(): boolean {
    return this.editor?.isDrawing ?? false;
  }

  /** Shows on the map what the session holds. */
  follow(): void {
    const { session, isLocked, compared } = this.studio;
    this.editor?.setLocked(isLocked || compared !== null);
    if (session && !this.live) this.editor?.setParts(session.parts);
  }

  setTool(tool: Tool): void {
    if (this.studio.isLocked) return;
    this.tool = tool;
    this.editor?.setTool(tool);
    this.studio.tell();
  }

  setSnapping(isOn: boolean): void {
    this.isSnapping = isOn;
    this.editor?.setSnapping(isOn);
    this.studio.say(isOn ? "Corners snap to vertices, streets and other zones. Hold Alt to draw freely." : "Corners do not snap.");
  }

  /** New parts by other means than the mouse: a key, a table, a figure. What cannot be a zone is not taken. */
  setParts(parts: readonly Part[], words: string): boolean {
    const { session, isLocked } = this.studio;
    if (!session || isLocked) return false;
    const fault = faultOf(parts);
    this.editor?.showFault(fault?.at ?? []);
    if (fault) {
      this.studio.say(fault.words);
      return false;
    }
    session.setParts(parts, words);
    this.editor?.setParts(session.parts);
    return true;
  }

  choose(corner: Corner | null): void {
    this.chosen = corner;
    this.editor?.showChosen(corner);
    this.studio.tell();
  }

  moveChosen(eastM: number, northM: number): boolean {
    const { session, isLocked } = this.studio;
    if (!session || isLocked || !this.chosen) return false;
    this.setParts(movedBy(session.parts, this.chosen, eastM, northM), "move a corner by key");
    this.editor?.showChosen(this.chosen);
    return true;
  }

  placeCorner(corner: Corner, at: Position): void {
    const { session, isLocked } = this.studio;
    if (!session || isLocked) return;
    this.setParts(moved(session.parts, corner, at), "place a corner by figures");
    this.choose(corner);
  }

  deleteChosen(): boolean {
    const { session, isLocked } = this.studio;
    if (!session || isLocked || !this.chosen) return false;
    if (this.setParts(removed(session.parts, this.chosen), "delete a corner")) this.choose(null);
    return true;
  }

  undo(): void {
    if (this.editor?.undoCorner()) return;
    this.stepped(this.studio.session?.undo() ?? null, "Undone");
  }

  redo(): void {
    if (this.editor?.redoCorner()) return;
    this.stepped(this.studio.session?.redo() ?? null, "Redone");
  }

  finishDrawing(): boolean {
    if (!this.isDrawing) return false;
    this.editor!.finishDrawing();
    return true;
  }

  /** What is half drawn, then the chosen corner, then the tool. */
  escape(): boolean {
    if (this.isDrawing) this.editor!.cancelDrawing();
    else if (this.chosen) this.choose(null);
    else if (this.tool !== "select") this.setTool("select");
    else return false;
    return true;
  }

  private makeEditor(map: StudioMap): Editor {
    const { studio } = this;
    return new Editor(map, {
      changed: (parts, words) => {
        studio.session?.setParts(parts, words);
        this.editor?.showChosen(this.chosen);
      },
      live: (parts) => {
        this.live = parts;
        studio.tell();
      },
      chosen: (corner) => this.choose(corner),
      tool: (tool) => {
        this.tool = tool;
        studio.tell();
      },
      say: (words) => studio.say(words),
      snapped: (target) => {
        if (this.snapTarget === target) return;
        this.snapTarget = target;
        studio.tell();
      },
      corridorWidth: () => this.corridorM,
    });
  }

  private stepped(words: string | null, verb: string): void {
    if (words === null) return;
    this.follow();
    this.choose(null);
    this.studio.say(`${verb}: ${words}`);
  }
}
