import assert from "node:assert/strict";
import { test } from "node:test";
import { MapSources } from "../src/map/sources.ts";
import { actionFor, type KeyPress } from "../src/keys/keymap.ts";
import { TagStore, mercatorX, mercatorY } from "../src/live/tags.ts";
import { boundsOf, isTiny, isVisible, join, positions } from "../src/map/framing.ts";
import { fixAgeWords, labelFeatures, MOST_LABELS } from "../src/map/labels.ts";
import { nearestTag } from "../src/map/picking.ts";
import { enlarged } from "../src/map/style.ts";
import { Plans } from "../src/live/plans.ts";
import { grown, recent, trailFeatures, type TrailRow } from "../src/map/trail.ts";
import { aFrame, NOW_S } from "./makers.ts";

const press = (key: string, given: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  isTyping: false,
  ...given,
});

test("each key does what the card says", () => {
  const wanted: Record<string, string | null> = {
    j: "next-alert", J: "next-alert", k: "previous-alert", "1": "filter-1", "3": "filter-3",
    "+": "zoom-in", "-": "zoom-out", "0": "fit", f: "follow", t: "table", Escape: "deselect", q: null, "4": null,
  };
  for (const [key, action] of Object.entries(wanted)) assert.equal(actionFor(press(key), false), action, key);
});

test("letters do nothing while somebody types, nor with Ctrl, Alt or Meta", () => {
  for (const held of [{ isTyping: true }, { ctrlKey: true }, { altKey: true }, { metaKey: true }]) {
    assert.equal(actionFor(press("j", held), true), null);
  }
});

test("arrows and Enter belong to the list only when it has the focus", () => {
  assert.equal(actionFor(press("ArrowDown"), false), null);
  assert.equal(actionFor(press("ArrowDown"), true), "next-alert");
  assert.equal(actionFor(press("Enter"), false), null);
  assert.equal(actionFor(press("Enter"), true), "open-alert");
});

const wishes = {
  nowS: NOW_S,
  limits: new Float32Array(1024).fill(300),
  isOld: false,
  isShort: false,
  lit: null as ReadonlySet<number> | null,
  minutesOf: () => "",
  selectedId: 2 as number | null,
  codeOf: (id: number) => `0${id}`, titleOf: (id: number) => (id === 6 ? "close to the victim" : null),
};

test("only selected, alerted and stale tags are labelled, and a label tells the age once it counts", () => {
  const tags = new TagStore();
  tags.apply(
    aFrame([
      { id: 1 },
      { id: 2, fixedAtS: NOW_S - 29 },
      { id: 3, state: 3, fixedAtS: NOW_S - 58 },
      { id: 4, fixedAtS: NOW_S - 300 },
      { id: 6, state: 2 },
      { id: 5, fixedAtS: NOW_S - 720, role: 1 },
    ]),
  );
  const texts = labelFeatures(tags, wishes).features.map((feature) => feature.properties!["text"]);
  assert.deepEqual(texts, ["02", "03 · inside · 50 s", "06 · close to the victim", "05 victim · 12 min"]);
});

test("there are never more than 200 labels, and the urgent ones stay", () => {
  const tags = new TagStore();
  const many = Array.from({ length: 500 }, (_, index) => ({ id: index + 10, fixedAtS: NOW_S - 9999 }));
  tags.apply(aFrame([...many, { id: 9, state: 3 }]));
  const { features } = labelFeatures(tags, { ...wishes, selectedId: null });
  assert.equal(features.length, MOST_LABELS);
  assert.match(features[0]!.properties!["text"], /^09 · inside/);
});

test("the age of a fix is cut", () => {
  const cases: [number, string][] = [[59.9, "59 s"], [60, "1 min"], [3599, "59 min"], [3600, "1 h"], [172_800, "2 d"], [-1, "0 s"]];
  for (const [seconds, words] of cases) assert.equal(fixAgeWords(seconds), words);
});

const trail: TrailRow[] = [[11, 57, 0, 5], [11.001, 57, 120, 5], [11.002, 57, 241, 5]];

