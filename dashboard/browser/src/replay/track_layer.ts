// Draws tracks from buffers that are filled once: a seek only changes which part of them is drawn.

import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre } from "maplibre-gl";
import { type Instances, makeCorners, makeInstances, makeProgram, type Program, relativeTo } from "../map/gl.ts";
import { STALE_BIT, TAG_COLUMNS, TAG_STRIDE } from "../map/records.ts";
import { RING_FRAGMENT, RING_VERTEX, TAG_FRAGMENT, TAG_VERTEX } from "../map/shaders.ts";
import { rgb, type Theme, type Tokens } from "../map/tokens.ts";
import { type Ground, groundOf, type Level, levelFor, levelsOf, pairRange } from "./lines.ts";
import { rampColours, speedClass } from "./ramp.ts";
import { DOT_FRAGMENT, DOT_VERTEX, LINE_FRAGMENT, LINE_VERTEX } from "./track_shaders.ts";
import type { Track } from "./track.ts";

export const TRACK_LAYER_ID = "vigil-replay";

/** With more fixes in the tail, or fewer pixels between them, they would be one blot. */
const MOST_DOTS = 3_000;
const MOST_RINGS = 150;
const DOTS_FROM_ZOOM = 12.5;
const WORLD_M = 40_075_017;
/** x, y, radius, rgba, fill, dashed. */
const RING_FLOATS = 9;
/** Half-widths in CSS pixels of the passes that make one line thick. */
const BRUSH = [
  [0, 0],
  [0.7, 0],
  [-0.7, 0],
  [0, 0.7],
  [0, -0.7],
] as const;

/** One track as it is to be drawn at an instant. */
export interface Shown {
  track: Track;
  /** The place that holds; -1: none yet. */
  place: number;
  /** First place of the tail. */
  tailFrom: number;
  /** Where the marker stands, in mercator units; between fixes only while it glides. */
  at: [number, number] | null;
  isStale: boolean;
  headingDeg: number | null;
  /** Drawn by speed, or plainly where it is not the one looked at. */
  isFirst: boolean;
}

export interface Look {
  hasRings: boolean;
  isRaw: boolean;
}

/** What lies on the graphics card for one track. */
interface Kept {
  ground: Ground;
  levels: Level[];
  line: WebGLVertexArrayObject;
  places: WebGLBuffer;
  classes: WebGLBuffer;
  /** Of each level of detail that was drawn. */
  indices: (WebGLBuffer | null)[];
  ends: Instances;
  endCount: number;
  endPlaces: Uint32Array;
  doubted: Instances;
}

interface Made {
  line: Program;
  dot: Program;
  ring: Program;
  tag: Program;
  corners: WebGLBuffer;
  rings: Instances;
  marker: Instances;
}

export class TrackLayer implements CustomLayerInterface {
  readonly id = TRACK_LAYER_ID;
  readonly type = "custom" as const;
  readonly renderingMode = "2d" as const;
  look: Look = { hasRings: true, isRaw: false };
  /** Lines handed to the graphics card with the last picture, for those who measure. */
  drawnLines = 0;
  private shown: readonly Shown[] = [];
  private map: MapLibre | null = null;
  private made: Made | null = null;
  private readonly kept = new Map<Track, Kept>();
  private readonly ringData = new Float32Array(MOST_RINGS * RING_FLOATS);
  private readonly markerData = new ArrayBuffer(TAG_STRIDE);

  constructor(
    private tokens: Tokens,
    private theme: Theme,
  ) {}

  setTokens(tokens: Tokens, theme: Theme): void {
    this.tokens = tokens;
    this.theme = theme;
  }

  show(shown: readonly Shown[]): void {
    this.shown = shown;
    this.map?.triggerRepaint();
  }

