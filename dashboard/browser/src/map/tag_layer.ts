// Draws all tags in two calls and their circles in one, straight from the columns of the store.

import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre } from "maplibre-gl";
import type { TagStore } from "../live/tags.ts";
import { type Instances, makeCorners, makeInstances, makeProgram, type Program, relativeTo } from "./gl.ts";
import { type Looks, TAG_COLUMNS, TAG_STRIDE, TagRecords } from "./records.ts";
import {
  RING_FRAGMENT,
  RING_VERTEX,
  STAMP_FRAGMENT,
  STAMP_VERTEX,
  TAG_FRAGMENT,
  TAG_VERTEX,
} from "./shaders.ts";
import { drawStamps } from "./stamps.ts";
import { rgb, type Tokens } from "./tokens.ts";

export const TAG_LAYER_ID = "vigil-tags";

/** x, y, radius, rgba, fill, dashed. */
const RING_FLOATS = 9;
/** With more tags than this the calm ones are drawn smaller: at full size they would be one blot. */
const CROWD = 3000;
const CROWD_SIZE = 0.7;

/** A circle of true size on the ground. */
export interface Ring {
  x: number;
  y: number;
  /** Radius in mercator units. */
  radius: number;
  colour: string;
  alpha: number;
  fill: number;
  isDashed: boolean;
}

interface Made {
  mark: Program;
  stamp: Program;
  ring: Program;
  corners: WebGLBuffer;
  calm: Instances;
  urgent: Instances;
  rings: Instances;
  stamps: WebGLTexture;
}

interface Shot {
  gl: WebGL2RenderingContext;
  made: Made;
  matrix: Float32Array;
  ratio: number;
}

export class TagLayer implements CustomLayerInterface {
  readonly id = TAG_LAYER_ID;
  readonly type = "custom" as const;
  readonly renderingMode = "2d" as const;
  isVisible = true;
  /** Diameter of a mark in CSS pixels. */
  sizePx = 14;
  selectedId: number | null = null;
  private map: MapLibre | null = null;
  private made: Made | null = null;
  private readonly records = new TagRecords();
  private rings = new Float32Array(0);
  private ringCount = 0;
  private areTagsNew = false;
  private areRingsNew = false;
  /** Size of the marks in the stamps as they are; 0 where they must be drawn. */
  private stampedSize = 0;

  constructor(private tokens: Tokens) {}

  setTokens(tokens: Tokens): void {
    this.tokens = tokens;
    this.stampedSize = 0;
    this.map?.triggerRepaint();
  }

  /** Takes over the newest columns; they are drawn with the next picture. */
  setTags(tags: TagStore, looks: Omit<Looks, "selectedId">): void {
    this.records.fill(tags, { ...looks, selectedId: this.selectedId });
    this.areTagsNew = true;
    this.map?.triggerRepaint();
  }

  /** Circles round some tags; after setTags, whose origin they share. */
  setRings(rings: readonly Ring[]): void {
    if (this.rings.length < rings.length * RING_FLOATS) {
      this.rings = new Float32Array(rings.length * RING_FLOATS * 2);
    }
    const { originX, originY } = this.records;
    rings.forEach((ring, index) => {
      this.rings.set(
        [
          ring.x - originX,
          ring.y - originY,
          ring.radius,
          ...rgb(ring.colour),
          ring.alpha,
          ring.fill,
          ring.isDashed ? 1 : 0,
        ],
        index * RING_FLOATS,
      );
    });
    this.ringCount = rings.length;
    this.areRingsNew = true;
    this.map?.triggerRepaint();
  }

  onAdd(map: MapLibre, gl: WebGL2RenderingContext): void {
    this.map = map;
    const corners = makeCorners(gl);
    this.made = {
      mark: makeProgram(gl, TAG_VERTEX, TAG_FRAGMENT),
      stamp: makeProgram(gl, STAMP_VERTEX, STAMP_FRAGMENT),
      ring: makeProgram(gl, RING_VERTEX, RING_FRAGMENT),
      corners,
      calm: makeInstances(gl, null, TAG_STRIDE, TAG_COLUMNS),
      urgent: makeInstances(gl, corners, TAG_STRIDE, TAG_COLUMNS),
      rings: makeInstances(gl, corners, RING_FLOATS * 4, [
        { at: 1, size: 2, offset: 0 },
        { at: 2, size: 1, offset: 8 },
        { at: 3, size: 4, offset: 12 },
        { at: 4, size: 2, offset: 28 },
      ]),
      stamps: gl.createTexture(),
    };
    // Also after a lost context: everything made in the old one is gone.
    this.areTagsNew = true;
    this.areRingsNew = true;
    this.stampedSize = 0;
  }