test("a trail is not joined over a gap longer than two minutes, or three reports", () => {
  const plans = new Plans();
  plans.hear({ 7: { report_every_s: 60 } });
  assert.deepEqual([plans.gapAfterS(7), plans.gapAfterS(8)], [180, 120]);
  const lines = trailFeatures(trail, plans.gapAfterS(8)).features.filter((feature) => feature.geometry.type === "LineString");
  assert.equal(lines.length, 1);
  assert.deepEqual((lines[0]!.geometry as { coordinates: unknown }).coordinates, [[11, 57], [11.001, 57]]);
  assert.equal(trailFeatures([], 120).features.length, 0);
});

test("a trail grows by newer fixes only and keeps six minutes", () => {
  assert.equal(grown(trail, [11, 57, 241, 5]), trail);
  assert.equal(grown(trail, [11, 57, 242, 5]).length, 4);
  assert.deepEqual(recent(trail, 480).map((row) => row[2]), [120, 241]);
});

test("the camera stays while the target is well in view", () => {
  const view = [11, 57, 12, 58] as [number, number, number, number];
  assert.equal(isVisible([11.4, 57.4, 11.6, 57.6], view), true);
  assert.equal(isVisible([11.4, 57.4, 11.99, 57.6], view), false);
  assert.equal(isTiny([11.5, 57.5, 11.51, 57.51], view), true);
  assert.deepEqual(join(null, boundsOf([[1, 2], [3, 0]])), [1, 0, 3, 2]);
  assert.equal(boundsOf([]), null);
  assert.deepEqual([...positions([[[[1, 2], [3, 4]]]])], [[1, 2], [3, 4]]);
});

test("a click takes the nearest tag in reach, the alerted before the calm", () => {
  const tags = new TagStore();
  tags.apply(aFrame([{ id: 1, lon: 11, lat: 57 }, { id: 2, lon: 11.0004, lat: 57, state: 3 }, { id: 3, lon: 12, lat: 57 }]));
  const at = (lon: number, reach: number) => {
    const slot = nearestTag(tags, mercatorX(lon), mercatorY(57), reach / 360);
    return slot < 0 ? null : tags.ids[slot];
  };
  assert.equal(at(11, 0.001), 2);
  assert.equal(at(11, 0.0003), 1);
  assert.equal(at(11.5, 0.001), null);
});

test("zones that have not changed are fetched by their tag and handed on to nobody", async (t) => {
  const asked: (string | null)[] = [];
  t.mock.method(globalThis, "fetch", async (_: string, { headers }: { headers: Record<string, string> }) => {
    asked.push(headers["If-None-Match"] ?? null);
    if (headers["If-None-Match"]) return new Response(null, { status: 304 });
    return new Response('{"type":"FeatureCollection","features":[{}]}', { headers: { ETag: '"v1"' } });
  });
  const heard: string[] = [];
  const sources = new MapSources((part) => heard.push(part));
  sources.on((part) => heard.push(`second ${part}`));
  for (let n = 0; n < 2; n += 1) {
    sources.load(["zones"]);
    for (let turn = 0; turn < 9; turn += 1) await new Promise((done) => setImmediate(done));
  }
  assert.deepEqual(asked, [null, '"v1"']);
  assert.deepEqual(heard, ["zones", "second zones"]);
  assert.equal(sources.zones.features.length, 1);
  sources.stop();
});

test("on a fine screen the map's words, rings and zone lines grow, and the streets keep their width", () => {
  const words = { id: "w", type: "symbol", source: "labels", layout: { "text-size": ["interpolate", ["linear"], ["zoom"], 13, 12, 16, 14] } } as never;
  const dots = { id: "d", type: "circle", source: "breaches", paint: { "circle-radius": 4, "circle-stroke-width": 2 } } as never;
  const edge = { id: "z", type: "line", source: "zones", paint: { "line-width": 2.5 } } as never;
  const street = { id: "s", type: "line", source: "basemap", paint: { "line-width": 2 } } as never;
  const [larger, rings, zone, same] = [words, dots, edge, street].map((layer) => enlarged(layer, 1.5) as never as { layout: Record<string, unknown>; paint: Record<string, unknown> });
  assert.deepEqual(larger!.layout["text-size"], ["interpolate", ["linear"], ["zoom"], 13, 18, 16, 21]);
  assert.deepEqual(rings!.paint, { "circle-radius": 6, "circle-stroke-width": 3 });
  assert.equal(zone!.paint["line-width"], 3.75);
  assert.equal(same!.paint["line-width"], 2);
});
