// One listener a page. Components take the actions they know; the page's own are in desk_keys.ts.

import { keepChoice, myChoices } from "../desk/choices.ts";
import { actionFor, type Chosen, chooseKeys, type KeyAction, screenFor } from "./keymap.ts";

type Ear = (action: KeyAction, event: KeyboardEvent) => boolean;

const GO_WITHIN_MS = 1_500;

let ears: readonly Ear[] = [];
let isListening = false;
let goUntilMs = 0;

let letters = true;
let own: Chosen = {};

/** Whether single letters act; a person may switch them off. */
export function hasLetters(): boolean {
  return letters;
}

/** The keys this person has in place of the table's. */
export function ownKeys(): Chosen {
  return own;
}

/** Changes what this person's keys are, here and on every screen they sit down at later. */
export function keepKeys(changed: { letters?: boolean; keys?: Chosen }): void {
  take({ letters, keys: own, ...changed });
  keepChoice("keys", { letters, keys: own });
}

function take(found: { letters?: boolean; keys?: Chosen }): void {
  letters = found.letters !== false;
  own = found.keys ?? {};
  chooseKeys(own);
}

/** Whether `G` was just pressed: the next letter names a screen, whatever else it means here. */
export function isGoing(): boolean {
  return performance.now() < goUntilMs;
}

/**
 * Hears each action until the returned function is called; answers whether it took it. `isFirst`:
 * before the others, for what lies over the page and has to go before what is under it.
 */
export function onKey(ear: Ear, isFirst = false): () => void {
  if (!isListening) {
    isListening = true;
    document.addEventListener("keydown", listen);
    void myChoices().then((all) => take(all["keys"] ?? {}));
  }
  ears = isFirst ? [ear, ...ears] : [...ears, ear];
  return () => {
    ears = ears.filter((each) => each !== ear);
  };
}

function listen(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const target = event.target instanceof HTMLElement ? event.target : null;
  const press = {
    // With Alt some systems write another sign; the key's own name stays.
    key: event.altKey && event.code.startsWith("Key") ? event.code.slice(3) : event.key,
    ctrlKey: event.ctrlKey,
    altKey: event.altKey,
    metaKey: event.metaKey,
    shiftKey: event.shiftKey,
    isTyping: isTyping(target),
  };
  if (isGoing() && !press.isTyping) {
    goUntilMs = 0;
    const screen = screenFor(event.key);
    if (screen && hasLetters()) {
      event.preventDefault();
      location.assign(screen.path);
      return;
    }
  }
  const action = actionFor(press, target?.closest("[data-alert-list]") != null, hasLetters());
  if (!action) return;
  if (action === "go") {
    goUntilMs = performance.now() + GO_WITHIN_MS;
    return;
  }
  if (tell(action, event)) event.preventDefault();
}

/** Does what a key would do, for who clicks its name. */
export function press(action: KeyAction): void {
  tell(action, new KeyboardEvent("keydown"));
}

function tell(action: KeyAction, event: KeyboardEvent): boolean {
  return ears.some((ear) => ear(action, event));
}

function isTyping(target: HTMLElement | null): boolean {
  if (target === null) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target.matches("input") && !target.matches("[type=radio], [type=checkbox], [type=button]");
}
