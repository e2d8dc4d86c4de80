// Tools at the left of the map, and the words for what they do.

import { h } from "../react.ts";
import type { Studio } from "./controller.ts";
import type { Tool } from "./editor.ts";

const MARKS: Record<Tool | "address" | "file" | "snap" | "fit", string> = {
  select: "M4 2 L4 16 L8 12 L11 18 L13 17 L10 11 L16 11 Z",
  polygon: "M4 7 L11 3 L17 9 L13 17 L5 15 Z",
  rectangle: "M3 5 H17 V15 H3 Z",
  circle: "M10 3 A7 7 0 1 0 10.01 3 Z",
  corridor: "M3 13 L9 6 L17 9 M4 17 L10 10 L16 13",
  hole: "M2 3 H18 V17 H2 Z M7 7 L13 8 L12 13 L7 12 Z",
  address: "M10 18 C5 12 4 10 4 8 A6 6 0 1 1 16 8 C16 10 15 12 10 18 Z M10 6 A2 2 0 1 0 10.01 6 Z",
  file: "M10 13 V3 M6 7 L10 3 L14 7 M3 12 V17 H17 V12",
  snap: "M5 3 V10 A5 5 0 0 0 15 10 V3 M5 6 H8 V3 M15 6 H12 V3",
  fit: "M3 7 V3 H7 M13 3 H17 V7 M17 13 V17 H13 M7 17 H3 V13",
};

const TOOLS: readonly [Tool, string, string][] = [
  ["select", "V", "Choose and edit"],
  ["polygon", "P", "Polygon: click corners, Enter or the first corner ends it"],
  ["rectangle", "R", "Rectangle: click two opposite corners"],
  ["circle", "C", "Circle in true metres: click centre and edge"],
  ["corridor", "B", "Corridor: click along the street, Enter ends it"],
  ["hole", "H", "Hole: draw inside the zone what does not belong to it"],
];

export function Toolbar({ studio, from }: { studio: Studio; from: () => void }) {
  const isOff = studio.isLocked;
  return h(
    "div",
    { className: "studio-tools", role: "toolbar", "aria-label": "Tools", "aria-orientation": "vertical" },
    ...TOOLS.map(([tool, key, words]) =>
      h(Button, { key: tool, mark: MARKS[tool], letter: key, words, isOff, isOn: studio.hand.tool === tool && !isOff, press: () => studio.hand.setTool(tool) }),
    ),
    h("hr", { "aria-hidden": true }),
    h(Button, { mark: MARKS.address, letter: "/", words: "Start from a street, a zone, a file or a template", isOff, press: from }),
    h(Button, { mark: MARKS.snap, letter: "S", words: "Snap to corners, streets and zones (hold Alt: off)", isOff, isOn: studio.hand.isSnapping, press: () => studio.hand.setSnapping(!studio.hand.isSnapping) }),
    h("hr", { "aria-hidden": true }),
    h(Button, { mark: MARKS.fit, letter: "Z", words: "The zone in view", press: () => studio.view.fit() }),
    h(Button, { sign: "+", letter: "+", words: "Nearer", press: () => studio.view.zoomBy(1) }),
    h(Button, { sign: "−", letter: "-", words: "Further", press: () => studio.view.zoomBy(-1) }),
  );
}

interface ButtonGiven {
  mark?: string;
  sign?: string;
  letter: string;
  words: string;
  isOn?: boolean;
  isOff?: boolean;
  press: () => void;
}

function Button({ mark, sign, letter, words, isOn, isOff, press }: ButtonGiven) {
  return h(
    "button",
    {
      type: "button",
      title: `${words} (${letter})`,
      "aria-label": words.split(":")[0],
      "aria-keyshortcuts": letter,
      disabled: isOff === true,
      ...(isOn === undefined ? {} : { "aria-pressed": isOn }),
      onClick: press,
    },
    mark
      ? h("svg", { viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": true }, h("path", { d: mark, fill: "none", stroke: "currentColor", strokeWidth: 1.7, strokeLinejoin: "round", fillRule: "evenodd" }))
      : h("span", { className: "studio-letter", "aria-hidden": true }, sign),
    letter !== sign && h("kbd", { "aria-hidden": true }, letter),
  );
}
