// The map of an answer: base map, her places and the encounters, as the server handed them over
// for the minute of a reveal. Nothing of it is fetched or kept by the browser.

import type { FeatureCollection } from "geojson";
import type { GeoJSONSource, Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import { addScale, flatMap } from "../map/flat_map.ts";
import { type Bounds, boundsOf, join, positions } from "../map/framing.ts";
import { resolvePatterns } from "../map/patterns.ts";
import { MapSources } from "../map/sources.ts";
import { composeStyle, EMPTY, withServed } from "../map/style.ts";
import { readTheme, readTokens } from "../map/tokens.ts";
import { type DashProps, h, React } from "../react.ts";

export interface Drawn {
  /** Whose zones are drawn with it. */
  case_code: string;
  routines: FeatureCollection;
  encounters: FeatureCollection;
}

export interface ConductMapProps extends DashProps<ConductMapProps> {
  theme?: "night" | "day";
  drawn?: Drawn | null;
  /** Where a person last clicked: longitude, latitude. */
  picked?: [number, number] | null;
}

const NAMES = ["routines", "encounters"] as const;
const NO_WEBGL = "This browser cannot draw the map (it needs WebGL 2). The table says the same.";

class View {
  readonly map: MapLibre;
  private hasStyle = false;
  private drawn: Drawn | null = null;

  constructor(
    container: HTMLElement,
    private readonly sources: MapSources,
    private readonly theme: string | undefined,
    picked: (at: [number, number]) => void,
  ) {
    this.map = flatMap(container, this.style(), sources.basemap, 11);
    addScale(this.map);
    resolvePatterns(this.map, sources, () => readTheme(theme));
    this.map.on("style.load", () => {
      this.hasStyle = true;
      this.fill();
    });
    this.map.on("click", (event: MapMouseEvent) => picked([round(event.lngLat.lng), round(event.lngLat.lat)]));
    this.map.on("error", (event) => console.warn("Vigil map:", event.error.message));
  }

  restyle(): void {
    this.hasStyle = false;
    this.map.setStyle(this.style(), { diff: false });
  }

  draw(drawn: Drawn | null): void {
    this.drawn = drawn;
    this.fill();
    const bounds = drawn && boundsOfAll(drawn);
    if (bounds) this.map.fitBounds(bounds, { padding: 48, maxZoom: 16, duration: 0 });
  }

  private fill(): void {
    if (!this.hasStyle) return;
    for (const name of NAMES) this.map.getSource<GeoJSONSource>(name)?.setData(this.drawn?.[name] ?? EMPTY);
    const code = this.drawn?.case_code;
    // Of this case alone: what others must keep off says nothing here.
    const features = this.sources.zones.features.filter((each) => each.properties?.["case_code"] === code);
    this.map.getSource<GeoJSONSource>("zones")?.setData({ ...EMPTY, features });
  }

  private style() {
    const theme = readTheme(this.theme);
    return withServed(composeStyle(this.sources, theme, readTokens(), 1), this.sources, theme, NAMES);
  }
}

export function ConductMap(props: ConductMapProps) {
  const frame = React.useRef<HTMLDivElement>(null);
  const view = React.useRef<View | null>(null);
  const newest = React.useRef(props);
  newest.current = props;
  const [words, setWords] = React.useState("Loading the map");
  const [thanks, setThanks] = React.useState("");

  React.useEffect(() => {
    const parts = new MapSources(() => {
      setWords(parts.progress() || parts.failures());
      setThanks(parts.basemap?.attribution ?? "");
      if (parts.state.catalogue === "loading" || parts.state.basemap === "loading") return;
      if (view.current) return view.current.restyle();
      try {
        view.current = new View(frame.current!, parts, newest.current.theme, (picked) => newest.current.setProps({ picked }));
        view.current.draw(newest.current.drawn ?? null);
      } catch (error) {
        console.warn("Vigil map:", error);
        setWords(NO_WEBGL);
      }
    });
    void document.fonts.load('500 12px "Inter"').finally(() => parts.load());
    const themeWatch = new MutationObserver(() => view.current?.restyle());
    themeWatch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      themeWatch.disconnect();
      parts.stop();
      view.current?.map.remove();
      view.current = null;
    };
  }, []);

  React.useEffect(() => view.current?.draw(props.drawn ?? null), [props.drawn]);

  const isMasked = !props.drawn;
  return h(
    "div",
    { id: props.id, className: `vigil-map conduct-map ${props.className ?? ""}`, role: "img", "aria-label": "Map of encounters" },
    h(
      "div",
      { className: "vigil-map-frame" },
      h("div", { ref: frame, className: "vigil-map-canvas" }),
      words && h("div", { className: "vigil-map-words", role: "status" }, words),
      isMasked && !words && h("div", { className: "conduct-map-masked" }, "Her places and the encounters are drawn while she is revealed."),
      thanks && h("div", { className: "vigil-map-thanks" }, thanks),
    ),
  );
}

function boundsOfAll(drawn: Drawn): Bounds | null {
  let bounds: Bounds | null = null;
  for (const name of NAMES) {
    for (const { geometry } of drawn[name].features) {
      if (!("coordinates" in geometry)) continue;
      const all = geometry.type === "Point" ? [geometry.coordinates as [number, number]] : positions(geometry.coordinates);
      bounds = join(bounds, boundsOf(all));
    }
  }
  return bounds;
}

function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
