// The Dash component round the map: props in, clicks out, words where there is no picture.

import { setWorkerUrl } from "maplibre-gl";
import { useFeed } from "../live/hooks.ts";
import { onKey } from "../keys/bind.ts";
import { type DashProps, h, React } from "../react.ts";
import { showMap } from "./shown.ts";
import { MapSources } from "./sources.ts";
import { TagTable } from "./table.ts";
import { paintedAs } from "./tokens.ts";
import { MapView, type Visible } from "./view.ts";
import { Insets, type Turning } from "../wall/insets.ts";

export interface MapSelection {
  alert_id?: number | null;
  activation_id?: number | null;
  zone_id?: number | null;
  seq?: number;
}

export interface LiveMapProps extends DashProps<LiveMapProps> {
  theme?: "night" | "day";
  wall?: boolean;
  demo?: boolean;
  time_zone?: string;
  selected?: MapSelection | null;
  follow?: boolean;
  visible?: Visible;
  table?: boolean;
}

const ZONES_EVERY_MS = 60_000;
const NO_WEBGL = "This browser cannot draw the map (it needs WebGL 2). The alerts and the table still work.";

/** Where no frames come the marks grow old all the same: drawn anew this often. */
const AGES_EVERY_MS = 2_000;

export function configureMap(workerUrl: string): void {
  setWorkerUrl(workerUrl);
}

export function LiveMap(props: LiveMapProps) {
  const feed = useFeed();
  const frame = React.useRef<HTMLDivElement>(null);
  const view = React.useRef<MapView | null>(null);
  const sources = React.useRef<MapSources | null>(null);
  const newest = React.useRef(props);
  newest.current = props;
  const [progress, setProgress] = React.useState("Loading the map");
  const [trouble, setTrouble] = React.useState("");
  const [everyS, setEveryS] = React.useState(0);
  const [isBlind, setBlind] = React.useState(false);
  const [hover, setHover] = React.useState({ words: "", x: 0, y: 0 });
  const [thanks, setThanks] = React.useState("");
  const insets = React.useRef<HTMLDivElement>(null);
  const turns = React.useRef(new Set<() => void>()).current;
  const main = React.useRef<Turning>({
    bounds: () => view.current?.bounds ?? null,
    onTurn: (ear) => {
      turns.add(ear);
      return () => turns.delete(ear);
    },
  }).current;

  React.useEffect(() => {
    const container = frame.current!;
    let trouble = "";
    let knownCount = 0;
    const parts = new MapSources((part) => {
      setProgress(parts.progress());
      setTrouble(parts.failures() || trouble);
      if (part === "basemap") setThanks(parts.basemap?.attribution ?? "");
      if (!view.current && parts.state.catalogue !== "loading" && parts.state.basemap !== "loading") start();
      else if (part === "catalogue" || part === "basemap") view.current?.restyle();
      if (part === "zones") view.current?.setZones();
      if (part === "tags") {
        feed.plans.hear(parts.directory);
        view.current?.drawCodes();
      }
    });
    sources.current = parts;
    const start = () => {
      try {
        view.current = new MapView(container, feed, parts, {
          isWall: newest.current.wall === true,
          theme: newest.current.theme,
          covered: () => insets.current?.offsetHeight ?? 0,
          turned: () => turns.forEach((turned) => turned()),
          picked: (id) => pick(newest.current, id),
          hovered: (words, x, y) => setHover((old) => (old.words || words ? { words, x, y } : old)),
          moved: () => newest.current.follow && newest.current.setProps({ follow: false }),
          paced: (everyMs) => setEveryS(Math.round(everyMs / 1000)),
          trouble: (words) => {
            trouble = words;
            setTrouble(parts.failures() || words);
          },
        });
        // Props may have changed while the map was on its way: the newest count, not the first.
        view.current.setVisible(newest.current.visible ?? {});
        view.current.select(feed.selection);
        showMap(view.current);
      } catch (error) {
        console.error("Vigil map:", error);
        setBlind(true);
      }
    };
    // Labels are drawn with the page's own font, so it has to be here first.
    void document.fonts.load('500 12px "Inter"').finally(() => parts.load());
    const stops = [
      feed.on("tags", () => {
        view.current?.hearTags();
        // Asked once for each newcomer: a tag whose code this viewer may not see stays without.
        if (feed.tags.count > knownCount && parts.state.tags === "ready") {
          knownCount = feed.tags.count;
          if (hasUnknownTag(feed.tags, parts)) parts.refresh("tags");
        }
      }),
      feed.on("alerts", () => view.current?.drawAlerts()),
      feed.on("selection", () => view.current?.select(feed.selection)),
      feed.on("changed", () => {
        const changed = feed.lastChanged;
        if (changed.includes("zones")) parts.refresh("zones");
        if (changed.includes("tags")) parts.refresh("tags");
        if (changed.includes("basemap")) {
          parts.refresh("catalogue");
          parts.refresh("basemap");
        }
      }),
    ];
    // Hours begin and end without anybody changing a zone, so nobody tells: asked for each minute.
    const hours = setInterval(() => parts.refresh("zones"), ZONES_EVERY_MS);
    const ages = setInterval(() => feed.freshness().level !== "live" && view.current?.drawTags(), AGES_EVERY_MS);
    const stopPaint = paintedAs(() => view.current?.restyle());
    const stopAlt = newest.current.wall ? () => {} : onAlt((isHeld) => view.current?.showAll(isHeld));
    return () => {
      stops.forEach((stop) => stop());
      clearInterval(hours);
      clearInterval(ages);
      stopPaint();
      stopAlt();
      parts.stop();
      showMap(null);
      view.current?.destroy();
      view.current = null;
    };
  }, []);

  React.useEffect(() => view.current?.setVisible(props.visible ?? {}), [props.visible]);
  React.useEffect(() => view.current?.setFollow(props.follow === true), [props.follow]);
  React.useEffect(() => {
    const wanted = props.selected;
    if (wanted === undefined) return;
    feed.select({
      alertId: wanted?.alert_id ?? null,
      activationId: wanted?.activation_id ?? null,
      zoneId: wanted?.zone_id ?? null,
    });
  }, [props.selected]);
  React.useEffect(() => {
    if (props.wall) return;
    return onKey((action) => {
      const now = newest.current;
      switch (action) {
        case "zoom-in":
          view.current?.zoomBy(1);
          return true;
        case "zoom-out":
          view.current?.zoomBy(-1);
          return true;
        case "fit":
          view.current?.fit();
          return true;
        case "follow":
          now.setProps({ follow: !now.follow });
          return true;
        case "table":
          now.setProps({ table: !now.table });
          return true;
        default:
          return false;
      }
    });
  }, [props.wall]);

  const showsTable = !props.wall && (props.table || isBlind);
  return h(
    "section",
    { id: props.id, className: `vigil-map ${props.wall ? "is-wall" : ""} ${props.className ?? ""}`, "aria-label": "Live map" },
    h(
      "div",
      { className: "vigil-map-frame" },
      h("div", { ref: frame, className: "vigil-map-canvas" }),
      props.demo && h("div", { className: "vigil-demo-frame" }, h("span", null, "DEMO")),
      isBlind && h("div", { className: "vigil-map-words", role: "alert" }, NO_WEBGL),
      !isBlind && progress && h("div", { className: "vigil-map-words", role: "status" }, progress),
      trouble && h("div", { className: "vigil-map-trouble", role: "status" }, trouble),
      !trouble &&
        everyS > 1 &&
        h("div", { className: "vigil-map-trouble is-slow", role: "status" }, `This screen is slow: the map moves every ${everyS} s. Alerts do not wait for it.`),
      hover.words &&
        h("div", { className: "vigil-map-hover", style: { left: hover.x + 14, top: hover.y + 14 } }, hover.words),
      !props.wall && h(Buttons, { view, props }),
      thanks && h("div", { className: "vigil-map-thanks" }, thanks),
      props.wall && sources.current && h("div", { ref: insets, className: "vigil-insets-place" }, h(Insets, { sources: sources.current, main })),
    ),
    showsTable && sources.current && h(TagTable, { sources: sources.current, pick: (id: number) => pick(props, id) }),
  );

  function pick(now: LiveMapProps, activationId: number | null): void {
    const alert = activationId === null ? undefined : feed.alerts.ofTag(activationId);
    const zone_id = alert?.zone_id ?? null;
    feed.select({ alertId: alert?.alert_id ?? null, activationId, zoneId: zone_id });
    now.setProps({
      selected:
        activationId === null
          ? null
          : {
              alert_id: alert?.alert_id ?? null,
              activation_id: activationId,
              zone_id,
              seq: (now.selected?.seq ?? 0) + 1,
            },
    });
  }
}

