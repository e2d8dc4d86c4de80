// Terra Draw's modes as the studio uses them, without a hue of their own.

import {
  type GeoJSONStoreFeatures,
  TerraDrawCircleMode,
  TerraDrawLineStringMode,
  type TerraDrawMouseEvent,
  TerraDrawPolygonMode,
  TerraDrawRectangleMode,
  TerraDrawSelectMode,
} from "terra-draw";
import type { Tokens } from "../map/tokens.ts";
import type { Position } from "./geometry.ts";

export interface ModeAsks {
  /** Where a corner at this place belongs; undefined: where the hand is. */
  snap(event: TerraDrawMouseEvent): Position | undefined;
  /** Whether what is drawn may stand as it is now. */
  mayStand(drawn: GeoJSONStoreFeatures, isFinished: boolean): boolean;
  isShownHandle(point: GeoJSONStoreFeatures): boolean;
}

/** The tools, each with its look and with what it asks while it draws. */
export function modesOf({ text, mapField }: Tokens, asks: ModeAsks) {
  const [line, ground] = [text as `#${string}`, mapField as `#${string}`];
  const snapping = { toCustom: asks.snap };
  const points = {
    closingPointColor: ground,
    closingPointOutlineColor: line,
    closingPointOutlineWidth: 2,
    closingPointWidth: 6,
    snappingPointColor: line,
    snappingPointWidth: 5,
  } as const;
  const outline = { ...points, fillColor: line, fillOpacity: 0, outlineColor: line, outlineWidth: 2 } as const;
  // No edge may cross one that is there already: such a click does nothing, and says why.
  const validation = (drawn: GeoJSONStoreFeatures, { updateType }: { updateType: string }) => ({
    valid: updateType === "provisional" || asks.mayStand(drawn, updateType === "finish"),
  });
  const keyEvents = { cancel: "Escape", finish: "Enter" };
  const pointerDistance = 16;
  const drawn = { snapping, keyEvents, pointerDistance };
  return [
    new TerraDrawSelectMode({
      pointerDistance: 18,
      keyEvents: null,
      // It leaves out each move of the hand that this divides, which may be the last: none is.
      dragEventThrottle: Infinity,
      flags: {
        polygon: { feature: { draggable: true, coordinates: { midpoints: { draggable: true }, draggable: true, snappable: snapping } } },
        // "center" and "opposite" of the un-fixed sort would make ellipses of circles.
        circle: { feature: { draggable: true, coordinates: { resizable: "center-fixed" } } },
        rectangle: { feature: { draggable: true, coordinates: { resizable: "opposite" } } },
        corridor: { feature: { draggable: true, coordinates: { midpoints: { draggable: true }, draggable: true, snappable: snapping } } },
      },
      styles: {
        selectedPolygonColor: line,
        selectedPolygonFillOpacity: 0,
        selectedPolygonOutlineColor: line,
        selectedPolygonOutlineWidth: 2,
        selectedLineStringColor: line,
        selectedLineStringWidth: 2,
        selectionPointColor: ground,
        selectionPointOutlineColor: line,
        // A circle has 96 corners to be pulled by; four are shown.
        selectionPointWidth: (point) => (asks.isShownHandle(point) ? 5 : 0),
        selectionPointOutlineWidth: (point) => (asks.isShownHandle(point) ? 2 : 0),
        midPointColor: line,
        midPointOutlineColor: ground,
        midPointOutlineWidth: 1,
        midPointWidth: 3,
      },
    }),
    new TerraDrawPolygonMode({ ...drawn, styles: outline, validation }),
    new TerraDrawPolygonMode({ ...drawn, modeName: "hole", styles: outline, validation }),
    new TerraDrawRectangleMode({ keyEvents, styles: { fillColor: line, fillOpacity: 0, outlineColor: line, outlineWidth: 2 } }),
    new TerraDrawCircleMode({
      keyEvents,
      projection: "globe",
      segments: 96,
      styles: { fillColor: line, fillOpacity: 0, outlineColor: line, outlineWidth: 2 },
    }),
    new TerraDrawLineStringMode({
      ...drawn,
      modeName: "corridor",
      styles: {
        ...points,
        lineStringColor: line,
        lineStringWidth: 2,
      },
    }),
  ];
}
