import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../src/map/pace.ts";

/** A screen on which each picture takes so long; time passes only in it. */
function aScreen(pictureMs: number) {
  let now = 0;
  const waiting: { at: number; then: () => void }[] = [];
  const drawn: number[] = [];
  let isPictured = false;
  const pace = new Pace(
    () => {
      drawn.push(now);
      isPictured = true;
    },
    {
      now: () => now,
      frame: (then) => waiting.push({ at: now + (isPictured ? 0 : pictureMs), then: () => ((isPictured = false), then()) }),
      later: (ms, then) => waiting.push({ at: now + ms, then }),
    },
  );
  const until = (end: number, askEvery: number) => {
    for (; now <= end; now++) {
      if (now % askEvery === 0) pace.ask();
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
