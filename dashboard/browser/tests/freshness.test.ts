import assert from "node:assert/strict";
import { test } from "node:test";
import { freshness, pillWords, type Pulse } from "../src/live/freshness.ts";
import { ServerClock } from "../src/live/clock.ts";
import { timesIn } from "../src/live/times.ts";
import { NOW_S } from "./makers.ts";

const pulse = (given: Partial<Pulse> = {}): Pulse => ({
  nowS: NOW_S,
  beatS: NOW_S - 1,
  speed: 1,
  silentForS: 0.5,
  lastFrameS: NOW_S,
  isSignedOut: false,
  ...given,
});
const words = (given: Partial<Pulse>) => pillWords(freshness(pulse(given)), timesIn("Europe/London").local);

test("the pill is live below 10 s, old up to and with 60 s, then not live since the last beat", () => {
  assert.equal(words({ beatS: NOW_S - 1.9 }), "LIVE 1 s");
  assert.equal(words({ beatS: NOW_S - 9.9 }), "LIVE 9 s");
  assert.equal(words({ beatS: NOW_S - 10 }), "DATA 10 s OLD");
  assert.equal(words({ beatS: NOW_S - 60 }), "DATA 60 s OLD");
  assert.equal(words({ beatS: NOW_S - 60.1 }), "NOT LIVE since 02:13:06");
});

test("frames that stop for more than 10 s are a lost link, whatever the judge last said", () => {
  assert.equal(words({ silentForS: 10 }), "LIVE 1 s");
  assert.equal(words({ silentForS: 10.1 }), "NOT LIVE since 02:14:07");
  assert.equal(freshness(pulse({ silentForS: 11 })).cause, "socket");
});

test("a page that never heard anything says so, and never LIVE", () => {
  const never = { nowS: null, beatS: 0, lastFrameS: null };
  assert.equal(words({ ...never, silentForS: 3 }), "CONNECTING");
  assert.equal(words({ ...never, silentForS: 11 }), "NOT LIVE");
});

test("a judge that has never finished a round is not live", () => {
  assert.equal(words({ beatS: 0 }), "NOT LIVE");
  assert.equal(freshness(pulse({ beatS: 0 })).cause, "judge");
});

test("a judge whose clock runs ahead is 0 s old, not younger", () => {
  assert.equal(words({ beatS: NOW_S + 5 }), "LIVE 0 s");
});

test("in a demo at sixty times the age is told in seconds of the reader", () => {
  assert.equal(words({ beatS: NOW_S - 120, speed: 60 }), "LIVE 2 s");
  assert.equal(words({ beatS: NOW_S - 900, speed: 60 }), "DATA 15 s OLD");
});

test("signed out is not live at once", () => {
  assert.equal(freshness(pulse({ isSignedOut: true })).level, "lost");
});

test("times are printed in the named zone on both sides of the change of clocks", () => {
  const london = timesIn("Europe/London");
  const before = Date.parse("2026-10-25T00:59:59Z") / 1000;
  assert.equal(`${london.local(before)} ${london.zone(before)}`, "01:59:59 BST");
  assert.equal(`${london.local(before + 1)} ${london.zone(before + 1)}`, "01:00:00 GMT");
  assert.equal(london.utc(before), "00:59:59");
  assert.equal(london.date(before), "Sun 25 Oct");
  assert.equal(london.day(before), "2026-10-25");
  assert.equal(timesIn("Asia/Kolkata").local(before), "06:29:59");
});

test("midnight is 00, never 24", () => {
  assert.equal(timesIn("UTC").local(Date.parse("2026-11-20T00:00:00Z") / 1000), "00:00:00");
});

test("the clock runs on between frames, at the server's speed", () => {
  const clock = new ServerClock();
  assert.equal(clock.now(0), null);
  for (let second = 0; second <= 6; second++) clock.hear(NOW_S + second * 10, second * 1000 + (second % 2) * 40);
  assert.equal(clock.speed, 10);
  assert.equal(Math.round(clock.now(6500)! - NOW_S), 65);
});

test("frames that waited in a busy page do not make time run faster", () => {
  const clock = new ServerClock();
  // Three frames arrive together after 3 s of a frozen page, then one a second.
  for (const [second, atMs] of [[0, 3000], [1, 3010], [2, 3020], [3, 3030], [4, 4030], [5, 5030], [6, 6030], [7, 7030]] as const) {
    clock.hear(NOW_S + second, atMs);
  }
  assert.equal(clock.speed, 1);
  assert.equal(Math.round(clock.now(8030)! - NOW_S), 8);
});

test("the clock does not run backward for a late frame, and follows a clock that was set", () => {
  const clock = new ServerClock();
  clock.hear(NOW_S, 0);
  clock.hear(NOW_S + 1, 1000);
  const shown = clock.now(1500)!;
  clock.hear(NOW_S + 2, 2900);
  assert.ok(clock.now(2900)! >= shown);
  clock.hear(NOW_S - 3600, 4000);
  assert.equal(clock.now(4000), NOW_S - 3600);
});
