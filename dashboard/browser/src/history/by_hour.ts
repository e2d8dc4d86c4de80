// How many on each weekday and in each hour: a grid of greys with the numbers behind it in words.

import { h } from "../react.ts";
import { DAYS } from "./view.ts";

export function ByHour({ counts }: { counts: number[][] | null }) {
  if (!counts) return null;
  const most = Math.max(...counts.flat());
  if (most === 0) return null;
  return h(
    "figure",
    { className: "vigil-by-hour" },
    h("figcaption", null, "By day and hour of the room"),
    h(
      "table",
      null,
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("td", null),
          counts[0]!.map((_, hour) => h("th", { key: hour, scope: "col" }, hour % 6 ? h("span", { className: "visually-hidden" }, hour) : hour)),
        ),
      ),
      h(
        "tbody",
        null,
        counts.map((row, day) =>
          h(
            "tr",
            { key: day },
            h("th", { scope: "row" }, DAYS[day]),
            row.map((n, hour) =>
              h(
                "td",
                {
                  key: hour,
                  title: `${DAYS[day]} ${String(hour).padStart(2, "0")}:00 to ${String(hour + 1).padStart(2, "0")}:00: ${n}`,
                  // The root of it: one in an hour is still seen beside a hundred.
                  style: { "--share": n ? (0.15 + 0.85 * Math.sqrt(n / most)).toFixed(2) : 0 } as React.CSSProperties,
                },
                h("span", { className: "visually-hidden" }, n),
              ),
            ),
          ),
        ),
      ),
    ),
    h("p", { className: "hint" }, `The stronger a square, the more breaches; at most ${most} in one.`),
  );
}
