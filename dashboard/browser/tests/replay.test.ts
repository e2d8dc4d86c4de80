import assert from "node:assert/strict";
import { test } from "node:test";
import { FRESH, readAddress, writeAddress } from "../src/replay/address.ts";
import { ReplayClock } from "../src/replay/clock.ts";
import { herWords, leftS, nearestPlace } from "../src/replay/hers.ts";
import { jumpFrom, quietOf, skipAt } from "../src/replay/jumps.ts";
import { replayKey, REPLAY_KEYS } from "../src/replay/keys.ts";
import { zoomed } from "../src/replay/window.ts";
import { groundOf, levelFor, levelsOf, pairRange, pairsOf } from "../src/replay/lines.ts";
import type { Loaded, ReplayModel, ZoneVersion } from "../src/replay/model.ts";
import { exhibitOf } from "../src/replay/on_paper.ts";
import { speedClass } from "../src/replay/ramp.ts";
import { markerAt } from "../src/replay/shown.ts";
import { fullIn, lastingWords, momentOf } from "../src/replay/times.ts";
import { Track } from "../src/replay/track.ts";
import { versionsAt, zonesKey } from "../src/replay/zones.ts";

const T0 = Date.parse("2026-06-20T00:00:00Z") / 1000;

interface Fix {
  t: number;
  north?: number;
  flags?: number;
  mps?: number;
}

/** A track as the server packs it (layers/replay.py), one minute a fix, gaps above 180 s. */
function aTrack(fixes: Fix[], total = fixes.length): Track {
  const n = fixes.length;
  const buffer = new ArrayBuffer(96 + n * 33);
  const head = new DataView(buffer);
  "VTRK".split("").forEach((letter, at) => head.setUint8(at, letter.charCodeAt(0)));
  head.setUint32(4, 1, true);
  head.setUint32(8, n, true);
  head.setUint32(12, 60, true);
  head.setFloat64(16, T0, true);
  head.setFloat32(24, 180, true);
  head.setUint32(28, 1 | 2 | 4 | 8 | 64 | 128, true);
  head.setUint8(32, 0xab);
  head.setFloat64(64, T0, true);
  head.setFloat64(72, T0 + 86_400, true);
  head.setUint32(80, total, true);
  fixes.forEach((fix, i) => {
    head.setFloat64(96 + 8 * i, fix.t, true);
    head.setInt32(96 + 8 * n + 4 * i, 119_600_000, true);
    head.setInt32(96 + 12 * n + 4 * i, Math.round((57.7 + (fix.north ?? 0) / 111_195) * 1e7), true);
    head.setFloat32(96 + 16 * n + 4 * i, 12, true);
    head.setFloat32(96 + 20 * n + 4 * i, fix.mps ?? Number.NaN, true);
    head.setUint16(96 + 24 * n + 2 * i, 65_535, true);
    head.setUint16(96 + 26 * n + 2 * i, fix.flags ?? 0, true);
    head.setUint8(96 + 31 * n + i, 255);
    head.setUint8(96 + 32 * n + i, 80);
  });
  return new Track(buffer);
}

const loaded = (track: Track, stops: [number, number][] = []): Loaded =>
  ({
    track,
    lanes: { lanes: [], trips: [], stops: stops.map(([from_s, to_s]) => ({ from_s, to_s, lon: 0, lat: 0, place: "place A" })) },
  }) as unknown as Loaded;

test("after ten minutes at 60 times the clock is right to within one picture", () => {
  const clock = new ReplayClock();
  clock.setPeriod(T0, T0 + 86_400, T0);
  clock.setSpeed(60, 0);
  clock.play(1000);
  // Pictures come when they come: late, uneven, some not at all.
  let nowMs = 1000;
  let seed = 7;
  while (nowMs < 601_000) {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    nowMs += 4 + (seed % 250);
    clock.at(nowMs);
  }
  assert.equal(clock.at(601_000), T0 + 36_000);
  assert.ok(Math.abs(clock.at(601_000 + 1000 / 60) - (T0 + 36_000)) <= 60 / 60 + 1e-6);
});

test("another speed, a seek and a pause keep the instant", () => {
  const clock = new ReplayClock();
  clock.setPeriod(T0, T0 + 86_400, T0 + 100);
  clock.play(0);
  clock.setSpeed(600, 1000);
  assert.equal(clock.at(1000), T0 + 130);
  assert.equal(clock.at(2000), T0 + 730);
  clock.seek(T0 + 5000, 2000);
  assert.equal(clock.at(2500), T0 + 5300);
  clock.play(2500, -1);
  assert.equal(clock.at(3500), T0 + 4700);
  clock.pause(3500);
  assert.equal(clock.at(99_999), T0 + 4700);
  clock.setSpeed(5000, 99_999);
  assert.equal(clock.speed, 600);
});