  onRemove(_map: MapLibre, gl: WebGL2RenderingContext): void {
    const made = this.made;
    this.made = null;
    this.map = null;
    if (!made) return;
    for (const { program } of [made.mark, made.stamp, made.ring]) gl.deleteProgram(program);
    for (const { array, buffer } of [made.calm, made.urgent, made.rings]) {
      gl.deleteVertexArray(array);
      gl.deleteBuffer(buffer);
    }
    gl.deleteBuffer(made.corners);
    gl.deleteTexture(made.stamps);
  }

  /** Draws the stamps anew when size or colours have changed. */
  prerender(context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const { made, map } = this;
    if (!made || !map) return;
    const ratio = map.getPixelRatio();
    const size = this.calmSizePx() * ratio;
    if (size === this.stampedSize) return;
    this.stampedSize = size;
    const gl = context as WebGL2RenderingContext;
    drawStamps(gl, made.mark, made.corners, made.stamps, {
      size,
      pixel: ratio,
      colours: (mark) => this.setColours(gl, mark),
    });
  }

  render(context: WebGLRenderingContext | WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const gl = context as WebGL2RenderingContext;
    const { made, map, records } = this;
    if (!made || !map || !this.isVisible) return;
    this.upload(gl, made);
    const matrix = relativeTo(input.defaultProjectionData.mainMatrix, records.originX, records.originY);
    const shot: Shot = { gl, made, matrix, ratio: map.getPixelRatio() };
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.CULL_FACE);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    // What is alerted or selected must lie on top of what is calm.
    this.drawRings(shot);
    this.drawCalm(shot);
    this.drawUrgent(shot);
    gl.bindVertexArray(null);
  }

  private calmSizePx(): number {
    return this.records.calmCount > CROWD ? this.sizePx * CROWD_SIZE : this.sizePx;
  }

  private drawRings({ gl, made, matrix, ratio }: Shot): void {
    if (this.ringCount === 0) return;
    gl.useProgram(made.ring.program);
    gl.bindVertexArray(made.rings.array);
    gl.uniformMatrix4fv(made.ring.at("matrix"), false, matrix);
    gl.uniform2f(made.ring.at("viewport"), gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.uniform1f(made.ring.at("world"), 512 * 2 ** this.map!.getZoom() * ratio);
    gl.uniform1f(made.ring.at("pixel"), ratio);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.ringCount);
  }

  private drawCalm(shot: Shot): void {
    const { gl, made } = shot;
    if (this.records.calmCount === 0) return;
    this.setPlace(shot, made.stamp, this.calmSizePx());
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, made.stamps);
    gl.uniform1i(made.stamp.at("stamps"), 0);
    gl.bindVertexArray(made.calm.array);
    gl.drawArrays(gl.POINTS, 0, this.records.calmCount);
  }

  private drawUrgent(shot: Shot): void {
    const { gl, made, ratio } = shot;
    if (this.records.urgentCount === 0) return;
    this.setPlace(shot, made.mark, this.sizePx);
    gl.uniform1f(made.mark.at("pixel"), ratio);
    this.setColours(gl, made.mark);
    gl.bindVertexArray(made.urgent.array);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.records.urgentCount);
  }

  private setPlace({ gl, matrix, ratio }: Shot, on: Program, sizePx: number): void {
    gl.useProgram(on.program);
    gl.uniformMatrix4fv(on.at("matrix"), false, matrix);
    gl.uniform2f(on.at("viewport"), gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.uniform1f(on.at("size"), sizePx * ratio);
  }

  private setColours(gl: WebGL2RenderingContext, mark: Program): void {
    const { tokens } = this;
    gl.uniform3f(mark.at("calm"), ...rgb(tokens.text2));
    gl.uniform3f(mark.at("field"), ...rgb(tokens.mapField));
    gl.uniform3f(mark.at("ink"), ...rgb(tokens.text));
    gl.uniform3f(mark.at("stale"), ...rgb(tokens.stale));
    gl.uniform3f(mark.at("first"), ...rgb(tokens.p1));
    gl.uniform3f(mark.at("second"), ...rgb(tokens.p2));
    gl.uniform3f(mark.at("victim"), ...rgb(tokens.victim));
    const outline: [number, number, number] = tokens.badgeOutline.startsWith("#")
      ? rgb(tokens.badgeOutline)
      : [-1, 0, 0];
    gl.uniform3f(mark.at("outline"), ...outline);
  }

  private upload(gl: WebGL2RenderingContext, made: Made): void {
    const put = (to: Instances, bytes: ArrayBufferView<ArrayBuffer>) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, to.buffer);
      gl.bufferData(gl.ARRAY_BUFFER, bytes, gl.STREAM_DRAW);
    };
    if (this.areTagsNew) {
      put(made.calm, this.records.calmBytes);
      put(made.urgent, this.records.urgentBytes);
      this.areTagsNew = false;
    }
    if (this.areRingsNew) {
      put(made.rings, this.rings.subarray(0, this.ringCount * RING_FLOATS));
      this.areRingsNew = false;
    }
  }
}
