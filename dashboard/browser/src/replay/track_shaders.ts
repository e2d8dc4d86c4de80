// How a track looks: lines by speed, fixes as dots, the ends of a gap as bars, doubted fixes as ×.

/** Drawn several times, each a fraction of a pixel aside: WebGL has no wide lines. */
export const LINE_VERTEX = `#version 300 es
precision highp float;
layout(location=0) in vec2 place;
layout(location=1) in float speedClass;
uniform mat4 matrix;
uniform vec2 shift;
uniform vec3 ramp[6];
uniform vec3 plain;
uniform float isPlain;
flat out vec3 tint;
void main() {
  // The last corner of a line gives its colour: the speed of the fix it leads to.
  tint = isPlain > 0.5 ? plain : ramp[int(speedClass + 0.5)];
  vec4 at = matrix * vec4(place, 0.0, 1.0);
  gl_Position = at + vec4(shift * at.w, 0.0, 0.0);
}`;

export const LINE_FRAGMENT = `#version 300 es
precision mediump float;
flat in vec3 tint;
uniform float alpha;
out vec4 result;
void main() { result = vec4(tint * alpha, alpha); }`;

/** kind 0: a fix, 1: a coarse fix, 2: the end of a gap, 3: a doubted fix. */
export const DOT_VERTEX = `#version 300 es
precision highp float;
layout(location=0) in vec2 place;
layout(location=1) in float kind;
uniform mat4 matrix;
uniform float pixel;
uniform float always;
flat out float what;
flat out float size;
void main() {
  what = always >= 0.0 ? always : kind;
  size = (what > 1.5 ? 15.0 : 8.0) * pixel;
  gl_PointSize = size;
  gl_Position = matrix * vec4(place, 0.0, 1.0);
}`;

export const DOT_FRAGMENT = `#version 300 es
precision highp float;
flat in float what;
flat in float size;
uniform float pixel;
uniform vec3 ink;
uniform vec3 field;
uniform vec3 faint;
out vec4 result;
float covers(float d) { return clamp(0.5 - d, 0.0, 1.0); }
vec4 over(vec4 upper, vec4 lower) { return upper + lower * (1.0 - upper.a); }
vec4 paint(vec3 colour, float amount) { return vec4(colour * amount, amount); }
void main() {
  vec2 p = (gl_PointCoord - 0.5) * size;
  vec4 mark;
  if (what < 1.5) {
    float r = 2.6 * pixel;
    mark = paint(field, covers(length(p) - r));
    mark = over(paint(what > 0.5 ? faint : ink, covers(abs(length(p) - r) - 0.7 * pixel)), mark);
  } else if (what < 2.5) {
    // A bracket round the last and the first fix of a gap.
    vec2 q = abs(p);
    float box = abs(max(q.x, q.y) - 5.5 * pixel) - 1.0 * pixel;
    float corner = max(box, 3.0 * pixel - min(q.x, q.y));
    mark = paint(field, covers(abs(max(q.x, q.y) - 5.5 * pixel) - 2.2 * pixel) * covers(1.8 * pixel - min(q.x, q.y)));
    mark = over(paint(ink, covers(corner)), mark);
  } else {
    float arm = min(abs(p.x - p.y), abs(p.x + p.y)) * 0.7071;
    float cut = max(abs(p.x), abs(p.y)) - 4.5 * pixel;
    mark = paint(field, covers(max(arm - 2.0 * pixel, cut - pixel)));
    mark = over(paint(faint, covers(max(arm - 0.8 * pixel, cut))), mark);
  }
  if (mark.a < 0.004) discard;
  result = mark;
}`;
