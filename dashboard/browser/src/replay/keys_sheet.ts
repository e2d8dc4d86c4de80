// The replay's keys, printed from the table that binds them.

import { Dialog } from "../keys/dialog.ts";
import { h, React } from "../react.ts";
import { REPLAY_KEYS } from "./keys.ts";

const NAMES: Readonly<Record<string, string>> = { " ": "Space", ArrowLeft: "←", ArrowRight: "→" };

function nameOf(key: string): string {
  const bare = key.replace("Shift+", "");
  const name = NAMES[bare] ?? bare.toUpperCase();
  return key.startsWith("Shift+") ? `Shift+${name}` : name;
}

export function KeysButton() {
  const [isOpen, setOpen] = React.useState(false);
  const close = () => setOpen(false);
  return h(
    React.Fragment,
    null,
    h("button", { type: "button", className: "replay-toggle", onClick: () => setOpen(true) }, "Keys"),
    isOpen &&
      h(
        Dialog,
        { label: "Keys of the replay", className: "vigil-keys", close },
        h("header", null, h("h2", null, "Keys of the replay"), h("button", { type: "button", className: "act", onClick: close }, "Close", h("kbd", null, "Esc"))),
        h(
          "dl",
          { className: "replay-keys" },
          ...REPLAY_KEYS.flatMap((entry) => [
            h("dt", { key: entry.words }, ...entry.keys.map((key) => h("kbd", { key }, nameOf(key)))),
            h("dd", { key: `${entry.words}-is` }, entry.words),
          ]),
        ),
      ),
  );
}
