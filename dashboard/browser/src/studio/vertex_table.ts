// Every corner as figures, so that a zone can be drawn without a mouse.

import { h, React } from "../react.ts";
import type { Studio } from "./controller.ts";
import { metresBetween, type Position, shifted } from "./geometry.ts";
import { aCircle, aPolygon, type Corner, corners, inserted, type Part, removed } from "./shape.ts";

const ARROWS: Record<string, [number, number]> = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const HOW_WORDS = { polygon: "Polygon", rectangle: "Rectangle", circle: "Circle", corridor: "Corridor" } as const;

export function VertexTable({ studio }: { studio: Studio }) {
  const parts = studio.session?.parts ?? [];
  const isOff = studio.isLocked;
  const square = () => {
    const at = studio.view.middle;
    const ring = ([[-50, -50], [50, -50], [50, 50], [-50, 50]] as const).map(([east, north]) => shifted(at, east, north));
    studio.hand.setParts([...parts, aPolygon(ring)], "add a square");
  };
  return h(
    "div",
    { className: "studio-table" },
    h(
      "div",
      { className: "studio-table-bar" },
      h("button", { type: "button", className: "act", disabled: isOff, onClick: square }, "Add a square"),
      h("button", { type: "button", className: "act", disabled: isOff, onClick: () => studio.hand.setParts([...parts, aCircle(studio.view.middle, 300)], "add a circle") }, "Add a circle"),
      h("span", { className: "hint" }, "at the middle of the map"),
    ),
    parts.length === 0 && h("p", { className: "hint" }, "Nothing is drawn yet."),
    ...parts.map((part, number) => h(PartTable, { key: number, studio, part, number, isOff })),
    h("p", { className: "hint" }, "In a row: arrow keys move the corner 1 m, with Shift 10 m. Delete removes it."),
  );
}

function PartTable({ studio, part, number, isOff }: { studio: Studio; part: Part; number: number; isOff: boolean }) {
  const found = corners(part);
  return h(
    "section",
    null,
    h(
      "header",
      null,
      h("h2", null, `${number + 1}. ${HOW_WORDS[part.how]}`),
      h("button", { type: "button", className: "act act-quiet", disabled: isOff, "aria-label": `Delete part ${number + 1}`, onClick: () => (studio.hand.choose(null), studio.hand.setParts(studio.session!.parts.toSpliced(number, 1), "delete a part")) }, "Delete"),
    ),
    h(
      "table",
      { "aria-label": `Corners of part ${number + 1}` },
      h("thead", null, h("tr", null, ...["", "Lon", "Lat", "Edge", ""].map((name, at) => h("th", { key: at, scope: "col" }, name || h("span", { className: "studio-aside" }, at === 0 ? "Corner" : "Do"))))),
      h(
        "tbody",
        null,
        ...found.map(({ corner, position }, at) => {
          const next = found[at + 1]?.corner.ring === corner.ring ? found[at + 1] : part.how === "corridor" ? undefined : found.find((each) => each.corner.ring === corner.ring);
          return h(Row, {
            key: `${corner.ring}-${corner.at}`,
            studio,
            corner: { part: number, ...corner },
            position,
            name: part.how === "circle" ? "Centre" : corner.ring > 0 ? `hole ${corner.ring}·${corner.at + 1}` : `${corner.at + 1}`,
            edgeM: next && part.how !== "circle" ? metresBetween(position, next.position) : null,
            isOff,
          });
        }),
      ),
    ),
  );
}

interface RowGiven {
  studio: Studio;
  corner: Corner;
  position: Position;
  name: string;
  edgeM: number | null;
  isOff: boolean;
}

function Row({ studio, corner, position, name, edgeM, isOff }: RowGiven) {
  const isChosen = isSame(studio.hand.chosen, corner);
  const row = React.useRef<HTMLTableRowElement>(null);
  React.useEffect(() => {
    if (isChosen) row.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  const press = (event: React.KeyboardEvent) => {
    const way = ARROWS[event.key];
    if (way && !isOff) {
      event.preventDefault();
      event.stopPropagation();
      studio.hand.choose(corner);
      studio.hand.moveChosen(way[0] * (event.shiftKey ? 10 : 1), way[1] * (event.shiftKey ? 10 : 1));
    }
  };
  const field = (at: 0 | 1, words: string) =>
    h(Degrees, {
      value: position[at],
      words: `${words} of corner ${name}`,
      most: at === 0 ? 180 : 90,
      isOff,
      give: (value: number) => studio.hand.placeCorner(corner, at === 0 ? [value, position[1]] : [position[0], value]),
    });
  return h(
    "tr",
    { ref: row, "aria-selected": isChosen, onFocus: () => !isChosen && studio.hand.choose(corner), onKeyDown: press },
    h("th", { scope: "row" }, h("button", { type: "button", className: "studio-corner", "aria-label": `Corner ${name}: arrow keys move it`, onClick: () => studio.hand.choose(corner) }, name)),
    h("td", null, field(0, "Longitude")),
    h("td", null, field(1, "Latitude")),
    h("td", { className: "studio-number" }, edgeM === null ? "" : `${Math.round(edgeM)} m`),
    h(
      "td",
      null,
      name !== "Centre" && h("button", { type: "button", className: "studio-small", disabled: isOff, title: "Add a corner after this one", "aria-label": `Add a corner after ${name}`, onClick: () => studio.hand.setParts(inserted(studio.session!.parts, corner), "add a corner") }, "+"),
      h("button", { type: "button", className: "studio-small", disabled: isOff, title: "Delete this corner", "aria-label": `Delete corner ${name}`, onClick: () => studio.hand.setParts(removed(studio.session!.parts, corner), "delete a corner") }, "×"),
    ),
  );
}

function Degrees({ value, words, most, isOff, give }: { value: number; words: string; most: number; isOff: boolean; give: (value: number) => void }) {
  const [typed, setTyped] = React.useState(value.toFixed(6));
  React.useEffect(() => setTyped(value.toFixed(6)), [value]);
  const take = () => {
    const found = Number(typed);
    if (typed.trim() !== "" && Math.abs(found) <= most && Math.abs(found - value) > 4e-7) give(found);
    // What is taken comes back as a new value; what is not taken goes.
    setTyped(value.toFixed(6));
  };
  return h("input", {
    value: typed,
    inputMode: "decimal",
    "aria-label": words,
    disabled: isOff,
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => setTyped(event.target.value),
    onBlur: take,
    onKeyDown: (event: React.KeyboardEvent) => event.key === "Enter" && take(),
  });
}

function isSame(here: Corner | null, there: Corner): boolean {
  return here !== null && here.part === there.part && here.ring === there.ring && here.at === there.at;
}