test("the clock stops at the ends of the period, and play begins again", () => {
  const clock = new ReplayClock();
  clock.setPeriod(T0, T0 + 60, T0 + 59);
  clock.play(0);
  assert.equal(clock.at(60_000), T0 + 60);
  assert.ok(clock.isAtEnd(60_000));
  clock.play(60_000);
  assert.equal(clock.at(60_000), T0);
});

test("exactly the limit is no gap, more is one, and no line crosses it at any level of detail", () => {
  const track = aTrack([{ t: 0 }, { t: 180, north: 1 }, { t: 361, north: 9000 }, { t: 421, north: 9001 }]);
  assert.deepEqual(track.gaps, [{ fromS: T0 + 180, toS: T0 + 361, place: 1 }]);
  for (const level of levelsOf(track, groundOf(track))) {
    for (let at = 0; at < level.pairs.length; at += 2) {
      const [from, to] = [level.pairs[at]!, level.pairs[at + 1]!];
      assert.ok(!(from <= 1 && to >= 2), `a line from ${from} to ${to}`);
    }
    assert.deepEqual(Array.from(level.pairs), [0, 1, 2, 3]);
  }
});

test("over random tracks no pair spans a gap, a coarse fix or a doubted one, and runs keep their ends", () => {
  let seed = 3;
  const next = (most: number) => (seed = (seed * 16_807) % 2_147_483_647) % most;
  const fixes: Fix[] = [];
  let t = 0;
  for (let i = 0; i < 3000; i++) {
    t += next(40) === 0 ? 181 + next(900) : 20 + next(100);
    fixes.push({ t, north: next(3000), flags: [0, 0, 0, 0, 0, 0, 32, 8][next(8)]! });
  }
  const track = aTrack(fixes);
  const ground = groundOf(track);
  for (const tolerance of [0, 2e-6, 2e-5]) {
    const pairs = pairsOf(track, ground.xy, tolerance);
    for (let at = 0; at < pairs.length; at += 2) {
      for (let place = pairs[at]!; place < pairs[at + 1]!; place++) assert.ok(track.isJoined(place));
    }
    const ends = new Set(pairs);
    for (let place = 1; place < track.places.length - 1; place++) {
      if (track.isJoined(place - 1) && !track.isJoined(place)) assert.ok(ends.has(place));
    }
  }
});

test("between fixes the marker stays on the last one; a glide moves it, and never over a gap", () => {
  const track = aTrack([{ t: 0 }, { t: 60, north: 100 }, { t: 600, north: 900 }]);
  const it = loaded(track);
  assert.equal(track.placeAt(T0 - 1), -1);
  assert.equal(track.placeAt(T0 + 59.9), 0);
  assert.equal(track.placeAt(T0 + 60), 1);
  assert.deepEqual(markerAt(it, 0, T0 + 30, false), track.mercator(0));
  const half = markerAt(it, 0, T0 + 30, true)[1];
  assert.ok(Math.abs(half - (track.mercator(0)[1] + track.mercator(1)[1]) / 2) < 1e-12);
  assert.deepEqual(markerAt(it, 1, T0 + 300, true), track.mercator(1));
  assert.equal(track.gapAt(T0 + 300)?.toS, T0 + 600);
  assert.equal(track.gapAt(T0 + 600), null);
});

test("a tail is the lines between two places and no more", () => {
  const track = aTrack(Array.from({ length: 10 }, (_, i) => ({ t: 60 * i, north: 100 * i })));
  const pairs = pairsOf(track, groundOf(track).xy, 0);
  const [first, end] = pairRange(pairs, 3, 6);
  assert.deepEqual(Array.from(pairs.slice(first, end)), [3, 4, 4, 5, 5, 6]);
  const levels = levelsOf(track, groundOf(track));
  assert.equal(levelFor(levels, 18), 0);
  assert.ok(levelFor(levels, 8) > levelFor(levels, 14));
});

test("a speed the device did not say is worked out, and not over a gap", () => {
  const track = aTrack([{ t: 0, mps: 3 }, { t: 100, north: 1000 }, { t: 900, north: 1000 }]);
  assert.equal(track.speedMps[0], 3);
  assert.ok(Math.abs(track.speedMps[1]! - 10) < 0.05);
  assert.ok(Number.isNaN(track.speedMps[2]!));
  assert.deepEqual([0.1, 1.5, 5, 10, 30, Number.NaN].map(speedClass), [0, 1, 2, 3, 4, 5]);
});

