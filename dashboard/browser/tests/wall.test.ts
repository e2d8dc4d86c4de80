import type { Feature } from "geojson";
import assert from "node:assert/strict";
import { test } from "node:test";
import { Plans } from "../src/live/plans.ts";
import { TagStore } from "../src/live/tags.ts";
import { attentionOf, faintPaint, litLayers, litTags, litZones } from "../src/map/attention.ts";
import { FAINT_BIT, STALE_BIT, TagRecords } from "../src/map/records.ts";
import { ringsOf } from "../src/map/rings.ts";
import { sceneOf } from "../src/map/wall_camera.ts";
import { cardsOf } from "../src/wall/cards.ts";
import {
  closestZoom,
  COUNT_ARCMIN,
  DEFAULT_SCREEN,
  fontPx,
  isLight,
  pitchMm,
  READ_ARCMIN,
  readScreen,
  shiftOf,
  wallFactor,
  written,
} from "../src/wall/screen.ts";
import { aFrame, anAlert, NOW_S } from "./makers.ts";

const UHD = [3840, 2160] as const;

test("signs are as large as the table says: screen, distance, 16' and 22'", () => {
  const cases: [number, readonly [number, number], number, number, number][] = [
    [55, UHD, 5, 101, 139],
    [65, UHD, 3, 51, 70],
    [65, UHD, 5, 85, 117],
    [65, UHD, 8, 137, 188],
    [86, UHD, 5, 65, 89],
    [55, [1920, 1080], 8, 81, 111],
  ];
  for (const [inches, [width, height], metres, read, count] of cases) {
    const pitch = pitchMm(inches, width, height);
    const found = [READ_ARCMIN, COUNT_ARCMIN].map((arcmin) => Math.round(fontPx(arcmin, metres, pitch)));
    assert.ok(Math.abs(found[0]! - read) <= 1 && Math.abs(found[1]! - count) <= 1, `${inches}" ${metres} m: ${found}`);
  }
  assert.ok(Math.abs(wallFactor(5, pitchMm(65, ...UHD)) - 85 / 28) < 0.05);
});

test("a cookie that no set-up wrote is not believed", () => {
  const screen = { inches: 65, metres: 5.5, lightFrom: "07:00", lightTo: "19:30" };
  assert.deepEqual(readScreen(written(screen)), screen);
  for (const odd of ["", "65_5", "65_5_7:00_19:00", "65_5_07:00_24:00", "9_5_07:00_19:00", "65_31_07:00_19:00", "x_5_07:00_19:00", "65_5_07:00_19:00_1"]) {
    assert.equal(readScreen(odd), null, odd);
  }
});

test("the room is light from the first minute to before the last, also past midnight, and never without hours", () => {
  const day = { ...DEFAULT_SCREEN, lightFrom: "07:00", lightTo: "19:00" };
  const night = { ...DEFAULT_SCREEN, lightFrom: "22:00", lightTo: "06:00" };
  const moments = ["05:59", "06:00", "07:00", "18:59", "19:00", "22:00"];
  assert.deepEqual(moments.map((at) => isLight(day, at)), [false, false, true, true, false, false]);
  assert.deepEqual(moments.map((at) => isLight(night, at)), [true, false, false, false, false, true]);
  assert.equal(isLight(DEFAULT_SCREEN, "12:00"), false);
});

