// What lies over the map and moves with it: rings of minutes, a measured line, a street that was found.

import type { Street } from "../keys/choices.ts";
import { onShownMap, shownMap } from "../map/shown.ts";
import { h, React } from "../react.ts";
import { lengthM, metreWords, northOf, paceWords, type Place, RING_MINUTES } from "./measure.ts";

export interface OverlayProps {
  /** Where the selected tag is, and the pace its minutes are counted with; null: no rings. */
  rings: { place: Place; paceMps: number } | null;
  /** Places of the line; null: nobody measures. */
  measured: readonly Place[] | null;
  measure(place: Place): void;
  found: Street | null;
}

export function Overlay({ rings, measured, measure, found }: OverlayProps) {
  useMapMoves(rings !== null || measured !== null || found !== null);
  const map = shownMap()?.map;
  if (!map || (!rings && !measured && !found)) return null;
  const dot = (place: Place) => map.project([place[0], place[1]]);
  return h(
    "svg",
    {
      className: `map-overlay ${measured ? "is-measuring" : ""}`,
      "aria-hidden": true,
      onClick: (event: React.MouseEvent) => {
        if (!measured) return;
        const box = event.currentTarget.getBoundingClientRect();
        const { lng, lat } = map.unproject([event.clientX - box.left, event.clientY - box.top]);
        measure([lng, lat]);
      },
    },
    rings && RING_MINUTES.map((minutes) => {
      const centre = dot(rings.place);
      const radius = Math.abs(centre.y - dot(northOf(rings.place, rings.paceMps * 60 * minutes)).y);
      return h(
        "g",
        { key: minutes, transform: `translate(${centre.x} ${centre.y})` },
        h("circle", { r: radius }),
        h(
          "text",
          { y: -radius - 5, textAnchor: "middle" },
          minutes === RING_MINUTES.at(-1) ? `${minutes} min at ${paceWords(rings.paceMps)}` : `${minutes} min`,
        ),
      );
    }),
    measured && measured.length > 0 && h(Line, { places: measured, dot }),
    found && h(Found, { found, at: dot([found.lon, found.lat]) }),
  );
}

function Line({ places, dot }: { places: readonly Place[]; dot: (place: Place) => { x: number; y: number } }) {
  const dots = places.map(dot);
  const last = dots.at(-1)!;
  return h(
    "g",
    null,
    h("polyline", { points: dots.map(({ x, y }) => `${x},${y}`).join(" ") }),
    ...dots.map(({ x, y }, index) => h("circle", { key: index, className: "map-overlay-dot", cx: x, cy: y, r: 4 })),
    places.length > 1 && h("text", { x: last.x + 10, y: last.y - 8 }, metreWords(lengthM(places))),
  );
}

function Found({ found, at }: { found: Street; at: { x: number; y: number } }) {
  return h(
    "g",
    { transform: `translate(${at.x} ${at.y})` },
    h("path", { d: "M-7 -7L7 7M7 -7L-7 7" }),
    h("text", { x: 12, y: 4 }, found.name),
  );
}

/** Drawn anew with each move of the map while there is anything to draw. */
function useMapMoves(isOn: boolean): void {
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => onShownMap(redraw), []);
  const map = shownMap()?.map;
  React.useEffect(() => {
    if (!isOn || !map) return;
    map.on("move", redraw);
    map.on("resize", redraw);
    redraw();
    return () => {
      map.off("move", redraw);
      map.off("resize", redraw);
    };
  }, [isOn, map]);
}