test("doubted fixes are kept, and are no places", () => {
  const track = aTrack([{ t: 0 }, { t: 60, flags: 8, north: 90_000 }, { t: 120, north: 1 }]);
  assert.deepEqual(Array.from(track.places), [0, 2]);
  assert.deepEqual(Array.from(track.doubted), [1]);
  assert.ok(track.isJoined(0));
  assert.equal(track.dataset.slice(0, 4), "ab00");
});

test("times are the room's and UTC's, and on both nights of the clocks' change", () => {
  assert.equal(fullIn("Europe/London", T0), "2026-06-20 01:00:00 BST (+01:00)");
  assert.equal(fullIn("UTC", T0 + 0.9), "2026-06-20 00:00:00 UTC (+00:00)");
  const twice = Date.parse("2026-10-25T00:30:00Z") / 1000;
  assert.equal(fullIn("Europe/London", twice), "2026-10-25 01:30:00 BST (+01:00)");
  assert.equal(fullIn("Europe/London", twice + 3600), "2026-10-25 01:30:00 GMT (+00:00)");
  assert.equal(momentOf("2026-10-25 01:30", "Europe/London", 0), twice);
  assert.equal(momentOf("2026-10-25 01:30:00+00:00", "Europe/London", 0), twice + 3600);
  assert.equal(momentOf("2026-03-29 01:30", "Europe/London", 0), null);
  assert.equal(momentOf("03:14", "Europe/London", T0), T0 + 2 * 3600 + 14 * 60);
  assert.equal(momentOf("nonsense", "Europe/London", T0), null);
  assert.deepEqual([38, 2520, 8040, 90_000, 200_000].map(lastingWords), ["38 s", "42 min", "2 h 14 min", "25 h", "2 d 8 h"]);
});

test("the same link is the same view, and it names no place", () => {
  const view = {
    ...FRESH,
    activations: [12, 15],
    fromS: T0,
    toS: T0 + 3600,
    atS: T0 + 61.5,
    speed: 120,
    tailMin: 0,
    tab: "stops",
    inS: T0 + 10,
    isRaw: true,
    isFollowing: true,
    map: [1250, -340, 14.25] as [number, number, number],
    window: [T0, T0 + 600] as [number, number],
  };
  const address = writeAddress(view);
  assert.deepEqual(readAddress(address), view);
  assert.match(address, /^\?[a-z]+=[\w,.:+-]*(&[a-z]+=[\w,.:+-]*)*$/);
  assert.deepEqual(readAddress("?activation=7&at=1970-01-01T00:00:10Z"), { ...FRESH, activations: [7], atS: 10 });
  assert.deepEqual(readAddress("?a=x,-1,1.5,7"), { ...FRESH, activations: [7] });
});

test("jumps go to the next of their kind, and quiet is skipped with its words", () => {
  const it = loaded(aTrack([{ t: 0 }, { t: 60 }, { t: 4000 }, { t: 4060 }]), [[T0 + 5000, T0 + 9000]]);
  const moments = [
    { atS: 10, kind: "event" as const, words: "", lastsS: null },
    { atS: 20, kind: "stop" as const, words: "", lastsS: null },
    { atS: 30, kind: "event" as const, words: "", lastsS: null },
  ];
  assert.equal(jumpFrom(moments, "event", 10, 1)?.atS, 30);
  assert.equal(jumpFrom(moments, "event", 30, -1)?.atS, 10);
  assert.equal(jumpFrom(moments, "gap", 0, 1), null);
  const quiet = quietOf(it);
  assert.equal(skipAt(quiet, T0 + 61), null);
  assert.deepEqual(skipAt(quiet, T0 + 100), { toS: T0 + 3980, words: "skipped 65 min: no signal" });
  assert.equal(skipAt(quiet, T0 + 6000)?.words, "skipped 50 min: still");
});

test("a zone is drawn in the version of that moment, half-open", () => {
  const version = (id: number, fromS: number, toS: number): ZoneVersion => ({
    features: [{ type: "Feature", properties: { zone_version_id: id }, geometry: { type: "Point", coordinates: [0, 0] } }],
    fromS,
    toS,
    open: [[fromS, Math.min(toS, fromS + 10)]],
  });
  const versions = [version(1, 0, 100), version(2, 100, Infinity)];
  assert.deepEqual(versionsAt(versions, 99.9).map((each) => each.fromS), [0]);
  assert.deepEqual(versionsAt(versions, 100).map((each) => each.fromS), [100]);
  assert.equal(zonesKey(versions, 105), "2+");
  assert.equal(zonesKey(versions, 111), "2-");
});

