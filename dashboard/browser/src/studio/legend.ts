// What the patterns on the studio's map mean; only those that are there.

import { h } from "../react.ts";
import type { Studio } from "./controller.ts";

export function Legend({ studio }: { studio: Studio }) {
  const { session, base, compared, shown } = studio;
  const entries: [string, string, boolean][] = [
    ["draft", "draft", Boolean(session) && !compared],
    ["theirs", "the other's draft", Boolean(session?.theirs) && !compared],
    ["buffer", "its buffer", Boolean(session?.draft.ring) && !compared],
    ["ghost", compared ? `v${compared.older}` : `v${base?.number} in force`, Boolean(compared ?? (session && base))],
    ["own", compared ? `v${compared.newer}` : `this zone, v${shown?.number} ${base ? "in force" : "as it ended"}`, Boolean(compared ?? (!session && shown))],
    ["added", "added", Boolean(studio.compare?.added_m2)],
    ["removed", "removed", Boolean(studio.compare?.removed_m2)],
    ["hit", "alert of the rehearsal", studio.view.hits.length > 0],
    ["halo", "usual accuracy at the edge", studio.p95M !== null],
  ];
  return h("ul", { className: "studio-legend", "aria-label": "Legend" }, ...entries.filter(([, , isThere]) => isThere).map(([sign, words]) => h("li", { key: sign }, h("i", { "data-sign": sign }), words)));
}
