// Which key does what: the one table. bind.ts listens by it, the cheat-sheet is printed from it.
//
// Single letters do nothing while somebody types, nothing together with Ctrl, Alt or Meta, and can
// be switched off as a whole (WCAG 2.1.4).

import { keySigns } from "./page_keys.ts";

export type KeyAction =
  | "next-alert"
  | "previous-alert"
  | "open-alert"
  | "acknowledge"
  | "note"
  | "escalate"
  | "notify-victim"
  | "dispatch"
  | "shelve"
  | "filter-1"
  | "filter-2"
  | "filter-3"
  | "filter-list"
  | "deselect"
  | "zoom-in"
  | "zoom-out"
  | "fit"
  | "follow"
  | "table"
  | "help"
  | "palette"
  | "go"
  | "next-pane"
  | "previous-pane"
  | "fold-left"
  | "fold-right"
  | "reset-panes"
  | "swap-time"
  | "pause-sound"
  | "theme"
  | "replay"
  | "layers"
  | "measure"
  | "minutes"
  | "pop-out-map"
  | "pop-out-case";

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  shiftKey?: boolean;
  isTyping: boolean;
}

export interface KeyEntry {
  action: KeyAction;
  /** As KeyboardEvent.key says it; letters small. With "Ctrl+", "Alt+" or "Shift+" before it. */
  keys: readonly string[];
  words: string;
  group: "everywhere" | "alerts" | "map";
  /** Only where the list has the focus: elsewhere these keys scroll a page or press a button. */
  inList?: readonly string[];
}

export const KEYS: readonly KeyEntry[] = [
  { action: "next-alert", keys: ["j", "ArrowDown"], inList: ["ArrowDown"], words: "next alert", group: "alerts" },
  { action: "previous-alert", keys: ["k", "ArrowUp"], inList: ["ArrowUp"], words: "previous alert", group: "alerts" },
  { action: "acknowledge", keys: ["a"], words: "acknowledge", group: "alerts" },
  { action: "open-alert", keys: ["Enter"], inList: ["Enter"], words: "to the case", group: "alerts" },
  { action: "dispatch", keys: ["d"], words: "dispatch police, then Enter", group: "alerts" },
  { action: "notify-victim", keys: ["v"], words: "notify victim, then Enter", group: "alerts" },
  { action: "note", keys: ["n"], words: "write a note", group: "alerts" },
  { action: "escalate", keys: ["e"], words: "call the supervisor", group: "alerts" },
  { action: "shelve", keys: ["h"], words: "shelve (P2, P3)", group: "alerts" },
  { action: "filter-1", keys: ["1"], words: "only P1, or all", group: "alerts" },
  { action: "filter-2", keys: ["2"], words: "only P2, or all", group: "alerts" },
  { action: "filter-3", keys: ["3"], words: "only P3, or all", group: "alerts" },
  { action: "follow", keys: ["f"], words: "follow on the map", group: "map" },
  { action: "table", keys: ["t"], words: "map as a table", group: "map" },
  { action: "zoom-in", keys: ["+", "="], words: "nearer", group: "map" },
  { action: "zoom-out", keys: ["-"], words: "further", group: "map" },
  { action: "fit", keys: ["0"], words: "everything in view", group: "map" },
  { action: "layers", keys: ["l"], words: "layers of the map", group: "map" },
  { action: "measure", keys: ["x"], words: "measure", group: "map" },
  { action: "minutes", keys: ["i"], words: "rings of 1, 3 and 5 minutes", group: "map" },
  { action: "replay", keys: ["r"], words: "replay from 15 minutes before", group: "alerts" },
  { action: "pop-out-map", keys: ["p"], words: "the map in a window of its own", group: "everywhere" },
  { action: "pop-out-case", keys: ["o"], words: "the case in a window of its own", group: "everywhere" },
  { action: "help", keys: ["?"], words: "this list", group: "everywhere" },
  { action: "palette", keys: ["Ctrl+k"], words: "find a case, a zone, a street, a command", group: "everywhere" },
  { action: "filter-list", keys: ["/"], words: "filter the list", group: "everywhere" },
  { action: "deselect", keys: ["Escape"], words: "close, deselect", group: "everywhere" },
  { action: "go", keys: ["g"], words: "then the letter of a screen: go there", group: "everywhere" },
  { action: "next-pane", keys: ["F6"], words: "next pane", group: "everywhere" },
  { action: "previous-pane", keys: ["Shift+F6"], words: "previous pane", group: "everywhere" },
  { action: "fold-left", keys: ["["], words: "fold the left pane", group: "everywhere" },
  { action: "fold-right", keys: ["]"], words: "fold the right pane", group: "everywhere" },
  { action: "reset-panes", keys: ["\\"], words: "panes as they were at first", group: "everywhere" },
  { action: "swap-time", keys: ["u"], words: "swap which time is large", group: "everywhere" },
  { action: "pause-sound", keys: ["m"], words: "pause the sound for 60 s", group: "everywhere" },
  { action: "theme", keys: ["Alt+t"], words: "night or day", group: "everywhere" },
];

