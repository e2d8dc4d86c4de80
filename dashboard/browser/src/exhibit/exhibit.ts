// A map view as a picture for paper: A4 lying, with title, scale bar, north, legend, both times and
// the hashes of the data shown.
//
//   const png = await exhibit(map, {
//     title: "Case 0142", notes: ["in victim safe area 1"], timeZone: "Europe/London",
//     times: [{ words: "shown", unixS: 1763762400 }, { words: "made", unixS: Date.now() / 1000 }],
//     legend: [{ mark: "full", words: "borne out by the track" }],
//     hashes: [{ words: "list", sha256 }], thanks: "© OpenStreetMap contributors, ODbL",
//   });
//   saveAs(png, "vigil-0142.png");   // or printPage(png)
//
// The map is read in the very frame in which it was drawn: later its buffer is empty, and keeping
// the buffer (preserveDrawingBuffer) would make every live map slower for the sake of a few
// pictures. Paper is white: for that moment the page turns to day, and a map that follows
// `data-theme` with it.

import type { Map as MapLibre } from "maplibre-gl";
import { timesIn } from "../live/times.ts";
import { metresAPixel, scaleBar } from "./scale.ts";

export type Mark = "full" | "hollow" | "many" | "line" | "zone" | "cloud" | "cross";

export interface LegendLine {
  mark: Mark;
  words: string;
  /** Of a mark whose colour means something. */
  ink?: string;
}

export interface Exhibit {
  title: string;
  /** Lines under the title: what is shown, by which filter, which version of a zone. */
  notes?: readonly string[];
  legend: readonly LegendLine[];
  /** Each is printed in the room's time and in UTC. */
  times: readonly { words: string; unixS: number }[];
  timeZone: string | undefined;
  hashes: readonly { words: string; sha256: string }[];
  /** What belongs under the map, so wide and at most so high; drawn by day, like the map. */
  under?: (width: number, most: number) => HTMLCanvasElement;
  /** Whom the base map is owed to. */
  thanks?: string;
  isDemo?: boolean;
}

/** A4 lying at 200 dots an inch. */
const WIDTH = 2339;
const HEIGHT = 1654;
const MARGIN = 79; // 10 mm
const SIDE = 640;
const INK = "#14181c";
const QUIET = "#434d57";
const FACE = '"Inter", system-ui, sans-serif';
const MONO = '"JetBrains Mono", ui-monospace, monospace';
/** Of the height beside the column, for what is under the map. */
const UNDER_SHARE = 0.5;
const UNDER_GAP = 30;
const PATIENCE_MS = 10_000;

/** The picture as a PNG. Waits until every tile in view has come, ten seconds at most. */
export async function exhibit(map: MapLibre, what: Exhibit): Promise<Blob> {
  await Promise.all([document.fonts.load(`500 30px ${FACE}`), document.fonts.load(`30px ${MONO}`)]);
  const top = MARGIN + 150 + 38 * (what.notes?.length ?? 0);
  const frame = { x: MARGIN, y: top, w: WIDTH - 2 * MARGIN - SIDE - 40, h: HEIGHT - MARGIN - 60 - top };
  const { shot, under } = await byDay(async () => {
    await settled(map);
    return { shot: await snapshot(map), under: what.under?.(frame.w, frame.h * UNDER_SHARE) };
  });
  const page = document.createElement("canvas");
  page.width = WIDTH;
  page.height = HEIGHT;
  const pen = page.getContext("2d")!;
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  drawHead(pen, what);
  const bottom = drawMap(pen, map, shot, { ...frame, h: frame.h - (under ? under.height + UNDER_GAP : 0) });
  if (under) pen.drawImage(under, frame.x, bottom + UNDER_GAP);
  drawSide(pen, what, frame.x + frame.w + 40, top);
  drawFoot(pen, what);
  return new Promise((done, failed) =>
    page.toBlob((blob) => (blob ? done(blob) : failed(new Error("The picture could not be made."))), "image/png"),
  );
}

