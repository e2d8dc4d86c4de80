// Keys of the studio: the one table, for the listener and for the sheet that prints it. Like the
// room's other keys, letters do nothing while somebody types and can be switched off as a whole.

import { hasLetters, isGoing } from "../keys/bind.ts";
import { listKeys } from "../keys/page_keys.ts";

export type StudioKey =
  | "select"
  | "polygon"
  | "rectangle"
  | "circle"
  | "corridor"
  | "hole"
  | "snap"
  | "table"
  | "rehearse"
  | "fit"
  | "delete"
  | "undo"
  | "redo"
  | "save"
  | "send"
  | "finish"
  | "escape"
  | "address"
  | "zoom-in"
  | "zoom-out"
  | "move";

export const STUDIO_KEYS: readonly { action: StudioKey; keys: readonly string[]; words: string }[] = [
  { action: "select", keys: ["v"], words: "choose and edit" },
  { action: "polygon", keys: ["p"], words: "draw a polygon" },
  { action: "rectangle", keys: ["r"], words: "draw a rectangle" },
  { action: "circle", keys: ["c"], words: "draw a circle" },
  { action: "corridor", keys: ["b"], words: "draw a corridor along a street" },
  { action: "hole", keys: ["h"], words: "cut a hole" },
  { action: "snap", keys: ["s"], words: "snapping on, off (hold Alt: off)" },
  { action: "table", keys: ["t"], words: "table of corners" },
  { action: "rehearse", keys: ["k"], words: "rehearse on the past" },
  { action: "fit", keys: ["z", "0"], words: "the zone in view" },
  { action: "zoom-in", keys: ["+", "="], words: "nearer" },
  { action: "zoom-out", keys: ["-"], words: "further" },
  { action: "delete", keys: ["Delete"], words: "delete the chosen corner" },
  { action: "move", keys: ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"], words: "move the chosen corner 1 m, with Shift 10 m" },
  { action: "finish", keys: ["Enter"], words: "finish the shape" },
  { action: "escape", keys: ["Escape"], words: "drop what is half drawn, let go" },
  { action: "address", keys: ["/"], words: "find a street" },
  { action: "undo", keys: ["Ctrl+z"], words: "undo" },
  { action: "redo", keys: ["Ctrl+Shift+z", "Ctrl+y"], words: "redo" },
  { action: "save", keys: ["Ctrl+s"], words: "save now" },
  { action: "send", keys: ["Ctrl+Enter"], words: "send for signature" },
];

const BY_KEY = new Map(STUDIO_KEYS.flatMap((entry) => entry.keys.map((key) => [key, entry.action] as const)));

export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  isTyping: boolean;
}

export function studioKey(press: Press, letters = true): StudioKey | null {
  if (press.altKey) return null;
  const plain = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const held = press.ctrlKey || press.metaKey ? (press.shiftKey && plain.length === 1 ? "Ctrl+Shift+" : "Ctrl+") : "";
  const action = BY_KEY.get(held + plain) ?? null;
  // In a text field Ctrl+Z is the field's own; saving and sending work everywhere.
  if (press.isTyping && action !== "save" && action !== "send") return null;
  if (!held && plain.length === 1 && !letters) return null;
  return action;
}

/** Hears keys until the returned function is called; the ear answers whether it took the key. */
export function onStudioKey(ear: (action: StudioKey, event: KeyboardEvent) => boolean): () => void {
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || isGoing() || document.querySelector("dialog[open]")) return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    const isTyping = target !== null && (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=range])"));
    // A button that has the focus is pressed by Enter; the shape is not finished by it.
    if (event.key === "Enter" && !event.ctrlKey && target?.matches("button, a, summary")) return;
    // Along a row of tabs and on a slider the arrows are theirs.
    if (event.key.startsWith("Arrow") && target?.matches("[role=tab], [type=range]")) return;
    const action = studioKey({ ...pressOf(event), isTyping }, hasLetters());
    if (action && ear(action, event)) event.preventDefault();
  };
  // Before the room's own listener: here P draws, and dispatches nobody.
  document.addEventListener("keydown", listen, true);
  const unlist = listKeys({ title: "Zone studio", lines: STUDIO_KEYS });
  return () => {
    document.removeEventListener("keydown", listen, true);
    unlist();
  };
}

function pressOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): Omit<Press, "isTyping"> {
  return { key, ctrlKey, metaKey, altKey, shiftKey };
}
