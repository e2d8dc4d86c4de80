// Draws all tags in two calls and their circles in one, straight from the columns of the store.
// Places are given to the graphics card relative to an origin near them: in plain mercator a
// 32-bit number steps by two metres.

import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapLibre } from "maplibre-gl";
import { type TagStore, UNKNOWN_HEADING } from "../live/tags.ts";
import { RING_FRAGMENT, RING_VERTEX, TAG_FRAGMENT, TAG_VERTEX } from "./shaders.ts";
import { rgb, type Tokens } from "./tokens.ts";

export const TAG_LAYER_ID = "vigil-tags";

/** x, y, fixed at, heading: four floats; state, role, flags, selected: four bytes. */
const TAG_STRIDE = 20;
/** x, y, radius, rgba, fill, dashed. */
const RING_FLOATS = 9;
/** In mercator units, about 800 km: past it the origin is moved to keep places exact. */
const ORIGIN_REACH = 0.02;

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

interface Programs {
  tag: WebGLProgram;
  ring: WebGLProgram;
  tagArray: WebGLVertexArrayObject;
  ringArray: WebGLVertexArrayObject;
  quad: WebGLBuffer;
  tags: WebGLBuffer;
  rings: WebGLBuffer;
  places: Map<string, WebGLUniformLocation | null>;
}

export class TagLayer implements CustomLayerInterface {
  readonly id = TAG_LAYER_ID;
  readonly type = "custom" as const;
  readonly renderingMode = "2d" as const;
  isVisible = true;
  /** Diameter of a mark in CSS pixels. */
  sizePx = 14;
  staleAfterS = 300;
  nowS = 0;
  selectedId: number | null = null;
  private map: MapLibre | null = null;
  private made: Programs | null = null;
  private packed = new ArrayBuffer(0);
  private drawn = 0;
  private rings = new Float32Array(0);
  private ringCount = 0;
  private originX = 0;
  private originY = 0;
  private epochS = 0;
  private isTagsDirty = false;
  private isRingsDirty = false;

  constructor(private tokens: Tokens) {}

  setTokens(tokens: Tokens): void {
    this.tokens = tokens;
    this.map?.triggerRepaint();
  }

  /** Takes over the newest columns; they are drawn with the next picture. */
  setTags(tags: TagStore): void {
    const count = tags.count;
    if (this.packed.byteLength < count * TAG_STRIDE) {
      this.packed = new ArrayBuffer(tags.ids.length * TAG_STRIDE);
    }
    this.moveOrigin(tags);
    const floats = new Float32Array(this.packed);
    const bytes = new Uint8Array(this.packed);
    const { x, y, fixedAtS, headingCdeg, state, role, flags, ids } = tags;
    const { originX, originY, epochS } = this;
    const selected = this.selectedId ?? -1;
    for (let slot = 0; slot < count; slot++) {
      const float = slot * 5;
      const byte = slot * TAG_STRIDE + 16;
      floats[float] = x[slot]! - originX;
      floats[float + 1] = y[slot]! - originY;
      floats[float + 2] = fixedAtS[slot]! - epochS;
      const heading = headingCdeg[slot]!;
      floats[float + 3] = heading === UNKNOWN_HEADING ? -1 : heading * (Math.PI / 18000);
      bytes[byte] = state[slot]!;
      bytes[byte + 1] = role[slot]!;
      bytes[byte + 2] = flags[slot]!;
      bytes[byte + 3] = ids[slot] === selected ? 1 : 0;
    }
    this.drawn = count;
    this.isTagsDirty = true;
    this.map?.triggerRepaint();
  }

  setRings(rings: readonly Ring[]): void {
    if (this.rings.length < rings.length * RING_FLOATS) {
      this.rings = new Float32Array(rings.length * RING_FLOATS * 2);
    }
    rings.forEach((ring, index) => {
      const [red, green, blue] = rgb(ring.colour);
      this.rings.set(
        [
          ring.x - this.originX,
          ring.y - this.originY,
          ring.radius,
          red,
          green,
          blue,
          ring.alpha,
          ring.fill,
          ring.isDashed ? 1 : 0,
        ],
        index * RING_FLOATS,
      );
    });
    this.ringCount = rings.length;
    this.isRingsDirty = true;
    this.map?.triggerRepaint();
  }