/** Hands the picture to the person as a file. */
export function saveAs(picture: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(picture);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Prints the picture alone, on A4 lying (exhibit.css hides the rest of the page). */
export async function printPage(picture: Blob): Promise<void> {
  const image = new Image();
  image.alt = "";
  image.className = "vigil-exhibit-page";
  image.src = URL.createObjectURL(picture);
  await image.decode();
  document.body.append(image);
  document.documentElement.dataset["printing"] = "exhibit";
  const over = () => {
    delete document.documentElement.dataset["printing"];
    image.remove();
    URL.revokeObjectURL(image.src);
  };
  window.addEventListener("afterprint", over, { once: true });
  window.print();
}

async function byDay<Found>(see: () => Promise<Found>): Promise<Found> {
  const { dataset } = document.documentElement;
  const theme = dataset["theme"];
  if (theme === "day") return see();
  dataset["theme"] = "day";
  // Whoever follows the theme hears of it before the next frame.
  await new Promise(requestAnimationFrame);
  try {
    return await see();
  } finally {
    dataset["theme"] = theme ?? "night";
  }
}

function settled(map: MapLibre): Promise<void> {
  return new Promise((done) => {
    const late = setTimeout(done, PATIENCE_MS);
    map.once("idle", () => {
      clearTimeout(late);
      done();
    });
    map.triggerRepaint();
  });
}

/** The map's pixels. They must be copied before the frame ends; after it the buffer is cleared. */
function snapshot(map: MapLibre): Promise<HTMLCanvasElement> {
  return new Promise((done) => {
    map.once("render", () => {
      const canvas = map.getCanvas();
      const copy = document.createElement("canvas");
      copy.width = canvas.width;
      copy.height = canvas.height;
      copy.getContext("2d")!.drawImage(canvas, 0, 0);
      done(copy);
    });
    map.triggerRepaint();
  });
}

interface Frame {
  x: number;
  y: number;
  w: number;
  h: number;
}

function drawHead(pen: CanvasRenderingContext2D, what: Exhibit): void {
  write(pen, what.title, MARGIN, MARGIN + 44, 48, { weight: 600 });
  (what.notes ?? []).forEach((note, line) => write(pen, note, MARGIN, MARGIN + 100 + 38 * line, 28, { ink: QUIET }));
  if (what.isDemo) write(pen, "DEMO", WIDTH - MARGIN, MARGIN + 44, 48, { weight: 600, align: "right" });
}

function drawMap(pen: CanvasRenderingContext2D, map: MapLibre, shot: HTMLCanvasElement, frame: Frame): number {
  // All of the view, never a part of it: what was seen is what is printed.
  const by = Math.min(frame.w / shot.width, frame.h / shot.height);
  const w = shot.width * by;
  const h = shot.height * by;
  const x = frame.x + (frame.w - w) / 2;
  const y = frame.y;
  pen.drawImage(shot, x, y, w, h);
  pen.strokeStyle = INK;
  pen.lineWidth = 2;
  pen.strokeRect(x, y, w, h);
  const pagePx = w / map.getContainer().clientWidth; // of the page, for a CSS pixel of the map
  drawScale(pen, metresAPixel(map.getCenter().lat, map.getZoom()) / pagePx, x + 28, y + h - 28);
  drawNorth(pen, x + w - 64, y + 72, map.getBearing());
  return y + h;
}

function drawScale(pen: CanvasRenderingContext2D, metresPx: number, x: number, y: number): void {
  const bar = scaleBar(metresPx, 420);
  pen.fillStyle = "#ffffffd9";
  pen.fillRect(x - 14, y - 58, bar.px + 28, 72);
  pen.strokeStyle = INK;
  pen.lineWidth = 4;
  pen.beginPath();
  pen.moveTo(x, y - 14);
  pen.lineTo(x, y);
  pen.lineTo(x + bar.px, y);
  pen.lineTo(x + bar.px, y - 14);
  pen.stroke();
  write(pen, bar.words, x + bar.px / 2, y - 20, 26, { weight: 600, align: "center" });
}

function drawNorth(pen: CanvasRenderingContext2D, x: number, y: number, bearing: number): void {
  pen.save();
  pen.translate(x, y);
  pen.fillStyle = "#ffffffd9";
  pen.beginPath();
  pen.arc(0, 0, 48, 0, 2 * Math.PI);
  pen.fill();
  pen.rotate((-bearing * Math.PI) / 180);
  pen.fillStyle = INK;
  pen.beginPath();
  pen.moveTo(0, -40);
  pen.lineTo(16, 8);
  pen.lineTo(0, -2);
  pen.lineTo(-16, 8);
  pen.fill();
  write(pen, "N", 0, 36, 26, { weight: 600, align: "center" });
  pen.restore();
}

function drawSide(pen: CanvasRenderingContext2D, what: Exhibit, x: number, top: number): void {
  let y = top + 28;
  const heading = (words: string) => {
    write(pen, words, x, y, 28, { weight: 600 });
    y += 46;
  };
  const times = timesIn(what.timeZone);
  heading("Times");
  for (const { words, unixS } of what.times) {
    write(pen, words, x, y, 24, { ink: QUIET });
    write(pen, `${times.day(unixS)} ${times.local(unixS)} ${times.zone(unixS)}`, x + 140, y, 24);
    write(pen, `${new Date(unixS * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`, x + 140, y + 34, 24);
    y += 84;
  }
  y += 16;
  heading("Legend");
  for (const { mark, words, ink } of what.legend) {
    drawMark(pen, mark, x + 20, y - 8, ink);
    for (const line of folded(pen, words, SIDE - 60, 24)) {
      write(pen, line, x + 56, y, 24);
      y += 34;
    }
    y += 8;
  }
  y += 16;
  heading("Data shown, SHA-256");
  for (const { words, sha256 } of what.hashes) {
    write(pen, words, x, y, 24, { ink: QUIET });
    y += 32;
    for (const half of sha256 ? [sha256.slice(0, 32), sha256.slice(32)] : ["not computed by this browser"]) {
      write(pen, half, x, y, 22, { face: MONO });
      y += 30;
    }
    y += 14;
  }
}

function drawMark(pen: CanvasRenderingContext2D, mark: Mark, x: number, y: number, ink = INK): void {
  pen.strokeStyle = ink;
  pen.lineWidth = ink === INK ? 4 : 8;
  pen.fillStyle = mark === "hollow" ? "#ffffff" : mark === "cloud" ? "#14181c66" : QUIET;
  pen.beginPath();
  if (mark === "line") {
    pen.moveTo(x - 18, y);
    pen.lineTo(x + 18, y);
    pen.stroke();
  } else if (mark === "cross") {
    for (const turn of [-1, 1]) {
      pen.moveTo(x - 10, y - 10 * turn);
      pen.lineTo(x + 10, y + 10 * turn);
    }
    pen.stroke();
  } else if (mark === "zone") {
    pen.strokeRect(x - 16, y - 12, 32, 24);
  } else {
    pen.arc(x, y, mark === "many" || mark === "cloud" ? 17 : 11, 0, 2 * Math.PI);
    pen.fill();
    if (mark === "hollow") pen.stroke();
  }
}

function drawFoot(pen: CanvasRenderingContext2D, what: Exhibit): void {
  const y = HEIGHT - MARGIN;
  write(pen, "Vigil. No line is drawn where nobody recorded anything.", MARGIN, y, 22, { ink: QUIET });
  if (what.thanks) write(pen, what.thanks, WIDTH - MARGIN, y, 22, { ink: QUIET, align: "right" });
}

interface Hand {
  weight?: number;
  align?: CanvasTextAlign;
  ink?: string;
  face?: string;
}

function write(pen: CanvasRenderingContext2D, words: string, x: number, y: number, px: number, hand: Hand = {}): void {
  pen.font = `${hand.weight ?? 400} ${px}px ${hand.face ?? FACE}`;
  pen.textAlign = hand.align ?? "left";
  pen.fillStyle = hand.ink ?? INK;
  pen.fillText(words, x, y);
}

/** The words in lines that are not wider than this. */
function folded(pen: CanvasRenderingContext2D, words: string, most: number, px: number): string[] {
  pen.font = `400 ${px}px ${FACE}`;
  const lines = [""];
  for (const word of words.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (pen.measureText(longer).width <= most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