// Four corners, drawn: a sign for it is in few fonts.
const FIT = h(
  "svg",
  { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": true },
  h("path", { d: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4", fill: "none", stroke: "currentColor", strokeWidth: 2 }),
);

function Buttons({ view, props }: { view: { current: MapView | null }; props: LiveMapProps }) {
  const button = (label: string, key: string, mark: React.ReactNode, press: () => void, isOn?: boolean) =>
    h(
      "button",
      {
        type: "button",
        key,
        title: `${label} (${key})`,
        "aria-label": label,
        "aria-keyshortcuts": key,
        ...(isOn === undefined ? {} : { "aria-pressed": isOn }),
        onClick: press,
      },
      mark,
    );
  return h(
    "div",
    { className: "vigil-map-buttons", role: "toolbar", "aria-label": "Map" },
    button("Zoom in", "+", "+", () => view.current?.zoomBy(1)),
    button("Zoom out", "-", "−", () => view.current?.zoomBy(-1)),
    button("Fit all", "0", FIT, () => view.current?.fit()),
    button("Follow the selected tag", "F", "F", () => props.setProps({ follow: !props.follow }), props.follow === true),
    button("Table of tags", "T", "T", () => props.setProps({ table: !props.table }), props.table === true),
  );
}

/** Whether Alt is held down; losing the window counts as letting it go. */
function onAlt(changed: (isHeld: boolean) => void): () => void {
  const press = (event: KeyboardEvent) => event.key === "Alt" && changed(event.type === "keydown");
  const leave = () => changed(false);
  window.addEventListener("keydown", press);
  window.addEventListener("keyup", press);
  window.addEventListener("blur", leave);
  return () => {
    window.removeEventListener("keydown", press);
    window.removeEventListener("keyup", press);
    window.removeEventListener("blur", leave);
  };
}

function hasUnknownTag(tags: { count: number; ids: Uint32Array }, sources: MapSources): boolean {
  // The newest row is enough: tags are appended as they first appear.
  return tags.count > 0 && sources.codeOf(tags.ids[tags.count - 1]!) === null;
}
