// The sign of a priority: octagon 1, triangle 2, square 3. Shape, digit and hue say the same.

import { h } from "../react.ts";
import type { PriorityNumber } from "../live/alerts.ts";

const SHAPES: Record<PriorityNumber, string> = {
  1: "M7.2 1.5h9.6l5.7 5.7v9.6l-5.7 5.7H7.2l-5.7-5.7V7.2z",
  2: "M12 1.8 23 22H1z",
  3: "M2.5 2.5h19v19h-19z",
};

interface BadgeProps {
  priority: PriorityNumber;
  isHollow?: boolean;
  isSaid?: boolean;
}

/** Hollow: the condition has ended, the work has not. Said: by the label of what it stands in. */
export function Badge({ priority, isHollow, isSaid }: BadgeProps) {
  return h(
    "svg",
    {
      className: `vigil-badge vigil-badge-${priority} ${isHollow ? "is-hollow" : ""}`,
      viewBox: "0 0 24 24",
      ...(isSaid
        ? { "aria-hidden": true }
        : { role: "img", "aria-label": `Priority ${priority}${isHollow ? ", cleared" : ""}` }),
    },
    h("path", { d: SHAPES[priority] }),
    h("text", { x: 12, y: priority === 2 ? 19 : 17, textAnchor: "middle" }, priority),
  );
}
