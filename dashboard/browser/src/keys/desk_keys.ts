// The keys that belong to the page and to no single component, and the two dialogs they open.

import { h, React } from "../react.ts";
import { onKey } from "./bind.ts";
import { CheatSheet } from "./cheat_sheet.ts";
import type { KeyAction } from "./keymap.ts";
import { Palette } from "./palette.ts";

export function DeskKeys() {
  const [open, setOpen] = React.useState<"help" | "palette" | null>(null);
  const isOpen = React.useRef(open);
  isOpen.current = open;
  React.useEffect(
    () =>
      onKey((action) => {
        if (action === "help" || action === "palette") {
          setOpen((before) => (before === action ? null : action));
          return true;
        }
        // While a dialog is open, the page behind it hears nothing.
        if (isOpen.current !== null) return action !== "deselect";
        return ofPage(action);
      }),
    [],
  );
  const close = () => setOpen(null);
  if (open === "help") return h(CheatSheet, { close });
  if (open === "palette") return h(Palette, { close });
  return null;
}

function ofPage(action: KeyAction): boolean {
  switch (action) {
    case "note":
      return focusOn(document.getElementById("drawer-note"));
    case "filter-list":
      return focusOn(document.querySelector<HTMLElement>("#queue-who input:checked"));
    case "theme":
      document.getElementById("shell-theme")?.click();
      return true;
    case "next-pane":
    case "previous-pane":
      return nextPane(action === "next-pane" ? 1 : -1);
    case "swap-time":
      document.documentElement.toggleAttribute("data-utc-first");
      return true;
    default:
      return false;
  }
}

function focusOn(found: HTMLElement | null): boolean {
  if (!found || found.offsetParent === null) return false;
  found.focus();
  return true;
}

const PANES = ["queue-region", "map-region", "drawer-region"];

function nextPane(step: number): boolean {
  const panes = PANES.map((id) => document.getElementById(id)).filter(
    (pane): pane is HTMLElement => pane !== null && pane.offsetParent !== null,
  );
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = at < 0 ? (step > 0 ? 0 : panes.length - 1) : (at + step + panes.length) % panes.length;
  return focusOn(panes[next] ?? null);
}
