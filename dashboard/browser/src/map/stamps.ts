// The calm marks, drawn once into a small picture from which they are copied 20,000 times.

import { makeInstances, type Program } from "./gl.ts";
import { STALE_BIT, TAG_COLUMNS, TAG_STRIDE } from "./records.ts";
import { STAMP_REACH, STAMPS } from "./shaders.ts";

/** Drawn at twice its size: a copy that lands between pixels or is turned stays sharp. */
const OVERSAMPLE = 2;

/** In the order of the cells in shaders.ts. */
const CELLS: readonly { heading: number; role: number; flags: number }[] = [
  { heading: -1, role: 0, flags: 0 },
  { heading: 0, role: 0, flags: 0 },
  { heading: -1, role: 0, flags: 1 },
  { heading: 0, role: 0, flags: 1 },
  { heading: -1, role: 0, flags: STALE_BIT },
  { heading: -1, role: 1, flags: 0 },
  { heading: -1, role: 1, flags: 1 },
  { heading: -1, role: 1, flags: STALE_BIT },
];

export interface StampLook {
  /** Diameter of a mark in device pixels. */
  size: number;
  pixel: number;
  /** Sets the colours of the mark program. */
  colours(mark: Program): void;
}

export function drawStamps(
  gl: WebGL2RenderingContext,
  mark: Program,
  corners: WebGLBuffer,
  texture: WebGLTexture,
  look: StampLook,
): void {
  const size = look.size * OVERSAMPLE;
  const cell = Math.ceil(2 * STAMP_REACH * size);
  const width = cell * STAMPS;
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, cell, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
  for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, wrap, gl.CLAMP_TO_EDGE);
  for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, filter, gl.LINEAR);
  const frame = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  gl.viewport(0, 0, width, cell);
  gl.disable(gl.DEPTH_TEST);
  gl.disable(gl.STENCIL_TEST);
  gl.disable(gl.SCISSOR_TEST);
  gl.disable(gl.BLEND);
  gl.clearColor(0, 0, 0, 0);
  gl.clear(gl.COLOR_BUFFER_BIT);
  const instances = makeInstances(gl, corners, TAG_STRIDE, TAG_COLUMNS);
  gl.bindBuffer(gl.ARRAY_BUFFER, instances.buffer);
  gl.bufferData(gl.ARRAY_BUFFER, cellRecords(), gl.STREAM_DRAW);
  gl.bindVertexArray(instances.array);
  gl.useProgram(mark.program);
  gl.uniformMatrix4fv(mark.at("matrix"), false, [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  gl.uniform2f(mark.at("viewport"), width, cell);
  gl.uniform1f(mark.at("size"), size);
  gl.uniform1f(mark.at("pixel"), look.pixel * OVERSAMPLE);
  look.colours(mark);
  gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, STAMPS);
  gl.bindVertexArray(null);
  gl.deleteVertexArray(instances.array);
  gl.deleteBuffer(instances.buffer);
  gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  gl.deleteFramebuffer(frame);
}

function cellRecords(): Uint8Array<ArrayBuffer> {
  const records = new ArrayBuffer(STAMPS * TAG_STRIDE);
  CELLS.forEach((cell, index) => {
    const floats = new Float32Array(records, index * TAG_STRIDE, 3);
    // The middle of the cell in clip space.
    floats.set([((index + 0.5) / STAMPS) * 2 - 1, 0, cell.heading]);
    new Uint8Array(records, index * TAG_STRIDE + 12, 4).set([0, cell.role, cell.flags, 0]);
  });
  return new Uint8Array(records);
}
