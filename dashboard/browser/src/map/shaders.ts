// How marks and circles look, by distance to their outline, so that they are sharp at any size.
// TAG draws one mark in full; STAMP copies a calm mark that TAG has drawn once, because 20,000 of
// them worked out point by point take seconds on a screen without a graphics card.

/** What is left of whoever is no part of the matter at hand. */
export const FAINT_SHARE = 0.4;

export const TAG_VERTEX = `#version 300 es
precision highp float;
layout(location=0) in vec2 corner;
layout(location=1) in vec2 place;
layout(location=2) in float heading;
layout(location=3) in uvec4 kind; // state, role, flags (1 coarse, 2 faint, 4 stale), is selected
uniform mat4 matrix;
uniform vec2 viewport;
uniform float size;
out vec2 point;
flat out float turn;
flat out uvec4 what;
flat out int isStale;
void main() {
  what = kind;
  turn = heading;
  isStale = (kind.z & 4u) != 0u ? 1 : 0;
  float reach = kind.w > 0u ? 1.0 : kind.y == 1u ? 0.7 : 0.9;
  point = corner * size * reach;
  vec4 at = matrix * vec4(place, 0.0, 1.0);
  gl_Position = at + vec4(point * 2.0 / viewport * at.w, 0.0, 0.0);
}`;

export const TAG_FRAGMENT = `#version 300 es
precision highp float;
in vec2 point;
flat in float turn;
flat in uvec4 what;
flat in int isStale;
uniform float size;
uniform float pixel;
uniform vec3 calm;
uniform vec3 field;
uniform vec3 ink;
uniform vec3 stale;
uniform vec3 first;
uniform vec3 second;
uniform vec3 victim;
uniform vec3 outline;
out vec4 result;

vec4 over(vec4 upper, vec4 lower) { return upper + lower * (1.0 - upper.a); }
float covers(float distance) { return clamp(0.5 - distance, 0.0, 1.0); }
vec4 paint(vec3 colour, float amount) { return vec4(colour * amount, amount); }

float capsule(vec2 p, vec2 from, vec2 to, float r) {
  vec2 along = to - from;
  float share = clamp(dot(p - from, along) / dot(along, along), 0.0, 1.0);
  return length(p - from - along * share) - r;
}
// Flat above, rounded to a point below.
float shield(vec2 p, float r) {
  p.y += r * 0.1;
  float half_width = p.y > 0.0 ? r * 0.92 : r * 0.92 * sqrt(max(0.0, 1.0 - pow(-p.y / (r * 1.2), 1.7)));
  float side = abs(p.x) - half_width;
  float ends = p.y > 0.0 ? p.y - r * 0.95 : -p.y - r * 1.2;
  return max(side * 0.85, ends);
}
float octagon(vec2 p, float r) {
  p = abs(p);
  return max(max(p.x, p.y), (p.x + p.y) * 0.70710678) - r;
}

void main() {
  float r = size * 0.42;
  bool isVictim = what.y == 1u;
  bool isHollow = isStale == 1;
  float edge = isVictim ? shield(point, r) : length(point) - r;
  float dash = 1.0;
  if (isHollow) dash = step(0.36, fract(atan(point.y, point.x) * 8.0 / 6.2831853));

  vec3 fill = calm;
  if (isVictim) fill = victim;
  else if (what.x == 3u) fill = first;
  else if (what.x > 0u) fill = second;
  else if (isHollow) fill = stale;

  vec4 mark = vec4(0.0);
  // A halo of the map's own ground keeps a mark apart from lines and other marks below it.
  mark = paint(field, 0.9 * covers(edge - 1.8 * pixel));
  if (!isVictim && turn >= 0.0 && !isHollow) {
    vec2 ahead = vec2(sin(turn), cos(turn));
    float tick = capsule(point, ahead * r * 0.4, ahead * r * 1.85, 1.15 * pixel);
    mark = over(paint(field, 0.9 * covers(tick - 1.4 * pixel)), mark);
    mark = over(paint(fill, covers(tick)), mark);
  }
  if (isHollow) {
    mark = over(paint(field, covers(edge)), mark);
    mark = over(paint(fill, dash * covers(abs(edge + 1.0 * pixel) - 1.0 * pixel)), mark);
  } else {
    mark = over(paint(fill, covers(edge)), mark);
    // Yellow alone would vanish on the day map; the outline token is clear at night.
    if (what.x > 0u && !isVictim && outline.x >= 0.0) {
      mark = over(paint(outline, covers(abs(edge) - 0.75 * pixel)), mark);
    }
    // A coarse fix has a hole: the person is somewhere here, not at this point.
    if ((what.z & 1u) == 1u) mark = over(paint(field, covers(length(point) - r * 0.42)), mark);
  }
  // Shape as well as hue: inside has an octagon around it, possibly inside a broken circle. A
  // victim keeps her own look: she breaks no rule.
  if (what.x == 3u && !isVictim) {
    float ring = abs(octagon(point, r * 1.62)) - 1.25 * pixel;
    mark = over(paint(first, covers(ring)), mark);
  } else if (what.x == 2u && !isVictim) {
    float broken = step(0.4, fract(atan(point.y, point.x) * 6.0 / 6.2831853));
    mark = over(paint(second, broken * covers(abs(length(point) - r * 1.62) - 1.0 * pixel)), mark);
  }
  if (what.w > 0u) {
    float ring = length(point) - r * 2.15;
    mark = over(paint(field, 0.8 * covers(abs(ring) - 2.4 * pixel)), mark);
    mark = over(paint(ink, covers(abs(ring) - 1.2 * pixel)), mark);
  }
  if ((what.z & 2u) != 0u) mark *= ${FAINT_SHARE};
  if (mark.a < 0.004) discard;
  result = mark;
}`;

