import assert from "node:assert/strict";
import { test } from "node:test";
import { floodWords, itemsOf, newLately } from "../src/queue/flood.ts";
import { anAlert, NOW_S } from "./makers.ts";

const silent = (id: number, given = {}) =>
  anAlert({ alert_id: id, activation_id: id, priority: 2, kind: "silent", title: "silent", breach_kind: null, ...given });
const low = (id: number) => anAlert({ alert_id: id, priority: 3, kind: "battery_low", title: "battery low" });
const ids = (rows: Parameters<typeof itemsOf>[0], opened: string[] = []) => itemsOf(rows, true, new Set(opened)).map((item) => item.id);

test("what is new in ten minutes is counted, in the time of the people", () => {
  const at = (ago: number) => anAlert({ raised_at: new Date((NOW_S - ago) * 1000).toISOString() });
  assert.equal(newLately([at(0), at(599), at(600), at(3600)], NOW_S, 600), 2);
  assert.equal(newLately([at(0), at(599), at(600), at(3600)], NOW_S, 12_000), 4);
});

test("a thousand silent devices are one line, and five breaches among them are five", () => {
  const breaches = [1, 2, 3, 4, 5].map((id) => anAlert({ alert_id: id }));
  const flood = Array.from({ length: 1000 }, (_, index) => silent(100 + index));
  const items = itemsOf([...breaches, ...flood], true, new Set());
  assert.deepEqual(items.map((item) => item.id), ["a:1", "a:2", "a:3", "a:4", "a:5", "g:2:silent"]);
  assert.equal(items.at(-1)!.group!.words, "1000 devices: silent");
  assert.equal(floodWords(1005, 10, items), "Flood: 1005 new in 10 min. 1000 of P2 and P3 are folded by cause into 1. P1 never is.");
});

test("nothing of P1, nothing somebody has, nothing that climbs or nears her is ever folded", () => {
  const rows = [
    ...[1, 2, 3, 4].map((id) => anAlert({ alert_id: id, kind: "strap_open" })),
    silent(10, { state: "acting", owner: "op7" }),
    silent(11, { rung: 1 }),
    silent(12, { minutes_to_contact: 4 }),
    ...[20, 21, 22].map((id) => silent(id)),
  ];
  assert.deepEqual(ids(rows), ["a:1", "a:2", "a:3", "a:4", "a:10", "a:11", "a:12", "g:2:silent"]);
});

test("suspected entries stay rows, three of a cause fold, two do not, and a group opens in place", () => {
  const entries = [30, 31, 32].map((id) => anAlert({ alert_id: id, priority: 2, channel: "possible" }));
  assert.deepEqual(ids(entries), ["a:30", "a:31", "a:32"]);
  assert.deepEqual(ids([silent(1), silent(2)]), ["a:1", "a:2"]);
  assert.deepEqual(ids([silent(1), silent(2), silent(3), low(4), low(5), low(6)]), ["g:2:silent", "g:3"]);
  assert.deepEqual(ids([silent(1), silent(2), silent(3)], ["2:silent"]), ["g:2:silent", "a:1", "a:2", "a:3"]);
});

test("without a flood every alert is a row", () => {
  assert.equal(itemsOf([silent(1), silent(2), silent(3)], false, new Set()).length, 3);
});
