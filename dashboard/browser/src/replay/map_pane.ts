// The frame round the map: words over it, the legend, the pieces it is fetched from.

import { MapSources } from "../map/sources.ts";
import { readTheme } from "../map/tokens.ts";
import { h, React } from "../react.ts";
import { useModel } from "./hooks.ts";
import type { ReplayModel } from "./model.ts";
import { RAMP, SPEED_WORDS } from "./ramp.ts";
import { ReplayMap } from "./replay_map.ts";
import { lastingWords } from "./times.ts";

const NO_WEBGL = "This browser cannot draw the map (it needs WebGL 2). Lanes and tables still work.";

export function MapPane({ model, theme }: { model: ReplayModel; theme: "night" | "day" | undefined }) {
  useModel(model, "view", "data");
  const frame = React.useRef<HTMLDivElement>(null);
  const [trouble, setTrouble] = React.useState("");
  const [thanks, setThanks] = React.useState("");
  const [hover, setHover] = React.useState({ words: "", x: 0, y: 0 });
  const [shade, setShade] = React.useState(readTheme(theme));
  React.useEffect(() => {
    let view: ReplayMap | null = null;
    const parts = new MapSources((part) => {
      if (part === "basemap") setThanks(parts.basemap?.attribution ?? "");
      if (view || parts.state.catalogue === "loading" || parts.state.basemap === "loading") return;
      try {
        view = new ReplayMap(frame.current!, model, parts, {
          theme,
          hovered: (words, x, y) => setHover((old) => (old.words || words ? { words, x, y } : old)),
          trouble: setTrouble,
          paper: () => ({ isDemo: document.documentElement.dataset["demo"] === "1", thanks: parts.basemap?.attribution ?? "" }),
        });
      } catch (error) {
        console.error("Vigil replay map:", error);
        setTrouble(NO_WEBGL);
      }
    });
    // Labels are drawn with the page's own font, so it has to be here first.
    void document.fonts.load('500 12px "Inter"').finally(() => parts.load(["catalogue", "basemap"]));
    const watch = new MutationObserver(() => {
      setShade(readTheme(theme));
      view?.restyle();
    });
    watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      watch.disconnect();
      parts.stop();
      view?.destroy();
    };
  }, [model]);
  return h(
    "section",
    { className: "replay-map", "aria-label": "Map of the track" },
    h("div", { ref: frame, className: "replay-map-canvas" }),
    model.view.isGliding && h("div", { className: "replay-stamp", role: "status" }, "INTERPOLATED · not a recorded path"),
    model.notice && h("div", { className: "replay-notice", role: "status" }, model.notice),
    trouble && h("div", { className: "vigil-map-trouble", role: "status" }, trouble),
    hover.words && h("div", { className: "vigil-map-hover", style: { left: hover.x + 14, top: hover.y + 14 } }, hover.words),
    h(Legend, { model, shade }),
    h("div", { className: "replay-north", "aria-hidden": true }, "N", h("i")),
    thanks && h("div", { className: "vigil-map-thanks" }, thanks),
  );
}

function Legend({ model, shade }: { model: ReplayModel; shade: "night" | "day" }) {
  const gapS = model.first?.track.gapS;
  return h(
    "dl",
    { className: "replay-legend", "aria-label": "Legend" },
    h("dt", null, "km/h"),
    h(
      "dd",
      null,
      ...RAMP[shade].map((colour, step) =>
        h("span", { key: colour }, h("i", { style: { background: colour } }), SPEED_WORDS[step]),
      ),
    ),
    h("dt", null, "⌜ ⌟"),
    h("dd", null, gapS === undefined ? "" : `ends of a gap: no fix for more than ${lastingWords(gapS)}; nothing is drawn between them`),
    h("dt", null, "◯"),
    h("dd", null, "holds the true place with 95 %"),
  );
}
