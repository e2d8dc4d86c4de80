import assert from "node:assert/strict";
import { test } from "node:test";
import { after, every } from "../src/live/beat.ts";
import { aBeatingClock } from "./makers.ts";

test("what is asked for every so often comes at the first beat after it, and stops when told", (t) => {
  const pass = aBeatingClock(t);
  let count = 0;
  const stop = every(500, () => (count += 1));
  pass(499);
  assert.equal(count, 0);
  pass(1);
  pass(499);
  pass(1);
  assert.equal(count, 2);
  stop();
  pass(5000);
  assert.equal(count, 2);
});

test("what is asked for once comes once, and not if it is taken back", (t) => {
  const pass = aBeatingClock(t);
  const said: string[] = [];
  after(100, () => said.push("kept"));
  after(100, () => said.push("taken back"))();
  pass(250);
  pass(250);
  assert.deepEqual(said, ["kept"]);
});

test("what fails in one stops no other", (t) => {
  const pass = aBeatingClock(t);
  const reported: unknown[] = [];
  Object.assign(globalThis, { reportError: (error: unknown) => reported.push(error) });
  let count = 0;
  const broken = () => {
    throw new Error("broken");
  };
  const stops = [every(1, broken), every(1, () => (count += 1))];
  pass(10);
  pass(10);
  stops.forEach((stop) => stop());
  assert.deepEqual([count, reported.length], [2, 2]);
});