/** Half the width of a stamp's cell, in sizes of a mark. */
export const STAMP_REACH = 0.95;

/** Cells: offender (plain, tick, coarse, coarse with tick, stale), victim (plain, coarse, stale). */
export const STAMPS = 8;

// Points, not squares drawn as instances: a software renderer treats each instance as a drawing of
// its own, and 20,000 of those take most of a second.
export const STAMP_VERTEX = `#version 300 es
precision highp float;
layout(location=1) in vec2 place;
layout(location=2) in float heading;
layout(location=3) in uvec4 kind;
uniform mat4 matrix;
uniform float size;
flat out float share;
flat out float cell;
flat out float reach;
flat out vec2 ahead;
void main() {
  bool isStale = (kind.z & 4u) != 0u;
  bool isCoarse = (kind.z & 1u) == 1u;
  bool hasTick = kind.y == 0u && heading >= 0.0 && !isStale;
  cell = kind.y == 1u ? (isStale ? 7.0 : isCoarse ? 6.0 : 5.0)
    : isStale ? 4.0 : (isCoarse ? 2.0 : 0.0) + (hasTick ? 1.0 : 0.0);
  // No larger than what is drawn; a mark with a tick is turned as a whole.
  reach = hasTick ? 0.88 : kind.y == 1u ? 0.7 : 0.58;
  share = (kind.z & 2u) != 0u ? ${FAINT_SHARE} : 1.0;
  ahead = hasTick ? vec2(sin(heading), cos(heading)) : vec2(0.0, 1.0);
  gl_Position = matrix * vec4(place, 0.0, 1.0);
  gl_PointSize = 2.0 * reach * size;
}`;

export const STAMP_FRAGMENT = `#version 300 es
precision highp float;
flat in float cell;
flat in float reach;
flat in vec2 ahead;
flat in float share;
uniform sampler2D stamps;
out vec4 result;
void main() {
  vec2 point = (gl_PointCoord * 2.0 - 1.0) * vec2(reach, -reach);
  vec2 local = vec2(dot(point, vec2(ahead.y, -ahead.x)), dot(point, ahead));
  // The corners of a turned square lie outside the cell, in the next mark.
  local = clamp(local, -${STAMP_REACH}, ${STAMP_REACH});
  vec2 at = 0.5 + local * (0.5 / ${STAMP_REACH});
  result = texture(stamps, vec2((cell + at.x) / ${STAMPS}.0, at.y)) * share;
}`;

export const RING_VERTEX = `#version 300 es
precision highp float;
layout(location=0) in vec2 corner;
layout(location=1) in vec2 place;
layout(location=2) in float radius;
layout(location=3) in vec4 colour;
layout(location=4) in vec2 look; // fill share, is dashed
uniform mat4 matrix;
uniform vec2 viewport;
uniform float world;
uniform float pixel;
out vec2 point;
flat out float edge;
flat out vec4 tint;
flat out vec2 kind;
void main() {
  edge = radius * world;
  tint = colour;
  kind = look;
  point = corner * (edge + 2.0 * pixel);
  vec4 at = matrix * vec4(place, 0.0, 1.0);
  gl_Position = at + vec4(point * 2.0 / viewport * at.w, 0.0, 0.0);
}`;

export const RING_FRAGMENT = `#version 300 es
precision highp float;
in vec2 point;
flat in float edge;
flat in vec4 tint;
flat in vec2 kind;
uniform float pixel;
out vec4 result;
void main() {
  float distance = length(point) - edge;
  float line = clamp(0.5 - (abs(distance) - 0.5 * pixel), 0.0, 1.0);
  if (kind.y > 0.5) line *= step(0.4, fract(atan(point.y, point.x) * max(8.0, edge * 0.1) / 6.2831853));
  float inner = clamp(0.5 - distance, 0.0, 1.0) * kind.x;
  float alpha = max(line, inner) * tint.a;
  if (alpha < 0.003) discard;
  result = vec4(tint.rgb * alpha, alpha);
}`;
