// How lanes look: stretches as bars whose darkness is their level, marks as signs, speed and charge
// as what the device reported. Charts are neutral; only speed has its ramp.

import type { Theme, Tokens } from "../map/tokens.ts";
import type { Lane } from "./lane_data.ts";
import type { ReplayModel } from "./model.ts";
import { RAMP, speedClass } from "./ramp.ts";
import { lastingWords, offsetS, stampIn } from "./times.ts";
import type { Track } from "./track.ts";

export type RowLook = "lane" | "speed" | "charge";

export const LANE_HEIGHT: Readonly<Record<RowLook, number>> = { lane: 22, speed: 46, charge: 24 };

export interface Row {
  key: string;
  title: string;
  rule: string;
  look: RowLook;
  lane: Lane | null;
  track: Track | null;
}

export interface Frame {
  fromS: number;
  toS: number;
  width: number;
  axisPx: number;
  tokens: Tokens;
  theme: Theme;
}

const SPEED_RULE = "As the device reported it; where it did not, distance by time between two joined fixes. Highest of each pixel.";
const CHARGE_RULE = "As the device reported it.";
const STEPS_S = [60, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000] as const;

export function rowsOf(model: ReplayModel): Row[] {
  const rows: Row[] = [];
  model.loaded.forEach(({ track, lanes }, index) => {
    const letter = model.loaded.length > 1 ? `${String.fromCharCode(65 + index)} ` : "";
    const title = (words: string) => `${letter}${words}`;
    for (const lane of lanes.lanes) {
      // Of a further track only what says something: the page is no higher for it.
      if (index > 0 && !lane.stretches.length && !lane.marks.length) continue;
      rows.push({ key: `${index}-${lane.key}`, title: title(lane.title), rule: lane.rule, look: "lane", lane, track: null });
    }
    rows.push({ key: `${index}-speed`, title: title("speed"), rule: SPEED_RULE, look: "speed", lane: null, track });
    if (index === 0) rows.push({ key: "charge", title: title("charge"), rule: CHARGE_RULE, look: "charge", lane: null, track });
  });
  if (model.bookmarks.length) rows.push(bookmarksRow(model));
  return rows;
}

function bookmarksRow(model: ReplayModel): Row {
  const lane: Lane = {
    key: "bookmarks",
    title: "bookmarks",
    rule: "Moments somebody kept, with words.",
    stretches: [],
    marks: model.bookmarks.map((mark) => [mark.at_s, "note", `${mark.words} (${mark.author})`]),
  };
  return { key: "bookmarks", title: "bookmarks", rule: lane.rule, look: "lane", lane, track: null };
}

export function drawLanes(context: CanvasRenderingContext2D, model: ReplayModel, rows: readonly Row[], frame: Frame): void {
  const { fromS, toS, width, axisPx, tokens } = frame;
  const height = axisPx + rows.reduce((sum, row) => sum + LANE_HEIGHT[row.look], 0);
  context.clearRect(0, 0, width, height);
  const at = (unixS: number) => ((unixS - fromS) / (toS - fromS)) * width;
  drawInterval(context, model, at, height, frame);
  drawAxis(context, model, at, height, frame);
  let top = axisPx;
  for (const row of rows) {
    const tall = LANE_HEIGHT[row.look];
    context.fillStyle = tokens.line;
    context.fillRect(0, top + tall - 1, width, 1);
    if (row.lane) drawLane(context, row.lane, at, top, tall, frame);
    else if (row.track) drawSeries(context, row.track, row.look, top, tall, frame);
    top += tall;
  }
}

function drawInterval(context: CanvasRenderingContext2D, model: ReplayModel, at: (unixS: number) => number, height: number, { tokens, width }: Frame): void {
  const { inS, outS } = model.view;
  if (inS === null && outS === null) return;
  const left = Math.max(0, inS === null ? 0 : at(inS));
  const right = Math.min(width, outS === null ? width : at(outS));
  context.globalAlpha = 0.12;
  context.fillStyle = tokens.text;
  if (right > left) context.fillRect(left, 0, right - left, height);
  context.globalAlpha = 1;
  for (const edge of [inS, outS]) if (edge !== null) context.fillRect(Math.round(at(edge)), 0, 1, height);
}

function drawAxis(context: CanvasRenderingContext2D, model: ReplayModel, at: (unixS: number) => number, height: number, frame: Frame): void {
  const { fromS, toS, width, tokens, axisPx } = frame;
  const step = STEPS_S.find((each) => ((toS - fromS) / each) * 70 <= width) ?? STEPS_S.at(-1)!;
  context.font = "500 12px Inter, sans-serif";
  context.textBaseline = "middle";
  // Ticks stand at whole steps of the room's wall time, whatever its distance from UTC.
  const offset = offsetS(model.timeZone, fromS);
  let lastDay = "";
  let freeFrom = -Infinity;
  for (let tick = Math.ceil((fromS + offset) / step) * step - offset; tick <= toS; tick += step) {
    const x = Math.round(at(tick));
    const stamp = stampIn(model.timeZone, tick);
    const isDay = stamp.day !== lastDay && (step >= 86_400 || stamp.time === "00:00:00" || lastDay === "");
    context.fillStyle = tokens.line;
    context.fillRect(x, axisPx - 5, 1, height - axisPx + 5);
    lastDay = stamp.day;
    if (x < freeFrom) continue;
    context.fillStyle = isDay ? tokens.text : tokens.text3;
    const words = isDay ? `${stamp.weekday} ${stamp.day.slice(5)}${step < 86_400 ? ` ${stamp.time.slice(0, 5)}` : ""}` : stamp.time.slice(0, 5);
    context.fillText(words, x + 4, axisPx / 2);
    freeFrom = x + context.measureText(words).width + 14;
  }
}