  onAdd(map: MapLibre, gl: WebGL2RenderingContext): void {
    this.map = map;
    const corners = makeCorners(gl);
    this.made = {
      line: makeProgram(gl, LINE_VERTEX, LINE_FRAGMENT),
      dot: makeProgram(gl, DOT_VERTEX, DOT_FRAGMENT),
      ring: makeProgram(gl, RING_VERTEX, RING_FRAGMENT),
      tag: makeProgram(gl, TAG_VERTEX, TAG_FRAGMENT),
      corners,
      rings: makeInstances(gl, corners, RING_FLOATS * 4, [
        { at: 1, size: 2, offset: 0 },
        { at: 2, size: 1, offset: 8 },
        { at: 3, size: 4, offset: 12 },
        { at: 4, size: 2, offset: 28 },
      ]),
      marker: makeInstances(gl, corners, TAG_STRIDE, TAG_COLUMNS),
    };
    // Also after a lost context: what lay in the old one is gone.
    this.kept.clear();
  }

  onRemove(_map: MapLibre, gl: WebGL2RenderingContext): void {
    const made = this.made;
    this.made = null;
    this.map = null;
    for (const kept of this.kept.values()) {
      gl.deleteVertexArray(kept.line);
      for (const buffer of [kept.places, kept.classes, ...kept.indices, kept.ends.buffer, kept.doubted.buffer]) gl.deleteBuffer(buffer);
    }
    this.kept.clear();
    if (made) for (const { program } of [made.line, made.dot, made.ring, made.tag]) gl.deleteProgram(program);
  }

