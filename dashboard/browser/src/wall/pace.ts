// How busy the room is, told by the server: alerts in each ten minutes of two hours, oldest first.

import { h } from "../react.ts";

export interface Pace {
  counts: number[];
  /** When the last P1 or P2 was closed; null: not within a week. */
  calm_since: string | null;
}

/** What one person can work in ten minutes, hour after hour. */
const BEARABLE = 1;
const WIDTH = 120;
const HEIGHT = 30;

/** Bars, and the line of what is bearable; grey, because a number is no alert. */
export function PaceBars({ pace }: { pace: Pace }) {
  const most = Math.max(3 * BEARABLE, ...pace.counts);
  const step = WIDTH / pace.counts.length;
  const last = pace.counts.at(-1) ?? 0;
  const y = (count: number) => HEIGHT - (count / most) * HEIGHT;
  return h(
    "span",
    { className: "vigil-pace" },
    "alerts/10 min",
    h(
      "svg",
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        role: "img",
        "aria-label": `Alerts in each ten minutes of the last two hours, the newest last: ${pace.counts.join(", ")}`,
      },
      ...pace.counts.map((count, index) =>
        h("rect", { key: index, x: index * step + 1, width: step - 2, y: Math.min(y(count), HEIGHT - 1), height: HEIGHT }),
      ),
      h("line", { x1: 0, x2: WIDTH, y1: y(BEARABLE), y2: y(BEARABLE) }),
    ),
    h("strong", null, last),
  );
}
