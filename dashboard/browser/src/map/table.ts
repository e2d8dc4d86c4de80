// The map as a table: the same tags, the same selection, for those who cannot or will not use a map.

import { useFeed } from "../live/hooks.ts";
import { h, React } from "../react.ts";
import { Role, UNKNOWN_BATTERY } from "../live/tags.ts";
import { fixAgeWords, stateWords } from "./labels.ts";
import type { MapSources } from "./sources.ts";

const ROW_PX = 32;
const SPARE_ROWS = 6;

export function TagTable({ sources, pick }: { sources: MapSources; pick: (id: number) => void }) {
  const feed = useFeed("tags", "selection");
  const [top, setTop] = React.useState(0);
  const box = React.useRef<HTMLDivElement>(null);
  const { tags } = feed;
  const nowS = feed.nowS() ?? 0;
  const slots = Uint32Array.from({ length: tags.count }, (_, slot) => slot);
  // Alerted first, then the order in which they first reported: a table that re-sorts by age never holds still.
  slots.sort((here, there) => tags.state[there]! - tags.state[here]! || tags.ids[here]! - tags.ids[there]!);
  const height = box.current?.clientHeight ?? 600;
  const first = Math.max(0, Math.floor(top / ROW_PX) - SPARE_ROWS);
  const shown = slots.subarray(first, first + Math.ceil(height / ROW_PX) + 2 * SPARE_ROWS);
  return h(
    "div",
    { className: "vigil-table", ref: box, onScroll: (event) => setTop(event.currentTarget.scrollTop) },
    h(
      "table",
      { "aria-label": `${tags.count} tags on the map`, "aria-rowcount": tags.count + 1 },
      h(
        "thead",
        null,
        h("tr", null, ...["Case", "Role", "State", "Fix age", "± m", "Battery"].map((name) => h("th", { key: name, scope: "col" }, name))),
      ),
      h(
        "tbody",
        null,
        first > 0 && h("tr", { "aria-hidden": true, style: { height: first * ROW_PX } }),
        ...Array.from(shown, (slot, index) => {
          const id = tags.ids[slot]!;
          const battery = tags.batteryPct[slot]!;
          return h(
            "tr",
            { key: id, "aria-rowindex": first + index + 2, "aria-selected": feed.selection.activationId === id },
            h(
              "th",
              { scope: "row" },
              h("button", { type: "button", className: "case-code", onClick: () => pick(id) }, sources.codeOf(id) ?? String(id)),
            ),
            h("td", null, tags.role[slot] === Role.VICTIM ? "victim" : "offender"),
            h("td", null, tags.role[slot] === Role.VICTIM ? "–" : stateWords(tags.state[slot]!)),
            h("td", null, fixAgeWords(nowS - tags.fixedAtS[slot]!)),
            h("td", null, tags.radiusM[slot]),
            h("td", null, battery === UNKNOWN_BATTERY ? "–" : `${battery} %`),
          );
        }),
        h("tr", {
          "aria-hidden": true,
          style: { height: Math.max(0, (slots.length - first - shown.length) * ROW_PX) },
        }),
      ),
    ),
  );
}
