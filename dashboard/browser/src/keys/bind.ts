// One listener a page. A letter that no component takes presses the button that names it:
// any element with data-key="a" on the page.

import { actionFor, type KeyAction } from "./keymap.ts";

type Ear = (action: KeyAction, event: KeyboardEvent) => boolean;

const ears = new Set<Ear>();
let isListening = false;

/** Hears each action until the returned function is called; answers whether it took it. */
export function onKey(ear: Ear): () => void {
  if (!isListening) {
    isListening = true;
    document.addEventListener("keydown", listen);
  }
  ears.add(ear);
  return () => ears.delete(ear);
}

function listen(event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const target = event.target instanceof HTMLElement ? event.target : null;
  const press = {
    key: event.key,
    ctrlKey: event.ctrlKey,
    altKey: event.altKey,
    metaKey: event.metaKey,
    isTyping: isTyping(target),
  };
  const action = actionFor(press, target?.closest("[data-alert-list]") != null);
  if (action) {
    for (const ear of ears) {
      if (ear(action, event)) {
        event.preventDefault();
        return;
      }
    }
  } else if (!press.isTyping && !press.ctrlKey && !press.altKey && !press.metaKey) {
    if (pressButton(event.key)) event.preventDefault();
  }
}

function pressButton(key: string): boolean {
  if (!/^[a-z]$/i.test(key)) return false;
  const button = document.querySelector<HTMLElement>(`[data-key="${key.toLowerCase()}"]`);
  if (!button || button.matches(":disabled, [aria-disabled=true]")) return false;
  button.click();
  button.focus();
  return true;
}

function isTyping(target: HTMLElement | null): boolean {
  return target !== null && (target.isContentEditable || target.matches("input, textarea, select"));
}