test("the picture steps aside by one pixel every ten minutes, and comes back", () => {
  assert.deepEqual([0, 599, 600, 1200, 1800, 2400].map(shiftOf), [[0, 0], [0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]);
});

test("a wall frames no closer than 1:5,000, wherever and however fine its pixels", () => {
  for (const [lat, pitch] of [[0, 0.375], [57.7, 0.375], [57.7, 0.634]] as const) {
    const metresPerPx = (40_075_016.7 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** closestZoom(lat, pitch));
    assert.ok(Math.abs((metresPerPx * 1000) / pitch - 5000) < 1);
  }
});

const first = anAlert({ alert_id: 1, activation_id: 7, zone_id: 3, case_code: "0142" });
const sameTag = anAlert({ alert_id: 2, activation_id: 7, zone_id: null, case_code: "0142" });
const other = anAlert({ alert_id: 3, activation_id: 8, zone_id: 4, case_code: "0077" });
const second = anAlert({ alert_id: 4, activation_id: 9, priority: 2, case_code: "0203" });

test("the large map shows the first P1, the inset the next of another tag; P2 only while there is no P1", () => {
  assert.deepEqual(sceneOf([first, sameTag, other, second]), { main: [first], second: other });
  assert.deepEqual(sceneOf([first, sameTag, second]), { main: [first], second: null });
  assert.deepEqual(sceneOf([second]), { main: [second], second: null });
  assert.deepEqual(sceneOf([{ ...first, cleared_at: first.raised_at }, { ...second, priority: 3 }]), { main: [], second: null });
});

test("a wall without room for all makes fewer large, then shows fewer, and never none", () => {
  const open = [1, 2, 3].map((alert_id) => ({ ...other, alert_id }));
  const shape = (tightness: number) => cardsOf(open, NOW_S, tightness).map((card) => card.isGrown);
  assert.deepEqual([0, 1, 5, 99].map(shape), [[true, true, false], [true, false, false], [true, false], [true]]);
});

test("while a first alert holds, all but its case and the selected one are faint; nobody is without one", () => {
  const codes: [number, string][] = [[7, "0142"], [70, "0142"], [8, "0077"], [9, "0203"], [90, "0203"]];
  assert.equal(attentionOf([second, { ...first, cleared_at: first.raised_at }]), null);
  assert.equal(litTags(null, 9, codes), null);
  const attention = attentionOf([first, second]);
  assert.deepEqual([...litTags(attention, null, codes)!], [7, 70]);
  assert.deepEqual([...litTags(attention, 9, codes)!], [7, 9, 70, 90]);
  const layer = { id: "zones-inactive", type: "line", source: "zones", paint: { "line-opacity": 0.4 } } as const;
  assert.deepEqual(faintPaint(layer, false), ["line-opacity", 0.4]);
  assert.deepEqual(faintPaint(layer, true), ["line-opacity", 0.4 * 0.4]);
  assert.equal(faintPaint({ id: "ground", type: "background" }, true), null);
  assert.deepEqual(litLayers([layer]), [
    { ...layer, id: "zones-inactive-lit", source: "lit-zones", filter: ["all", ["==", ["get", "is_lit"], true]] },
  ]);
});

test("zones of the cases at hand keep their colour with their buffers; a wall names those alone", () => {
  const zone = (zone_id: number, case_code: string, role: string): Feature => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: [0, 0] },
    properties: { zone_id, case_code, role },
  });
  const zones = {
    type: "FeatureCollection" as const,
    features: [zone(1, "0142", "zone"), zone(1, "0142", "buffer"), zone(2, "0077", "zone"), zone(3, "0203", "zone")],
  };
  const attention = { codes: new Set(["0142"]), tags: new Set<number>(), zones: new Set<number>() };
  const found = (...given: Parameters<typeof litZones>) =>
    litZones(...given).features.map(({ properties }) => [properties!["zone_id"], properties!["is_lit"], properties!["is_named"]]);
  assert.deepEqual(found(zones, null, 2, null), []);
  assert.deepEqual(found(zones, attention, 2, null), [[1, true, true], [1, true, true], [2, true, true]]);
  assert.deepEqual(found(zones, attention, null, new Set([3])), [[1, true, false], [1, true, false], [3, false, true]]);
  assert.deepEqual(found(zones, null, null, new Set([3])), [[3, false, true]]);
});

test("a tag is stale when three planned reports have not come, three minutes at least", () => {
  const tags = new TagStore();
  tags.apply(aFrame([{ id: 1, fixedAtS: NOW_S - 181 }, { id: 2, fixedAtS: NOW_S - 900 }, { id: 3, fixedAtS: NOW_S - 901 }, { id: 4 }]));
  const plans = new Plans();
  plans.hear({ 1: { report_every_s: 30 }, 2: { report_every_s: 300 }, 3: { report_every_s: 300 } });
  const limits = plans.limitsOf(tags);
  const records = new TagRecords();
  records.fill(tags, { selectedId: null, nowS: NOW_S, limits, lit: new Set([1]) });
  const flags = [0, 1, 2, 3].map((row) => records.calmBytes[row * 16 + 14]!);
  assert.deepEqual(flags, [STALE_BIT, FAINT_BIT, FAINT_BIT | STALE_BIT, FAINT_BIT]);
  // A newcomer, and a plan that came later.
  tags.apply(aFrame([{ id: 5, fixedAtS: NOW_S - 400 }], 1));
  assert.equal(plans.limitsOf(tags)[4], 300);
  plans.hear({ 5: { report_every_s: 200 } });
  assert.equal(plans.limitsOf(tags)[4], 600);
});

test("a silent tag's possible place grows on foot, and fainter by car; a calm one that speaks has no ring", () => {
  const tags = new TagStore();
  tags.apply(aFrame([{ id: 1, fixedAtS: NOW_S - 600, radius: 10 }, { id: 2, fixedAtS: NOW_S }]));
  const tokens = { text: "#ffffff", p1: "#ff0000", p2: "#ffff00", victim: "#0000ff" } as Parameters<typeof ringsOf>[1];
  const wishes = { nowS: NOW_S, limits: Float32Array.from([180, 180]), selectedId: null, isAlerted: (id: number) => id === 1, lit: null };
  const [error, walk, car, ...more] = ringsOf(tags, tokens, wishes);
  assert.equal(more.length, 0);
  assert.ok(Math.abs(walk!.radius / error!.radius - (10 + 1.4 * 600) / 10) < 1e-6);
  assert.ok(car!.radius > walk!.radius && car!.alpha < walk!.alpha);
});

test("nothing comes in when six reports in a row that any tag owed are missing, a minute at least", () => {
  const plans = new Plans();
  assert.equal(plans.allSilentAfterS(), Infinity);
  plans.hear({ 1: { report_every_s: 300 } });
  assert.equal(Math.round(plans.allSilentAfterS()), 1800);
  plans.hear({ 1: { report_every_s: 300 }, 2: { report_every_s: 300 } });
  assert.equal(Math.round(plans.allSilentAfterS()), 900);
  plans.hear(Object.fromEntries(Array.from({ length: 3000 }, (_, id) => [id, { report_every_s: 300 }])));
  assert.equal(plans.allSilentAfterS(), 60);
});