test("each key of the replay does one thing, and Ctrl leaves them to the page", () => {
  const press = (key: string, held: Partial<KeyboardEvent> = {}) =>
    replayKey({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...held });
  assert.equal(press("N", { shiftKey: true })?.words, "event before");
  assert.equal(press(" ")?.words, "play, pause");
  assert.equal(press("k", { ctrlKey: true }), null);
  assert.equal(press("q"), null);
  const keys = REPLAY_KEYS.flatMap((entry) => entry.keys);
  assert.equal(new Set(keys).size, keys.length);
});

test("the lanes' window zooms about the pointer and never leaves the period", () => {
  const nearer = zoomed([0, 1000], [0, 1000], 0.5, -200, 0)!;
  assert.ok(Math.abs((nearer[0] + nearer[1]) / 2 - 500) < 1e-9 && nearer[1] - nearer[0] < 1000);
  assert.equal(zoomed(nearer, [0, 1000], 0.5, 5000, 0), null);
  assert.deepEqual(zoomed([0, 500], [0, 1000], 0, 0, -1), [0, 500]);
});

test("where places stand for runs of fixes, the server says what is a gap", () => {
  const fixes = [{ t: 0 }, { t: 900, north: 5, flags: 16_384 }, { t: 2000, north: 9 }];
  assert.deepEqual(aTrack(fixes, 5000).gaps, [{ fromS: T0 + 900, toS: T0 + 2000, place: 1 }]);
  assert.ok(aTrack(fixes, 5000).isJoined(0));
  assert.equal(aTrack(fixes).gaps.length, 2);
});

const CHOIR = { number: 3, name: "Choir", lon: 11.96, lat: 57.701, radius_m: 40, due: [[T0 + 60, T0 + 120] as [number, number]] };
const HOME = { number: 1, name: "Home", lon: 11.96, lat: 57.7, radius_m: 40, due: [] };

test("the place that counts is where she is due, however near another one is", () => {
  assert.equal(nearestPlace([HOME, CHOIR], T0 + 60, 11.96, 57.7)?.place.name, "Choir");
  assert.equal(nearestPlace([HOME, CHOIR], T0 + 120, 11.96, 57.7)?.place.name, "Home");
  assert.equal(nearestPlace([], T0, 11.96, 57.7), null);
});

test("masked facts say that they are, shown ones say due, metres and both errors", () => {
  const fix = aTrack([{ t: 0 }]).facts(0);
  const at = (hers: unknown) => ({ hers, timeZone: "UTC", nowS: () => T0 + 60 }) as ReplayModel;
  assert.deepEqual(herWords(at([{ case_code: "0311", masked: "Masked." }]), fix), [["To her place", "Masked."]]);
  const shown = [{ case_code: "0311", masked: "", left_s: 41, places: [HOME, CHOIR] }];
  assert.deepEqual(herWords(at(shown), fix), [
    ["Her week", "due at 3 Choir until 00:02"],
    ["To her place", "111 m ±42 m"],
  ]);
  assert.equal(leftS(shown), 41);
  assert.equal(leftS([{ case_code: "0311", masked: "Masked." }]), null);
});

test("a picture for paper says instant, fix, zones and hashes, and nothing of her", () => {
  const track = aTrack([{ t: 0 }, { t: 60 }]);
  const about = { kind: "tag", serial: "T-1", case_codes: ["0311"] };
  const first = { about, track, near: null, lanes: { lanes: [], stops: [], trips: [] } };
  const model = {
    first,
    loaded: [first],
    zones: [],
    hers: [{ case_code: "0311", masked: "", left_s: 41, places: [CHOIR] }],
    hashes: new Map([["zones, T-1", "ff"], ["lanes, T-1", "ee"]]),
    view: { ...FRESH, fromS: T0, toS: T0 + 600 },
    timeZone: "Europe/London",
    nowS: () => T0 + 61,
  } as unknown as ReplayModel;
  const paper = exhibitOf(model, { isDemo: true, thanks: "" });
  assert.equal(paper.title, "Replay, case 0311");
  assert.match(paper.notes![0]!, /^tag T-1: fix 2 of 2 at 2026-06-20 01:01:00 BST \(\+01:00\), age 0:01; .*±12 m/);
  assert.equal(paper.times[0]!.unixS, T0 + 61);
  assert.deepEqual(paper.hashes.map((each) => each.words), ["fixes, T-1", "zones, T-1"]);
  assert.ok(!JSON.stringify(paper).includes("Choir"));
  // The lanes are under the map; their hash names them unless what they hold of her was left out.
  const masked = { ...model, hers: [], nowS: () => T0 + 61 } as unknown as ReplayModel;
  assert.deepEqual(exhibitOf(masked, { isDemo: true, thanks: "" }).hashes.map((each) => each.words), ["fixes, T-1", "zones, T-1", "lanes, T-1"]);
});
