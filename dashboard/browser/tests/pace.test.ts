import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../src/map/pace.ts";

/** A screen on which each picture takes so long; time passes only in it. */
function aScreen(pictureMs: number) {
  let now = 0;
  const waiting: { at: number; then: () => void }[] = [];
  const drawn: number[] = [];
  let isWanted = false;
  let isMade = false;
  // As the map does: asked twice before a frame, it makes one picture.
  const draw = () => {
    if (!isWanted) drawn.push(now);
    isWanted = true;
  };
  const pace = new Pace(draw, {
    now: () => now,
    // The picture is made in one frame; the next waits for it.
    frame: (then) =>
      waiting.push({
        at: now + (isMade ? pictureMs : 0),
        then: () => {
          isMade = isWanted;
          isWanted = false;
          then();
          isMade = false;
        },
      }),
    later: (ms, then) => waiting.push({ at: now + ms, then }),
  });
  const until = (end: number, askEvery: number, isUrgent = false) => {
    for (; now <= end; now++) {
      if (now % askEvery === 0) pace.ask(isUrgent);
      for (let due = waiting.findIndex(({ at }) => at <= now); due >= 0; due = waiting.findIndex(({ at }) => at <= now)) {
        waiting.splice(due, 1)[0]!.then();
      }
    }
  };
  return { pace, drawn, until };
}

test("a screen that keeps up draws each time it is asked", () => {
  const { pace, drawn, until } = aScreen(16);
  until(5000, 1000);
  assert.deepEqual(drawn, [0, 1000, 2000, 3000, 4000, 5000]);
  assert.equal(pace.everyMs, 0);
});

test("a slow screen leaves three quarters of its time to the alerts", () => {
  const { pace, drawn, until } = aScreen(500);
  until(20_000, 100);
  assert.equal(pace.everyMs, 2000);
  assert.ok(drawn.length >= 9 && drawn.length <= 11, `${drawn.length} pictures`);
});

test("however slow the screen, tags move every four seconds", () => {
  const { drawn, until } = aScreen(1500);
  until(20_000, 100);
  assert.ok(drawn.length >= 5, `${drawn.length} pictures`);
});

test("a screen slower than that still leaves half of its time to the alerts", () => {
  const { pace, drawn, until } = aScreen(4000);
  until(40_000, 100);
  assert.equal(pace.everyMs, 8000);
  assert.ok(drawn.length <= 6, `${drawn.length} pictures`);
});

test("what was asked for while it rested is drawn afterwards", () => {
  const { drawn, until } = aScreen(500);
  until(10, 1_000_000);
  const { length } = drawn;
  until(900, 300);
  until(5000, 1_000_000);
  assert.equal(drawn.length, length + 1);
});

test("what is asked for before a slow picture is made is in it, and makes no other", () => {
  const { pace, drawn, until } = aScreen(200);
  until(1000, 1_000_000);
  assert.equal(drawn.length, 1);
  pace.ask();
  pace.ask();
  until(3000, 1_000_000);
  assert.equal(drawn.length, 2);
});

test("a screen that keeps up draws in every frame that is asked for one", () => {
  const { drawn, until } = aScreen(16);
  until(1600, 16);
  assert.ok(drawn.length >= 100, `${drawn.length} pictures`);
});

test("whoever moves the map waits for no rest, and the alerts rest again afterwards", () => {
  const { drawn, until } = aScreen(200);
  until(2000, 100);
  const before = drawn.length;
  until(4000, 10, true);
  assert.ok(drawn.length - before >= 9, `${drawn.length - before} pictures`);
  const moved = drawn.length;
  until(8000, 100);
  assert.ok(drawn.length - moved <= 6, `${drawn.length - moved} pictures`);
});

test("a map whose tab was hidden for long rests no longer than any", () => {
  const { pace, drawn, until } = aScreen(1_200_000);
  until(1_220_000, 1000);
  assert.ok(pace.everyMs <= 8000, `${pace.everyMs} ms`);
  assert.ok(drawn.length >= 2);
});
