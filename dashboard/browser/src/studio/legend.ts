// What the patterns on the studio's map mean; only those that are there.

import { h } from "../react.ts";
import type { Studio } from "./controller.ts";

export function Legend({ studio }: { studio: Studio }) {
  const entries: [string, string, boolean][] = [
    ["draft", "draft", Boolean(studio.session)],
    ["buffer", "its buffer", Boolean(studio.session?.draft.ring)],
    ["ghost", `v${studio.base?.number} in force`, Boolean(studio.session && studio.base)],
    ["own", `this zone, v${studio.base?.number} in force`, Boolean(!studio.session && studio.base)],
    ["added", "added", Boolean(studio.compare?.added_m2)],
    ["removed", "removed", Boolean(studio.compare?.removed_m2)],
    ["halo", "usual accuracy at the edge", studio.p95M !== null],
  ];
  return h("ul", { className: "studio-legend", "aria-label": "Legend" }, ...entries.filter(([, , isThere]) => isThere).map(([sign, words]) => h("li", { key: sign }, h("i", { "data-sign": sign }), words)));
}
