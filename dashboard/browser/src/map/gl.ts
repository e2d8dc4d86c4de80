// The few WebGL steps that every program here needs.

export interface Program {
  program: WebGLProgram;
  /** The place of a uniform; null where the compiler left it out, which WebGL takes for "skip". */
  at(name: string): WebGLUniformLocation | null;
}

export function makeProgram(gl: WebGL2RenderingContext, vertex: string, fragment: string): Program {
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
  const places = new Map<string, WebGLUniformLocation | null>();
  return {
    program,
    at(name) {
      if (!places.has(name)) places.set(name, gl.getUniformLocation(program, name));
      return places.get(name) ?? null;
    },
  };
}

/** A buffer of records: one an instance, drawn on the corners of a square, or one a point. */
export interface Instances {
  array: WebGLVertexArrayObject;
  buffer: WebGLBuffer;
}

export interface Column {
  at: number;
  size: number;
  offset: number;
  /** Four bytes read as whole numbers instead of floats. */
  isBytes?: boolean;
}

/** With corners one record is one square; without, one point. */
export function makeInstances(
  gl: WebGL2RenderingContext,
  corners: WebGLBuffer | null,
  stride: number,
  columns: readonly Column[],
): Instances {
  const array = gl.createVertexArray();
  const buffer = gl.createBuffer();
  gl.bindVertexArray(array);
  if (corners) {
    gl.bindBuffer(gl.ARRAY_BUFFER, corners);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  }
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  for (const column of columns) {
    gl.enableVertexAttribArray(column.at);
    if (column.isBytes) gl.vertexAttribIPointer(column.at, column.size, gl.UNSIGNED_BYTE, stride, column.offset);
    else gl.vertexAttribPointer(column.at, column.size, gl.FLOAT, false, stride, column.offset);
    gl.vertexAttribDivisor(column.at, corners ? 1 : 0);
  }
  gl.bindVertexArray(null);
  return { array, buffer };
}

export function makeCorners(gl: WebGL2RenderingContext): WebGLBuffer {
  const corners = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, corners);
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
  return corners;
}

/** In float64 first: the large numbers cancel before anything is rounded to 32 bits. */
export function relativeTo(matrix: ArrayLike<number>, originX: number, originY: number): Float32Array {
  const moved = Float64Array.from(matrix);
  for (let row = 0; row < 4; row++) {
    moved[12 + row] = matrix[row]! * originX + matrix[4 + row]! * originY + matrix[12 + row]!;
  }
  return Float32Array.from(moved);
}
