import assert from "node:assert/strict";
import { test } from "node:test";
import { metresAPixel, scaleBar } from "../src/exhibit/scale.ts";

test("a pixel is as wide as the ground at that latitude", () => {
  assert.ok(Math.abs(metresAPixel(0, 0) - 78271.517) < 0.01);
  // At 60 degrees half of it, and half again with each zoom.
  assert.ok(Math.abs(metresAPixel(60, 1) - 78271.517 / 4) < 0.01);
});

test("a scale bar is the longest round number that fits", () => {
  assert.deepEqual(scaleBar(1, 420), { metres: 200, px: 200, words: "200 m" });
  assert.deepEqual(scaleBar(1, 500), { metres: 500, px: 500, words: "500 m" });
  assert.deepEqual(scaleBar(10, 420), { metres: 2000, px: 200, words: "2 km" });
  assert.equal(scaleBar(0.001, 420).words, "0.2 m");
});