/** What this person chose instead: one key an action. */
export type Chosen = Readonly<Partial<Record<KeyAction, string>>>;

let chosen: Chosen = {};
let byKey = new Map<string, KeyEntry>();

/** Binds these in place of the ones in the table; the table's own for all others. */
export function chooseKeys(keys: Chosen): void {
  chosen = keys;
  byKey = new Map(KEYS.flatMap((entry) => keysOf(entry).map((key) => [key, entry] as const)));
}

/** The keys that do this now: a person's own takes the place of the first. */
export function keysOf(entry: KeyEntry): readonly string[] {
  const own = chosen[entry.action];
  return own === undefined ? entry.keys : [own, ...entry.keys.slice(1)];
}

/** Enter, Escape and what needs Ctrl or Alt stay as every other program has them. */
export function canChange(entry: KeyEntry): boolean {
  return /^(.|(Shift\+)?F\d+)$/.test(entry.keys[0] ?? "");
}

/** Whether a press may become the key of this action: null when it may, else why not. */
export function whyNot(entry: KeyEntry, key: string): string | null {
  if (!/^([!-~]|F\d+)$/.test(key)) return "Only a single letter, digit or sign, or a function key.";
  const other = byKey.get(key);
  return other && other.action !== entry.action ? `That key is for: ${other.words}.` : null;
}

chooseKeys({});

/** A screen of this role: `G` and the letter lead there. The letter small. */
export interface Screen {
  letter: string;
  path: string;
  words: string;
}

let screens: readonly Screen[] = [];

/** The server says where this role may go. */
export function setScreens(found: readonly Screen[]): void {
  screens = found;
}

export function screensHere(): readonly Screen[] {
  return screens;
}

export function screenFor(letter: string): Screen | null {
  return screens.find((screen) => screen.letter === letter.toLowerCase()) ?? null;
}

export function actionFor(press: KeyPress, isInList: boolean, hasLetters = true): KeyAction | null {
  if (press.metaKey || (press.ctrlKey && press.altKey)) return null;
  const plain = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const held = press.ctrlKey ? "Ctrl+" : press.altKey ? "Alt+" : "";
  const isFunction = /^F\d+$/.test(plain);
  const entry = byKey.get(held + (press.shiftKey && isFunction ? "Shift+" : "") + plain);
  if (!entry) return null;
  // Keys with a modifier, and F6, work in a text field as well; nothing else does.
  if (press.isTyping && !held && !isFunction) return null;
  if (entry.inList?.includes(plain) && !isInList) return null;
  const isLetter = !held && plain.length === 1;
  return isLetter && !hasLetters ? null : entry.action;
}

/** The keys of an entry as a person reads them. */
export function keyWords(entry: KeyEntry): string[] {
  return keysOf(entry).map(keySigns);
}
