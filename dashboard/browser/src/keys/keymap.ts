// Which key does what. Pure; bind.ts listens. Single letters do nothing while somebody types, and
// nothing together with Ctrl, Alt or Meta, which belong to browser and system.

export type KeyAction =
  | "next-alert"
  | "previous-alert"
  | "open-alert"
  | "filter-1"
  | "filter-2"
  | "filter-3"
  | "deselect"
  | "zoom-in"
  | "zoom-out"
  | "fit"
  | "follow"
  | "table";

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  isTyping: boolean;
}

export const KEYS: Readonly<Record<string, KeyAction>> = {
  j: "next-alert",
  ArrowDown: "next-alert",
  k: "previous-alert",
  ArrowUp: "previous-alert",
  Enter: "open-alert",
  "1": "filter-1",
  "2": "filter-2",
  "3": "filter-3",
  Escape: "deselect",
  "+": "zoom-in",
  "=": "zoom-in",
  "-": "zoom-out",
  "0": "fit",
  f: "follow",
  t: "table",
};

/** Only where the list itself has the focus: elsewhere these keys scroll a page or press a button. */
const IN_LIST_ONLY = new Set(["ArrowDown", "ArrowUp", "Enter"]);

export function actionFor(press: KeyPress, isInList: boolean): KeyAction | null {
  if (press.isTyping || press.ctrlKey || press.altKey || press.metaKey) return null;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  if (IN_LIST_ONLY.has(key) && !isInList) return null;
  return KEYS[key] ?? null;
}