  onAdd(map: MapLibre, gl: WebGL2RenderingContext): void {
    this.map = map;
    // Also after a lost context: everything made in the old one is gone.
    this.made = makePrograms(gl);
    this.isTagsDirty = true;
    this.isRingsDirty = true;
  }

  onRemove(_map: MapLibre, gl: WebGL2RenderingContext): void {
    const made = this.made;
    if (!made) return;
    gl.deleteProgram(made.tag);
    gl.deleteProgram(made.ring);
    gl.deleteVertexArray(made.tagArray);
    gl.deleteVertexArray(made.ringArray);
    for (const buffer of [made.quad, made.tags, made.rings]) gl.deleteBuffer(buffer);
    this.made = null;
    this.map = null;
  }

  render(context: WebGLRenderingContext | WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const gl = context as WebGL2RenderingContext;
    if (!this.made || !this.map || !this.isVisible) return;
    this.upload(gl, this.made);
    const matrix = relativeTo(input.defaultProjectionData.mainMatrix, this.originX, this.originY);
    const ratio = this.map.getPixelRatio();
    const viewport = [gl.drawingBufferWidth, gl.drawingBufferHeight] as const;
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.CULL_FACE);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.drawRings(gl, this.made, matrix, viewport, ratio);
    this.drawTags(gl, this.made, matrix, viewport, ratio);
    gl.bindVertexArray(null);
  }

  private drawRings(
    gl: WebGL2RenderingContext,
    made: Programs,
    matrix: Float32Array,
    viewport: readonly [number, number],
    ratio: number,
  ): void {
    if (this.ringCount === 0) return;
    gl.useProgram(made.ring);
    gl.bindVertexArray(made.ringArray);
    gl.uniformMatrix4fv(made.places.get("ring.matrix")!, false, matrix);
    gl.uniform2f(made.places.get("ring.viewport")!, ...viewport);
    gl.uniform1f(made.places.get("ring.world")!, 512 * 2 ** this.map!.getZoom() * ratio);
    gl.uniform1f(made.places.get("ring.pixel")!, ratio);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.ringCount);
  }

  private drawTags(
    gl: WebGL2RenderingContext,
    made: Programs,
    matrix: Float32Array,
    viewport: readonly [number, number],
    ratio: number,
  ): void {
    if (this.drawn === 0) return;
    const place = (name: string) => made.places.get(`tag.${name}`)!;
    const { tokens } = this;
    gl.useProgram(made.tag);
    gl.bindVertexArray(made.tagArray);
    gl.uniformMatrix4fv(place("matrix"), false, matrix);
    gl.uniform2f(place("viewport"), ...viewport);
    gl.uniform1f(place("size"), this.sizePx * ratio);
    gl.uniform1f(place("pixel"), ratio);
    gl.uniform1f(place("now"), this.nowS - this.epochS);
    gl.uniform1f(place("staleAfter"), this.staleAfterS);
    gl.uniform3f(place("calm"), ...rgb(tokens.text2));
    gl.uniform3f(place("field"), ...rgb(tokens.mapField));
    gl.uniform3f(place("ink"), ...rgb(tokens.text));
    gl.uniform3f(place("stale"), ...rgb(tokens.stale));
    gl.uniform3f(place("first"), ...rgb(tokens.p1));
    gl.uniform3f(place("second"), ...rgb(tokens.p2));
    gl.uniform3f(place("victim"), ...rgb(tokens.victim));
    const outline: [number, number, number] = tokens.badgeOutline.startsWith("#")
      ? rgb(tokens.badgeOutline)
      : [-1, 0, 0];
    gl.uniform3f(place("outline"), ...outline);
    // Calm marks first: what is alerted or selected must lie on top of them.
    for (const wantsAlerted of [0, 1]) {
      gl.uniform1i(place("wantsAlerted"), wantsAlerted);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.drawn);
    }
  }

  private upload(gl: WebGL2RenderingContext, made: Programs): void {
    if (this.isTagsDirty) {
      gl.bindBuffer(gl.ARRAY_BUFFER, made.tags);
      gl.bufferData(gl.ARRAY_BUFFER, new Uint8Array(this.packed, 0, this.drawn * TAG_STRIDE), gl.STREAM_DRAW);
      this.isTagsDirty = false;
    }
    if (this.isRingsDirty) {
      gl.bindBuffer(gl.ARRAY_BUFFER, made.rings);
      gl.bufferData(gl.ARRAY_BUFFER, this.rings.subarray(0, this.ringCount * RING_FLOATS), gl.STREAM_DRAW);
      this.isRingsDirty = false;
    }
  }

  private moveOrigin(tags: TagStore): void {
    if (tags.count === 0) return;
    const at = this.selectedId === null ? 0 : Math.max(0, tags.slotOf(this.selectedId));
    const [x, y] = [tags.x[at]!, tags.y[at]!];
    if (Math.abs(x - this.originX) > ORIGIN_REACH || Math.abs(y - this.originY) > ORIGIN_REACH) {
      this.originX = x;
      this.originY = y;
    }
    // Seconds since an epoch near now: a 32-bit number holds whole unix seconds only to two minutes.
    if (Math.abs(this.nowS - this.epochS) > 1_000_000) this.epochS = Math.floor(this.nowS);
  }
}

