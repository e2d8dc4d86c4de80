// Lanes, speed and charge under one time axis and one cursor. The picture is drawn when something
// changes; while the clock runs only the cursor moves.

import { readTheme, readTokens } from "../map/tokens.ts";
import { h, React } from "../react.ts";
import { useModel, useScale } from "./hooks.ts";
import { drawLanes, LANE_HEIGHT, laneAt, type Row, rowsOf } from "./lanes_draw.ts";
import type { ReplayModel } from "./model.ts";
import { fullIn } from "./times.ts";
import { zoomed } from "./window.ts";

const LABEL_PX = 132;
const AXIS_PX = 22;
const HOVER_PX = 480;

/** On that side of the pointer where there is more room. */
const besides = (y: number, height: number) => (y < height / 2 ? { top: y + 16 } : { bottom: height - y + 10 });

export function LanesView({ model }: { model: ReplayModel }) {
  useModel(model, "data", "view");
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const cursor = React.useRef<HTMLDivElement>(null);
  const scale = useScale();
  const [hover, setHover] = React.useState<{ words: string; x: number; y: number } | null>(null);
  const rows = React.useMemo(() => rowsOf(model), [model.loaded, model.lanes, model.bookmarks]);
  const period: [number, number] = [model.view.fromS ?? 0, model.view.toS ?? 1];
  const [fromS, toS] = model.view.window ?? period;

  React.useEffect(() => {
    const element = canvas.current!;
    const draw = () => {
      const ratio = window.devicePixelRatio || 1;
      const { clientWidth, clientHeight } = element;
      if (element.width !== Math.round(clientWidth * ratio)) element.width = Math.round(clientWidth * ratio);
      if (element.height !== Math.round(clientHeight * ratio)) element.height = Math.round(clientHeight * ratio);
      const context = element.getContext("2d")!;
      context.setTransform(ratio * scale, 0, 0, ratio * scale, 0, 0);
      const width = clientWidth / scale;
      drawLanes(context, model, rows, { fromS, toS, width, axisPx: AXIS_PX, tokens: readTokens(), theme: readTheme(undefined) });
      move();
    };
    const move = () => {
      const share = (model.nowS() - fromS) / (toS - fromS);
      const line = cursor.current;
      if (!line) return;
      line.style.transform = `translateX(${LABEL_PX * scale + share * element.clientWidth}px)`;
      line.hidden = share < 0 || share > 1;
    };
    draw();
    const size = new ResizeObserver(draw);
    size.observe(element);
    const themes = new MutationObserver(draw);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const stop = model.on("time", move);
    return () => {
      size.disconnect();
      themes.disconnect();
      stop();
    };
  }, [model, rows, fromS, toS, model.view.inS, model.view.outS, scale]);

  // By hand, because a wheel listener of React's may not keep the page from scrolling.
  React.useEffect(() => {
    const element = canvas.current!;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const share = event.offsetX / element.clientWidth;
      const pan = event.shiftKey ? event.deltaY : event.deltaX;
      model.change({ window: zoomed([fromS, toS], period, share, event.shiftKey ? 0 : event.deltaY, pan / element.clientWidth) });
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  });

  const timeAt = (event: React.PointerEvent) => {
    const box = canvas.current!.getBoundingClientRect();
    return fromS + ((event.clientX - box.left) / box.width) * (toS - fromS);
  };
  const press = (event: React.PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    model.seek(timeAt(event));
  };
  const point = (event: React.PointerEvent) => {
    const atS = timeAt(event);
    if (event.buttons & 1) model.seek(atS);
    const box = canvas.current!.getBoundingClientRect();
    const said = laneAt(rows, (event.clientY - box.top) / scale - AXIS_PX, atS, (scale * (toS - fromS)) / box.width);
    const words = [fullIn(model.timeZone, atS), said].filter(Boolean).join(" · ");
    setHover({ words, x: Math.min(event.clientX - box.left, box.width - HOVER_PX * scale), y: event.clientY - box.top });
  };
  const height = scale * (AXIS_PX + rows.reduce((sum, row) => sum + LANE_HEIGHT[row.look], 0));
  return h(
    "section",
    { className: `replay-lanes ${model.loaded.length > 1 ? "is-several" : ""}`, "aria-label": "Lanes" },
    h(
      "ul",
      { className: "replay-lane-names", style: { width: LABEL_PX * scale, paddingTop: AXIS_PX * scale } },
      ...rows.map((row: Row) => h("li", { key: row.key, title: row.rule, style: { height: LANE_HEIGHT[row.look] * scale } }, row.title)),
    ),
    h("canvas", {
      ref: canvas,
      style: { height },
      role: "slider",
      tabIndex: 0,
      "aria-label": "Instant; click to go there, wheel to zoom",
      "aria-valuetext": fullIn(model.timeZone, model.nowS()),
      "aria-valuemin": Math.floor(period[0]),
      "aria-valuemax": Math.ceil(period[1]),
      "aria-valuenow": Math.round(model.nowS()),
      onPointerDown: press,
      onPointerMove: point,
      onPointerLeave: () => setHover(null),
      onDoubleClick: () => model.change({ window: null }),
    }),
    h("div", { ref: cursor, className: "replay-cursor", style: { height } }),
    hover && h("div", { className: "replay-lane-hover", style: { left: LABEL_PX * scale + hover.x + 12, ...besides(hover.y, height) } }, hover.words),
    model.view.window && h("button", { type: "button", className: "replay-whole", onClick: () => model.change({ window: null }) }, "Whole period"),
  );
}
