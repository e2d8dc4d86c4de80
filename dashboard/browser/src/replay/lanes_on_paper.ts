// The lanes under a picture for paper: as on the screen, by day, with the instant marked.

import { readTokens } from "../map/tokens.ts";
import { drawLanes, LANE_HEIGHT, rowsOf } from "./lanes_draw.ts";
import type { ReplayModel } from "./model.ts";

const NAMES_PX = 116;
const AXIS_PX = 22;
const FOOT_PX = 20;
const MOST_SCALE = 2;
const WORDS = "Lanes: the darker, the surer; hatched: nobody observed; the line across is the instant.";

/** So wide and at most so high, in pixels of the page. What is hers is left out, as on the map. */
export function lanesOnPaper(model: ReplayModel, width: number, most: number): HTMLCanvasElement {
  const rows = rowsOf(model).filter((row) => row.lane?.key !== "near_routine");
  const tall = AXIS_PX + FOOT_PX + rows.reduce((sum, row) => sum + LANE_HEIGHT[row.look], 0);
  const scale = Math.min(MOST_SCALE, most / tall);
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width);
  canvas.height = Math.ceil(tall * scale);
  const pen = canvas.getContext("2d")!;
  const tokens = readTokens();
  const across = width / scale - NAMES_PX;
  const [fromS, toS] = model.view.window ?? [model.view.fromS ?? 0, model.view.toS ?? 1];
  pen.setTransform(scale, 0, 0, scale, NAMES_PX * scale, 0);
  drawLanes(pen, model, rows, { fromS, toS, width: across, axisPx: AXIS_PX, tokens, theme: "day" });
  const share = (model.nowS() - fromS) / (toS - fromS);
  pen.fillStyle = tokens.text;
  if (share >= 0 && share <= 1) pen.fillRect(share * across - 0.75, 0, 1.5, tall - FOOT_PX);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.textBaseline = "middle";
  pen.font = "500 12px Inter, sans-serif";
  let top = AXIS_PX;
  for (const row of rows) {
    pen.fillText(row.title, 0, top + LANE_HEIGHT[row.look] / 2, NAMES_PX - 6);
    top += LANE_HEIGHT[row.look];
  }
  pen.fillStyle = tokens.text2;
  pen.fillText(WORDS, 0, top + FOOT_PX / 2);
  return canvas;
}
