// What the marked interval comes to, as the server works it out.

import { h, React } from "../react.ts";
import { periodOf } from "./address.ts";
import { useModel } from "./hooks.ts";
import type { ReplayModel } from "./model.ts";
import { lastingWords } from "./times.ts";

interface Sum {
  moving_s: number;
  still_s: number;
  unseen_s: number;
  distance_m: number;
  max_mps: number | null;
  mean_mps: number | null;
}

export function Summary({ model }: { model: ReplayModel }) {
  useModel(model, "view", "data");
  const id = model.first?.about.activation_id;
  const fromS = model.view.inS ?? model.view.fromS;
  const toS = model.view.outS ?? model.view.toS;
  const [sum, setSum] = React.useState<Sum | null>(null);
  React.useEffect(() => {
    setSum(null);
    if (id === undefined || fromS === null || toS === null || fromS >= toS) return;
    const asked = { isOver: false };
    void fetch(`/replay/${id}/summary.json?${periodOf(fromS, toS)}`)
      .then((answer) => (answer.ok ? answer.json() : null))
      .then((found: Sum | null) => !asked.isOver && setSum(found));
    return () => {
      asked.isOver = true;
    };
  }, [id, fromS, toS]);
  if (fromS !== null && toS !== null && fromS >= toS) return h("span", { className: "hint" }, "The in mark is not before the out mark.");
  if (!sum) return h("span", { className: "replay-sum hint" }, "…");
  const kmh = (mps: number | null) => (mps === null ? "–" : (mps * 3.6).toFixed(0));
  return h(
    "span",
    {
      className: "replay-sum",
      title: "Moving and still by the stop rule (5 min within 50 m); not observed by the gap rule. Distance: straight ways between joined fixes outside stops. Speeds: of the fixes outside stops.",
    },
    `moving ${lastingWords(sum.moving_s)} · still ${lastingWords(sum.still_s)} · not observed ${lastingWords(sum.unseen_s)} · `,
    `${(sum.distance_m / 1000).toFixed(1)} km · mean ${kmh(sum.mean_mps)}, max ${kmh(sum.max_mps)} km/h`,
  );
}
