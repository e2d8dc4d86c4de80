import assert from "node:assert/strict";
import { test } from "node:test";
import { replayAddress } from "../src/desk/address.ts";
import type { Hour } from "../src/desk/hour.ts";
import { across, speedPath, ticksOf, topKmh, wordsAt } from "../src/desk/lanes.ts";
import { lengthM, metreWords, metresBetween, northOf } from "../src/desk/measure.ts";
import { folded, nameFor, resized } from "../src/desk/panes.ts";

const ROOM = { width: 1920, height: 1000, left: 380, right: 420, strip: 148 };

test("a pane grows only as far as the map keeps its least, and shrinks only to its own", () => {
  assert.equal(resized({}, "left", 500, ROOM).left, 500);
  assert.equal(resized({}, "left", 5000, ROOM).left, 1920 - 360 - 420);
  assert.equal(resized({}, "right", 10, ROOM).right, 320);
  assert.equal(resized({}, "strip", 9999, ROOM).strip, 600);
  assert.deepEqual(resized({ leftFolded: true }, "left", 300, ROOM), { left: 300, leftFolded: false });
  assert.deepEqual(folded(folded({ right: 400 }, "right"), "right"), { right: 400, rightFolded: false });
  assert.equal(nameFor(1920, 1080), "panes-1920x1080");
});

const HOUR: Hour = {
  from_s: 3600,
  to_s: 7200,
  limit_s: 180,
  zone: [[3600, 5400, "outside"], [5400, 6000, "buffer"], [6000, 6600, "inside"], [6600, 7200, "unseen"]],
  signal: [[3600, 6600, "seen"], [6600, 7200, "unseen"]],
  speed: [[3600, 0], [5400, 32.4], [5400, null], [6000, 10]],
  pace_mps: 1.4,
};

test("the strip says what was known of each moment, and nothing of a gap", () => {
  assert.equal(across(HOUR, 5400), 0.5);
  assert.equal(wordsAt(HOUR, 5500), "in the buffer · 32 km/h");
  assert.equal(wordsAt(HOUR, 6100), "inside the zone · 10 km/h");
  assert.equal(wordsAt(HOUR, 7200), "no signal (a pause of more than 3 min)");
  assert.equal(topKmh(HOUR), 40);
  assert.equal(speedPath(HOUR, 360, 40), "M0.0 40.0L180.0 7.6M240.0 30.0");
  assert.deepEqual(ticksOf(HOUR), [3600, 4200, 4800, 5400, 6000, 6600, 7200]);
});

test("distances are along the ground", () => {
  assert.ok(Math.abs(metresBetween([0, 0], [0, 1]) - 111_195) < 1);
  assert.ok(Math.abs(metresBetween([11.97, 57.7], northOf([11.97, 57.7], 250)) - 250) < 0.01);
  assert.equal(lengthM([[0, 0]]), 0);
  assert.equal(metreWords(lengthM([[11, 57], [11, 57.01], [11, 57]])), "2.22 km");
  assert.equal(metreWords(994.4), "994 m");
});

test("a replay begins a quarter of an hour before, named in UTC", () => {
  assert.equal(replayAddress("/replay", 17, Date.parse("2026-11-20T02:14:07Z") / 1000), "/replay?activation=17&at=2026-11-20T01:59:07Z");
});
