// The wall's small maps, there only while its large one is turned to an alert: a second P1, and
// where in all of it we are.

import type { LiveFeed } from "../live/feed.ts";
import { useFeed } from "../live/hooks.ts";
import type { Bounds } from "../map/framing.ts";
import type { MapSources } from "../map/sources.ts";
import { paintedAs } from "../map/tokens.ts";
import { MapView } from "../map/view.ts";
import { sceneOf, type WallPart } from "../map/wall_camera.ts";
import { Badge } from "../queue/badge.ts";
import { h, React } from "../react.ts";

/** The large map, as far as an inset must know it. */
export interface Turning {
  bounds(): Bounds | null;
  /** Hears of each move until the returned function is called. */
  onTurn(ear: () => void): () => void;
}

export function Insets({ sources, main }: { sources: MapSources; main: Turning }) {
  const feed = useFeed("alerts");
  const scene = sceneOf(feed.alerts.open());
  if (!sources.catalogue || scene.main.length === 0) return null;
  return h(
    "div",
    { className: "vigil-insets" },
    scene.second &&
      h(
        Inset,
        { key: "second", feed, sources, part: "second" },
        h("figcaption", null, h(Badge, { priority: 1 }), h("span", { className: "case-code" }, scene.second.case_code ?? "–")),
      ),
    h(Inset, { key: "overview", feed, sources, part: "overview", main }),
  );
}

interface InsetProps {
  feed: LiveFeed;
  sources: MapSources;
  part: WallPart;
  main?: Turning;
  children?: React.ReactNode;
}

function Inset({ feed, sources, part, main, children }: InsetProps) {
  const box = React.useRef<HTMLDivElement>(null);
  const [here, setHere] = React.useState<React.CSSProperties | null>(null);
  React.useEffect(() => {
    let view: MapView;
    const turned = () => {
      const bounds = main?.bounds();
      if (!bounds) return;
      const { left, top, right, bottom } = view.project(bounds);
      setHere({ left, top, width: right - left, height: bottom - top });
    };
    try {
      view = new MapView(box.current!, feed, sources, {
        isWall: true,
        part,
        theme: undefined,
        picked: () => {},
        hovered: () => {},
        moved: () => {},
        trouble: () => {},
        turned,
      });
    } catch (error) {
      // The large map says when this screen can draw none.
      console.warn("Vigil map:", error instanceof Error ? error.message : error);
      return;
    }
    const stops = [
      feed.on("tags", () => view.hearTags()),
      feed.on("alerts", () => view.drawAlerts()),
      paintedAs(() => view.restyle()),
      sources.on((part) => {
        if (part === "zones") view.setZones();
        else if (part !== "tags") view.restyle();
      }),
      ...(main ? [main.onTurn(turned)] : []),
    ];
    return () => {
      stops.forEach((stop) => stop());
      view.destroy();
    };
  }, []);
  return h(
    "figure",
    { className: `vigil-inset is-${part}` },
    h("div", { ref: box, className: "vigil-map-canvas" }),
    here && h("span", { className: "vigil-inset-here", style: here }),
    children,
  );
}
