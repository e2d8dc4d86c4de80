// Keys of the replay. The page's other keys (? Ctrl+K G Alt+T U) stay what they are everywhere.

import { hasLetters, isGoing } from "../keys/bind.ts";
import { listKeys } from "../keys/page_keys.ts";
import { bookmark, changeTail, installSkip, jump, run, savePicture, setMark, stepFix, stepTime, togglePlay } from "./acts.ts";
import type { ReplayModel } from "./model.ts";

export interface ReplayKey {
  /** As KeyboardEvent.key says it, letters small; "Shift+" before it. */
  keys: readonly string[];
  words: string;
  act(model: ReplayModel): void;
}

export const REPLAY_KEYS: readonly ReplayKey[] = [
  { keys: [" "], words: "play, pause", act: togglePlay },
  { keys: ["j"], words: "back; again faster", act: (model) => run(model, -1) },
  { keys: ["k"], words: "stop", act: (model) => model.pause() },
  { keys: ["l"], words: "forward; again faster", act: (model) => run(model, 1) },
  { keys: ["ArrowLeft"], words: "one fix back", act: (model) => stepFix(model, -1) },
  { keys: ["ArrowRight"], words: "one fix on", act: (model) => stepFix(model, 1) },
  { keys: ["Shift+ArrowLeft"], words: "one minute back", act: (model) => stepTime(model, -60) },
  { keys: ["Shift+ArrowRight"], words: "one minute on", act: (model) => stepTime(model, 60) },
  { keys: ["n"], words: "next event", act: (model) => jump(model, "event", 1) },
  { keys: ["Shift+n"], words: "event before", act: (model) => jump(model, "event", -1) },
  { keys: ["s"], words: "next stop", act: (model) => jump(model, "stop", 1) },
  { keys: ["Shift+s"], words: "stop before", act: (model) => jump(model, "stop", -1) },
  { keys: ["x"], words: "next gap", act: (model) => jump(model, "gap", 1) },
  { keys: ["Shift+x"], words: "gap before", act: (model) => jump(model, "gap", -1) },
  { keys: ["b"], words: "bookmark with a note", act: bookmark },
  { keys: ["i"], words: "in mark", act: (model) => setMark(model, "inS") },
  { keys: ["o"], words: "out mark", act: (model) => setMark(model, "outS") },
  { keys: ["e"], words: "save this instant as a picture for paper", act: savePicture },
  { keys: ["f"], words: "follow on the map", act: (model) => model.change({ isFollowing: !model.view.isFollowing }) },
  { keys: ["t"], words: "fixes as a table", act: (model) => model.change({ tab: "fixes" }) },
  { keys: ["r"], words: "raw fixes, × for the doubted", act: (model) => model.change({ isRaw: !model.view.isRaw }) },
  { keys: ["w"], words: "longer tail", act: changeTail },
  { keys: ["+"], words: "nearer", act: (model) => model.zoomBy?.(1) },
  { keys: ["-"], words: "further away", act: (model) => model.zoomBy?.(-1) },
  { keys: ["0"], words: "the whole track in view", act: (model) => model.fit?.() },
];

const BY_KEY = new Map(REPLAY_KEYS.flatMap((entry) => entry.keys.map((key) => [key, entry] as const)));

/** The entry for a press; null where the page's own keys are meant. */
export function replayKey(event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey">): ReplayKey | null {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  // Which keys need Shift for a sign differs by keyboard.
  if (/^[+-]$/.test(key)) return BY_KEY.get(key)!;
  return BY_KEY.get(event.shiftKey ? `Shift+${key}` : key) ?? null;
}

export function bindKeys(model: ReplayModel): () => void {
  installSkip(model);
  const listen = (event: KeyboardEvent) => {
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (event.isComposing || isGoing() || document.querySelector("dialog[open]") || !model.loaded.length) return;
    if (target?.matches("input:not([type=checkbox]), textarea, select") || target?.isContentEditable) return;
    const entry = replayKey(event);
    if (!entry || (!hasLetters() && /^[a-z]$/i.test(event.key))) return;
    // A button that has the focus takes the space bar for itself.
    if (event.key === " " && target?.matches("button, a, input, [role=tab]")) return;
    event.preventDefault();
    event.stopPropagation();
    entry.act(model);
  };
  // Before the page's own listener, whose J and K are a queue's.
  document.addEventListener("keydown", listen, true);
  const unlist = listKeys({ title: "Replay", lines: REPLAY_KEYS });
  return () => {
    document.removeEventListener("keydown", listen, true);
    unlist();
  };
}