  render(context: WebGLRenderingContext | WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const gl = context as WebGL2RenderingContext;
    const { made, map } = this;
    if (!made || !map) return;
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.CULL_FACE);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.drawnLines = 0;
    for (const shown of this.shown) {
      if (!shown.track.places.length) continue;
      const kept = this.keep(gl, shown.track);
      const matrix = relativeTo(input.defaultProjectionData.mainMatrix, kept.ground.originX, kept.ground.originY);
      this.drawLines(gl, made, kept, shown, matrix);
      this.drawDots(gl, made, kept, shown, matrix);
      this.drawRings(gl, made, kept, shown, matrix);
      this.drawMarker(gl, made, kept, shown, matrix);
    }
    gl.bindVertexArray(null);
  }

  private keep(gl: WebGL2RenderingContext, track: Track): Kept {
    const found = this.kept.get(track);
    if (found) return found;
    const ground = groundOf(track);
    const levels = levelsOf(track, ground);
    const line = gl.createVertexArray();
    gl.bindVertexArray(line);
    const places = filled(gl, gl.ARRAY_BUFFER, ground.xy);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    const classes = filled(gl, gl.ARRAY_BUFFER, Uint8Array.from(track.speedMps, speedClass));
    gl.enableVertexAttribArray(1);
    gl.vertexAttribPointer(1, 1, gl.UNSIGNED_BYTE, false, 0, 0);
    gl.bindVertexArray(null);
    const indices = levels.map(() => null);
    const endPlaces = Uint32Array.from(track.gaps.flatMap((gap) => [gap.place, gap.place + 1]));
    const ends = pointsOf(gl, endPlaces, ground.xy);
    const spots = new Float32Array(track.doubted.length * 2);
    track.doubted.forEach((index, k) => {
      const [x, y] = track.mercator(index);
      spots[k * 2] = x - ground.originX;
      spots[k * 2 + 1] = y - ground.originY;
    });
    const doubted = pointsOf(gl, Uint32Array.from(track.doubted.keys()), spots);
    const kept: Kept = { ground, levels, line, places, classes, indices, ends, endCount: endPlaces.length, endPlaces, doubted };
    this.kept.set(track, kept);
    return kept;
  }

  private drawLines(gl: WebGL2RenderingContext, made: Made, kept: Kept, shown: Shown, matrix: Float32Array): void {
    const ratio = this.map!.getPixelRatio();
    const level = levelFor(kept.levels, this.map!.getZoom());
    const { pairs } = kept.levels[level]!;
    const program = made.line;
    gl.useProgram(program.program);
    gl.bindVertexArray(kept.line);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, (kept.indices[level] ??= filled(gl, gl.ELEMENT_ARRAY_BUFFER, pairs)));
    gl.uniformMatrix4fv(program.at("matrix"), false, matrix);
    gl.uniform3fv(program.at("ramp"), rampColours(this.theme, this.tokens.text3));
    // The whole period, faintly: where the tail has come from and will go.
    gl.uniform3f(program.at("plain"), ...rgb(this.tokens.text3));
    gl.uniform1f(program.at("isPlain"), 1);
    gl.uniform1f(program.at("alpha"), 0.45);
    gl.uniform2f(program.at("shift"), 0, 0);
    gl.drawElements(gl.LINES, pairs.length, gl.UNSIGNED_INT, 0);
    this.drawnLines += pairs.length / 2;
    if (shown.place < 0) return;
    const [first, end] = pairRange(pairs, shown.tailFrom, shown.place);
    if (end <= first) return;
    gl.uniform1f(program.at("isPlain"), shown.isFirst ? 0 : 1);
    gl.uniform3f(program.at("plain"), ...rgb(this.tokens.text2));
    gl.uniform1f(program.at("alpha"), 1);
    for (const [x, y] of BRUSH) {
      gl.uniform2f(program.at("shift"), (x * ratio * 2) / gl.drawingBufferWidth, (y * ratio * 2) / gl.drawingBufferHeight);
      gl.drawElements(gl.LINES, end - first, gl.UNSIGNED_INT, first * 4);
    }
    this.drawnLines += (end - first) / 2;
  }

  private drawDots(gl: WebGL2RenderingContext, made: Made, kept: Kept, shown: Shown, matrix: Float32Array): void {
    const program = made.dot;
    gl.useProgram(program.program);
    gl.uniformMatrix4fv(program.at("matrix"), false, matrix);
    gl.uniform1f(program.at("pixel"), this.map!.getPixelRatio());
    gl.uniform3f(program.at("ink"), ...rgb(this.tokens.text));
    gl.uniform3f(program.at("field"), ...rgb(this.tokens.mapField));
    gl.uniform3f(program.at("faint"), ...rgb(this.tokens.text3));
    const count = shown.place - shown.tailFrom + 1;
    if (shown.place >= 0 && count <= MOST_DOTS && this.map!.getZoom() >= DOTS_FROM_ZOOM) {
      gl.bindVertexArray(kept.line);
      gl.uniform1f(program.at("always"), 0);
      gl.drawArrays(gl.POINTS, shown.tailFrom, count);
    }
    if (kept.endCount) {
      // Both ends of the gaps that lie in the tail; the newest one's far end is still to come.
      const first = lowerBound(kept.endPlaces, shown.tailFrom);
      const end = lowerBound(kept.endPlaces, shown.place + 1);
      gl.bindVertexArray(kept.ends.array);
      gl.uniform1f(program.at("always"), 2);
      if (end > first) gl.drawArrays(gl.POINTS, first, end - first);
    }
    if (this.look.isRaw && shown.track.doubted.length) {
      gl.bindVertexArray(kept.doubted.array);
      gl.uniform1f(program.at("always"), 3);
      gl.drawArrays(gl.POINTS, 0, shown.track.doubted.length);
    }
  }

  private drawRings(gl: WebGL2RenderingContext, made: Made, kept: Kept, shown: Shown, matrix: Float32Array): void {
    if (shown.place < 0) return;
    const { track } = shown;
    const first = this.look.hasRings ? Math.max(shown.tailFrom, shown.place - MOST_RINGS + 1) : shown.place;
    const [, lat] = track.lonLat(shown.place);
    const metre = 1 / (WORLD_M * Math.cos((lat * Math.PI) / 180));
    const colour = rgb(this.tokens.text2);
    let count = 0;
    for (let place = first; place <= shown.place; place++) {
      const radiusM = track.radiusM[track.places[place]!]!;
      if (Number.isNaN(radiusM)) continue;
      const isHolding = place === shown.place;
      this.ringData.set(
        [
          kept.ground.xy[place * 2]!,
          kept.ground.xy[place * 2 + 1]!,
          radiusM * metre,
          ...colour,
          isHolding ? 0.95 : 0.28,
          // A large error is an area, not a line far from anything.
          isHolding && radiusM > 50 ? 0.1 : 0,
          shown.isStale && isHolding ? 1 : 0,
        ],
        count * RING_FLOATS,
      );
      count += 1;
    }
    if (!count) return;
    gl.useProgram(made.ring.program);
    gl.bindVertexArray(made.rings.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, made.rings.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.ringData.subarray(0, count * RING_FLOATS), gl.STREAM_DRAW);
    const ratio = this.map!.getPixelRatio();
    gl.uniformMatrix4fv(made.ring.at("matrix"), false, matrix);
    gl.uniform2f(made.ring.at("viewport"), gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.uniform1f(made.ring.at("world"), 512 * 2 ** this.map!.getZoom() * ratio);
    gl.uniform1f(made.ring.at("pixel"), ratio);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
  }

  /** The same mark as on the live map: hollow and broken once the fix is older than the gap limit. */
  private drawMarker(gl: WebGL2RenderingContext, made: Made, kept: Kept, shown: Shown, matrix: Float32Array): void {
    if (!shown.at) return;
    const record = new DataView(this.markerData);
    record.setFloat32(0, shown.at[0] - kept.ground.originX, true);
    record.setFloat32(4, shown.at[1] - kept.ground.originY, true);
    record.setFloat32(8, shown.headingDeg === null ? -1 : (shown.headingDeg * Math.PI) / 180, true);
    record.setUint8(12, 0);
    record.setUint8(13, shown.track.isVictim ? 1 : 0);
    record.setUint8(14, (shown.track.isCoarse(shown.place) ? 1 : 0) | (shown.isStale ? STALE_BIT : 0));
    record.setUint8(15, shown.isFirst ? 1 : 0);
    const { tag } = made;
    gl.useProgram(tag.program);
    gl.bindVertexArray(made.marker.array);
    gl.bindBuffer(gl.ARRAY_BUFFER, made.marker.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.markerData, gl.STREAM_DRAW);
    const ratio = this.map!.getPixelRatio();
    gl.uniformMatrix4fv(tag.at("matrix"), false, matrix);
    gl.uniform2f(tag.at("viewport"), gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.uniform1f(tag.at("size"), 15 * ratio);
    gl.uniform1f(tag.at("pixel"), ratio);
    const { tokens } = this;
    gl.uniform3f(tag.at("calm"), ...rgb(tokens.text));
    gl.uniform3f(tag.at("field"), ...rgb(tokens.mapField));
    gl.uniform3f(tag.at("ink"), ...rgb(tokens.text));
    gl.uniform3f(tag.at("stale"), ...rgb(tokens.stale));
    gl.uniform3f(tag.at("first"), ...rgb(tokens.p1));
    gl.uniform3f(tag.at("second"), ...rgb(tokens.p2));
    gl.uniform3f(tag.at("victim"), ...rgb(tokens.victim));
    gl.uniform3f(tag.at("outline"), -1, 0, 0);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, 1);
  }
}

function filled(gl: WebGL2RenderingContext, target: number, data: ArrayBufferView<ArrayBuffer>): WebGLBuffer {
  const buffer = gl.createBuffer();
  gl.bindBuffer(target, buffer);
  gl.bufferData(target, data, gl.STATIC_DRAW);
  return buffer;
}

/** Some places as points of their own. */
function pointsOf(gl: WebGL2RenderingContext, places: Uint32Array, xy: Float32Array): Instances {
  const points = makeInstances(gl, null, 8, [{ at: 0, size: 2, offset: 0 }]);
  const data = new Float32Array(places.length * 2);
  places.forEach((place, k) => {
    data[k * 2] = xy[place * 2]!;
    data[k * 2 + 1] = xy[place * 2 + 1]!;
  });
  gl.bindBuffer(gl.ARRAY_BUFFER, points.buffer);
  gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
  return points;
}

function lowerBound(sorted: Uint32Array, wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
