// The tools over the desk's map: which layers are drawn, how far it is, how many minutes.

import { useFeed } from "../live/hooks.ts";
import { onKey, press as pressKey } from "../keys/bind.ts";
import { type DashProps, h, React } from "../react.ts";
import { findOnMap, foundStreet, onFound } from "./found.ts";
import { useHour } from "./hour.ts";
import { lengthM, metreWords, type Place } from "./measure.ts";
import { Overlay } from "./map_overlay.ts";

export interface MapToolsProps extends DashProps<MapToolsProps> {
  /** Id of the map whose layers are switched. */
  map: string;
  /** On a desk: offers a window of its own for the map and for the case. */
  popsOut?: boolean;
}

const LAYERS: readonly [string, string][] = [
  ["basemap", "Streets"],
  ["zones", "Zones"],
  ["buffers", "Buffers"],
  ["trail", "Trail of the selected"],
  ["tags", "People"],
  ["labels", "Labels"],
];

type Tool = "layers" | "measure" | "minutes";

const dash = () =>
  (globalThis as unknown as { dash_clientside: { set_props(id: string, props: object): void } }).dash_clientside;

export function MapTools(props: MapToolsProps) {
  const feed = useFeed("tags", "selection");
  const [hidden, setHidden] = React.useState<ReadonlySet<string>>(new Set());
  const [isOpen, setOpen] = React.useState(false);
  const [hasRings, setRings] = React.useState(false);
  const [measured, setMeasured] = React.useState<readonly Place[] | null>(null);
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => onFound(redraw), []);
  const { hour } = useHour(hasRings);
  const slot = feed.selection.activationId === null ? -1 : feed.tags.slotOf(feed.selection.activationId);
  const found = foundStreet();

  const press = (tool: Tool) => {
    if (tool === "layers") setOpen((before) => !before);
    else if (tool === "measure") setMeasured((before) => (before ? null : []));
    else setRings((before) => !before);
  };
  const now = React.useRef({ press, hasMore: false });
  now.current = { press, hasMore: isOpen || measured !== null || found !== null };
  React.useEffect(
    () =>
      onKey((action) => {
        if (action === "layers" || action === "measure" || action === "minutes") now.current.press(action);
        else if (action === "deselect" && now.current.hasMore) {
          // Escape first ends what lies over the map, and only then the selection.
          setOpen(false);
          setMeasured(null);
          findOnMap(null);
        } else return false;
        return true;
      }, true),
    [],
  );
  const show = (layer: string, isShown: boolean) => {
    const next = new Set(hidden);
    if (isShown) next.delete(layer);
    else next.add(layer);
    setHidden(next);
    dash().set_props(props.map, { visible: Object.fromEntries(LAYERS.map(([key]) => [key, !next.has(key)])) });
  };
  const button = (tool: Tool, label: string, key: string, isOn: boolean) =>
    h(
      "button",
      { type: "button", "aria-pressed": isOn, "aria-keyshortcuts": key, title: `${label} (${key})`, onClick: () => press(tool) },
      label,
    );
  const said = measured
    ? measured.length > 1
      ? `${metreWords(lengthM(measured))}. Esc ends it.`
      : "Click places on the map. Esc ends it."
    : hasRings && slot < 0
      ? "Choose an alert: its minutes are drawn around the tag."
      : "";
  return h(
    "div",
    { id: props.id, className: "map-tools" },
    h(Overlay, {
      rings:
        hasRings && slot >= 0 && hour
          ? { place: [feed.tags.lon(slot), feed.tags.lat(slot)], paceMps: hour.pace_mps }
          : null,
      measured,
      measure: (place) => setMeasured((before) => [...(before ?? []), place]),
      found,
    }),
    h(
      "div",
      { className: "map-tools-bar", role: "toolbar", "aria-label": "Tools on the map" },
      button("layers", hidden.size > 0 ? `Layers (${hidden.size} hidden)` : "Layers", "L", isOpen),
      button("measure", "Measure", "X", measured !== null),
      button("minutes", "Minutes", "I", hasRings),
      props.popsOut && h(PopOut, { action: "pop-out-map", label: "Map ↗", title: "The map in a window of its own (P)" }),
      props.popsOut && h(PopOut, { action: "pop-out-case", label: "Case ↗", title: "The case in a window of its own (O)" }),
      said && h("span", { role: "status" }, said),
    ),
    isOpen &&
      h(
        "fieldset",
        { className: "map-tools-layers" },
        h("legend", { className: "visually-hidden" }, "Layers of the map"),
        ...LAYERS.map(([layer, words]) =>
          h(
            "label",
            { key: layer },
            h("input", {
              type: "checkbox",
              checked: !hidden.has(layer),
              onChange: (event: React.ChangeEvent<HTMLInputElement>) => show(layer, event.target.checked),
            }),
            ` ${words}`,
          ),
        ),
      ),
  );
}

function PopOut(given: { action: "pop-out-map" | "pop-out-case"; label: string; title: string }) {
  return h("button", { type: "button", title: given.title, "aria-label": given.title, onClick: () => pressKey(given.action) }, given.label);
}
