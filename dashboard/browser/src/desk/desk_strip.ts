// The strip under the map: the last sixty minutes of the selected track in three lanes, one cursor.

import { useFeed } from "../live/hooks.ts";
import { timesIn } from "../live/times.ts";
import { type DashProps, h, React } from "../react.ts";
import { type Hour, type Span, useHour } from "./hour.ts";
import { across, speedPath, ticksOf, topKmh, wordsAt } from "./lanes.ts";

export interface DeskStripProps extends DashProps<DeskStripProps> {
  time_zone?: string;
}

const LABEL_PX = 64;
const AXIS_PX = 18;
/** Half of a time may stand beyond the last moment. */
const END_PX = 20;
const LANE_GAP_PX = 6;

export function DeskStrip(props: DeskStripProps) {
  const { hour, words, activationId } = useHour();
  const feed = useFeed("selection");
  const box = React.useRef<HTMLDivElement>(null);
  const [size, setSize] = React.useState({ width: 0, height: 0 });
  const [cursorS, setCursorS] = React.useState<number | null>(null);
  React.useEffect(() => {
    const watch = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      setSize({ width, height });
    });
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  React.useEffect(() => setCursorS(null), [activationId]);
  const times = timesIn(props.time_zone);
  const row = feed.selection.alertId === null ? undefined : feed.alerts.get(feed.selection.alertId);
  const whose = row?.case_code ? `Case ${row.case_code}` : "";
  const said = hour && cursorS !== null ? `${times.local(cursorS)} · ${wordsAt(hour, cursorS)}` : "";
  return h(
    "section",
    { id: props.id, className: "desk-strip", "aria-label": "The last hour" },
    h(
      "header",
      null,
      h("h3", null, "Last hour"),
      h("span", { className: "hint" }, [whose, row?.zone_name].filter(Boolean).join(" · ")),
      h("span", { className: "desk-strip-said", "aria-hidden": true }, said),
    ),
    h(
      "div",
      { ref: box, className: "desk-strip-box" },
      !hour
        ? h("p", { className: "hint" }, words || (activationId === null ? "Choose an alert: zone, speed and signal of its last hour stand here." : "Reading …"))
        : size.width > 120 && h(Lanes, { hour, ...size, cursorS, setCursorS, said, time: times.localMinute }),
    ),
  );
}

interface LanesProps {
  hour: Hour;
  width: number;
  height: number;
  cursorS: number | null;
  setCursorS(atS: number | null): void;
  said: string;
  time(unixS: number): string;
}

function Lanes({ hour, width, height, cursorS, setCursorS, said, time }: LanesProps) {
  const wide = width - LABEL_PX - END_PX;
  const names = hour.zone.length > 0 ? (["zone", "speed", "signal"] as const) : (["speed", "signal"] as const);
  const lanePx = Math.max(10, (height - AXIS_PX - LANE_GAP_PX * names.length) / names.length);
  const x = (atS: number) => across(hour, atS) * wide;
  const top = (index: number) => index * (lanePx + LANE_GAP_PX);
  const bottom = top(names.length) - LANE_GAP_PX;
  const find = (event: React.PointerEvent) => {
    const left = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - left.left) / left.width;
    setCursorS(hour.from_s + Math.min(1, Math.max(0, share)) * (hour.to_s - hour.from_s));
  };
  const byKey = (event: React.KeyboardEvent) => {
    const step = { ArrowLeft: -60, ArrowRight: 60, PageUp: -600, PageDown: 600 }[event.key];
    if (step) setCursorS(Math.min(hour.to_s, Math.max(hour.from_s, (cursorS ?? hour.to_s) + step)));
    else if (event.key === "Home") setCursorS(hour.from_s);
    else if (event.key === "End") setCursorS(hour.to_s);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return h(
    "svg",
    { width, height, role: "presentation" },
    h(
      "defs",
      null,
      h(
        "pattern",
        { id: "desk-strip-unseen", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
        h("line", { x1: 0, y1: 0, x2: 0, y2: 6, className: "desk-strip-hatch" }),
      ),
    ),
    ...names.map((name, index) =>
      h(
        "g",
        { key: name, transform: `translate(${LABEL_PX} ${top(index)})` },
        h("text", { x: -8, y: lanePx / 2 + 4, textAnchor: "end", className: "desk-strip-label" }, name),
        h("line", { x1: 0, x2: wide, y1: lanePx, y2: lanePx, className: "desk-strip-ground" }),
        name === "speed"
          ? h(
              React.Fragment,
              null,
              h("path", { d: speedPath(hour, wide, lanePx), className: "desk-strip-speed" }),
              h("text", { x: 4, y: 11, className: "desk-strip-scale" }, `${topKmh(hour)} km/h`),
            )
          : hour[name].map((span) => h(Block, { key: span[0], span, x, lanePx })),
      ),
    ),
    h(
      "g",
      { transform: `translate(${LABEL_PX} 0)` },
      ...ticksOf(hour).map((atS) =>
        h(
          "g",
          { key: atS, transform: `translate(${x(atS)} 0)` },
          h("line", { y1: 0, y2: bottom, className: "desk-strip-tick" }),
          h("text", { y: bottom + 14, textAnchor: "middle", className: "desk-strip-scale" }, time(atS)),
        ),
      ),
      cursorS !== null &&
        h("line", { x1: x(cursorS), x2: x(cursorS), y1: 0, y2: bottom + 2, className: "desk-strip-cursor" }),
      h("rect", {
        width: wide,
        height: bottom,
        className: "desk-strip-reach",
        tabIndex: 0,
        role: "slider",
        "aria-label": "Moment of the last hour",
        "aria-valuemin": Math.round(hour.from_s),
        "aria-valuemax": Math.round(hour.to_s),
        "aria-valuenow": Math.round(cursorS ?? hour.to_s),
        "aria-valuetext": said || `${time(hour.to_s)} · ${wordsAt(hour, hour.to_s)}`,
        onPointerMove: find,
        onPointerLeave: () => setCursorS(null),
        onKeyDown: byKey,
      }),
    ),
  );
}

/** Full height: inside, or heard of; half: in the buffer; hatched: nobody knows. */
function Block({ span, x, lanePx }: { span: Span; x: (atS: number) => number; lanePx: number }) {
  const [fromS, toS, what] = span;
  if (what === "outside") return null;
  const tall = what === "buffer" ? lanePx * 0.45 : what === "seen" ? lanePx * 0.3 : lanePx;
  return h("rect", {
    x: x(fromS),
    y: lanePx - tall,
    width: Math.max(1, x(toS) - x(fromS)),
    height: tall,
    className: `desk-strip-block is-${what}`,
  });
}