// In float64 first: the large numbers cancel before anything is rounded to 32 bits.
function relativeTo(matrix: ArrayLike<number>, originX: number, originY: number): Float32Array {
  const moved = Float64Array.from(matrix);
  for (let row = 0; row < 4; row++) {
    moved[12 + row] = matrix[row]! * originX + matrix[4 + row]! * originY + matrix[12 + row]!;
  }
  return Float32Array.from(moved);
}

function makePrograms(gl: WebGL2RenderingContext): Programs {
  const tag = link(gl, TAG_VERTEX, TAG_FRAGMENT);
  const ring = link(gl, RING_VERTEX, RING_FRAGMENT);
  const quad = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, quad);
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
  const tags = gl.createBuffer();
  const rings = gl.createBuffer();
  const tagArray = gl.createVertexArray();
  gl.bindVertexArray(tagArray);
  cornersFrom(gl, quad);
  gl.bindBuffer(gl.ARRAY_BUFFER, tags);
  column(gl, 1, 2, TAG_STRIDE, 0);
  column(gl, 2, 1, TAG_STRIDE, 8);
  column(gl, 3, 1, TAG_STRIDE, 12);
  gl.enableVertexAttribArray(4);
  gl.vertexAttribIPointer(4, 4, gl.UNSIGNED_BYTE, TAG_STRIDE, 16);
  gl.vertexAttribDivisor(4, 1);
  const ringArray = gl.createVertexArray();
  gl.bindVertexArray(ringArray);
  cornersFrom(gl, quad);
  gl.bindBuffer(gl.ARRAY_BUFFER, rings);
  column(gl, 1, 2, RING_FLOATS * 4, 0);
  column(gl, 2, 1, RING_FLOATS * 4, 8);
  column(gl, 3, 4, RING_FLOATS * 4, 12);
  column(gl, 4, 2, RING_FLOATS * 4, 28);
  gl.bindVertexArray(null);
  const places = new Map<string, WebGLUniformLocation | null>();
  for (const [prefix, program] of [["tag", tag], ["ring", ring]] as const) {
    const total = gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS) as number;
    for (let index = 0; index < total; index++) {
      const name = gl.getActiveUniform(program, index)!.name;
      places.set(`${prefix}.${name}`, gl.getUniformLocation(program, name));
    }
  }
  return { tag, ring, tagArray, ringArray, quad, tags, rings, places };
}

function cornersFrom(gl: WebGL2RenderingContext, quad: WebGLBuffer): void {
  gl.bindBuffer(gl.ARRAY_BUFFER, quad);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
}

function column(gl: WebGL2RenderingContext, at: number, size: number, stride: number, offset: number): void {
  gl.enableVertexAttribArray(at);
  gl.vertexAttribPointer(at, size, gl.FLOAT, false, stride, offset);
  gl.vertexAttribDivisor(at, 1);
}

function link(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`Vigil: the graphics card refused a program: ${gl.getProgramInfoLog(program) ?? ""}`);
  }
  return program;
}