const LEVEL_ALPHA: Readonly<Record<number, number>> = { 1: 0.35, 2: 0.65, 3: 1 };

function drawLane(context: CanvasRenderingContext2D, lane: Lane, at: (unixS: number) => number, top: number, tall: number, { width, tokens }: Frame): void {
  for (const [fromS, toS, level] of lane.stretches) {
    const left = at(fromS);
    const right = Math.max(at(toS), left + 2);
    if (right < 0 || left > width) continue;
    context.globalAlpha = LEVEL_ALPHA[level] ?? 1;
    if (lane.key === "unseen") hatch(context, left, top + 4, Math.min(right, width + tall) - left, tall - 9, tokens.text3);
    else {
      context.fillStyle = tokens.text2;
      context.fillRect(left, top + 4, right - left, tall - 9);
    }
  }
  context.globalAlpha = 1;
  context.fillStyle = tokens.text;
  for (const [atS, kind] of lane.marks) {
    const x = at(atS);
    if (x < -6 || x > width + 6) continue;
    sign(context, kind, x, top + tall / 2 - 0.5);
  }
}

/** Where nobody knows anything: a pattern, so that it is never taken for a measurement. */
function hatch(context: CanvasRenderingContext2D, left: number, top: number, wide: number, tall: number, colour: string): void {
  context.save();
  context.beginPath();
  context.rect(left, top, wide, tall);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  const first = Math.max(left - tall, -tall);
  const last = left + wide;
  for (let x = Math.floor(first / 5) * 5; x < last; x += 5) {
    context.moveTo(x, top + tall);
    context.lineTo(x + tall, top);
  }
  context.stroke();
  context.strokeRect(left + 0.5, top + 0.5, Math.max(1, wide - 1), tall - 1);
  context.restore();
}

function sign(context: CanvasRenderingContext2D, kind: string, x: number, y: number): void {
  context.beginPath();
  if (kind === "note") {
    context.fillRect(x - 1, y - 7, 2, 14);
    context.moveTo(x, y - 7);
    context.lineTo(x + 8, y - 3.5);
    context.lineTo(x, y);
  } else if (kind === "left" || kind === "closed") {
    context.arc(x, y, 4, 0, 2 * Math.PI);
    context.strokeStyle = context.fillStyle;
    context.lineWidth = 1.5;
    context.stroke();
    return;
  } else {
    context.moveTo(x, y - 6);
    context.lineTo(x + 6, y);
    context.lineTo(x, y + 6);
    context.lineTo(x - 6, y);
  }
  context.fill();
}

/** Highest (speed) or last (charge) value of each pixel: nothing that was reported falls between two. */
function drawSeries(context: CanvasRenderingContext2D, track: Track, look: RowLook, top: number, tall: number, frame: Frame): void {
  const { fromS, toS, width, tokens, theme } = frame;
  const first = Math.max(0, track.placeAt(fromS));
  const end = track.placeAt(toS) + 1;
  const columns = new Float32Array(Math.ceil(width)).fill(-1);
  let most = 0;
  for (let place = first; place < end; place++) {
    const value = look === "speed" ? track.speedMps[place]! : track.battery[track.places[place]!]!;
    if (Number.isNaN(value) || (look === "charge" && value === 255)) continue;
    const x = Math.floor(((track.placeS(place) - fromS) / (toS - fromS)) * width);
    if (x < 0 || x >= columns.length) continue;
    columns[x] = look === "speed" ? Math.max(columns[x]!, value) : value;
    most = Math.max(most, value);
  }
  const scale = look === "speed" ? Math.max(most, 20 / 3.6) : 100;
  const base = top + tall - 3;
  columns.forEach((value, x) => {
    if (value < 0) return;
    const up = Math.max(1, (value / scale) * (tall - 8));
    context.fillStyle = look === "speed" ? RAMP[theme][speedClass(value)]! : tokens.text3;
    if (look === "speed") context.fillRect(x, base - up, 1.5, up);
    else context.fillRect(x, base - up, 1.5, 2);
  });
  if (look === "speed") {
    context.fillStyle = tokens.text3;
    context.fillText(`${Math.round(scale * 3.6)} km/h`, 4, top + 9);
  }
}

/** What the lane under the pointer says: its rule, and the stretch or mark that is there. */
export function laneAt(rows: readonly Row[], y: number, atS: number, secondsAPixel: number): string {
  let top = 0;
  for (const row of rows) {
    top += LANE_HEIGHT[row.look];
    if (y >= top) continue;
    const mark = row.lane?.marks.find(([markS]) => Math.abs(markS - atS) <= 7 * secondsAPixel);
    if (mark) return mark[2];
    const stretch = row.lane?.stretches.find(([fromS, toS]) => fromS - 2 * secondsAPixel <= atS && atS < Math.max(toS, fromS + 2 * secondsAPixel));
    const found = stretch ? `${row.title} for ${lastingWords(stretch[1] - stretch[0])}${stretch[3] ? `: ${stretch[3]}` : ""}. ` : "";
    return `${found}${row.rule}`;
  }
  return "";
}
